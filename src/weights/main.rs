//! The `lisa-weights` program.

use std::process::ExitCode;

use lisa_service::Program;

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "Copies a model's weights from S3 to a disk, whole or not at all, and ends.",
    };
    lisa_service::run(program, async |environment| lisa_weights::start(&environment).await)
}
