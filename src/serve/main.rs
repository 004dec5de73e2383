//! The `lisa-serve` program.

use std::process::ExitCode;

use lisa_service::{Flag, Program};

const FLAGS: &[Flag] = &[
    Flag {
        name: "--local",
        value: "",
        about: "Serve on 127.0.0.1 with built-in fixture models and a key of its own; no AWS",
    },
    Flag {
        name: "--data",
        value: "DIR",
        about: "With --local: keep the key's hash there, so that the key lasts",
    },
    Flag {
        name: "--litellm",
        value: "FILE",
        about: "With --local: a litellmConfig as JSON, with models and options",
    },
    Flag {
        name: "--model",
        value: "NAME=URL",
        about: "With --local: a server that speaks OpenAI's protocol; may be repeated",
    },
];

/// It gives memory back after a burst, which the C library's keeps.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "Serves LISA's OpenAI-compatible API and routes its requests to models.",
    };
    lisa_service::run_with(program, FLAGS, lisa_serve::start)
}
