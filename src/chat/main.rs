//! The `lisa-chat` program.

use std::process::ExitCode;

use lisa_service::Program;

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "Serves LISA's sessions, projects, prompt templates, preferences, configuration and API tokens.",
    };
    lisa_service::run(program, async |environment| lisa_chat::start(&environment).await)
}
