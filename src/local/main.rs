//! The `lisa-local` program.

use std::process::ExitCode;

use lisa_service::Program;

fn main() -> ExitCode {
    // Documents are read by this program once more, a process for each.
    if lisa_rag::reader::serve() {
        return ExitCode::SUCCESS;
    }
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "Runs all of LISA on this machine: gateway, models, sessions, documents and the page.",
    };
    lisa_service::run_with(program, lisa_local::FLAGS, lisa_local::start)
}
