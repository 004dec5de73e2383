//! The `lisa-rag` program.

use std::process::ExitCode;

use lisa_service::Program;

fn main() -> ExitCode {
    // The worker starts this program once more for each file that it reads.
    if lisa_rag::reader::serve() {
        return ExitCode::SUCCESS;
    }
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "Serves LISA's repositories, documents and search, and ingests documents.",
    };
    lisa_service::run(program, async |environment| lisa_rag::start(&environment).await)
}
