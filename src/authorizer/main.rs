//! The `lisa-authorizer` program.

use std::process::ExitCode;

use lisa_service::Program;

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "Tells API Gateway whether a caller of LISA's REST API is let in.",
    };
    lisa_service::run(program, lisa_authorizer::start)
}
