//! The `lisa-local` program.

use std::process::ExitCode;

use lisa_service::Program;

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "Runs all of LISA on this machine: gateway, models, sessions, documents and the page.",
    };
    lisa_service::run_with(program, lisa_local::FLAGS, lisa_local::start)
}
