//! The `lisa-models` program.

use std::process::ExitCode;

use lisa_service::Program;

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "Serves the model-management API of LISA, and runs the tasks of the models' workflows.",
    };
    lisa_service::run(program, async |environment| lisa_models::start(&environment).await)
}
