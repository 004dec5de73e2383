//! `cargo xtask test`: provisions the tools, then runs every test of the workspace.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::workspace::{Workspace, execute};
use crate::{say, tools};

/// Arguments of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Passed to the test runner, for example a part of a test's name
    #[arg(last = true, value_name = "ARG")]
    runner: Vec<String>,
}

/// Runs documentation tests, then all others, so that the closing line is the runner's summary.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let tools = tools::run(workspace, &tools::Args::MISSING)?;
    if args.runner.is_empty() {
        execute(&mut cargo(workspace, &tools, &["test", "--workspace", "--doc", "--locked", "--quiet"]))?;
    }
    let has_nextest = workspace.output("cargo", &["nextest", "--version"]).is_ok();
    let runner: &[&str] = if has_nextest {
        &["nextest", "run", "--workspace", "--locked"]
    } else {
        say::line(
            "note: cargo-nextest is missing, so `cargo test` runs instead, slower and without time limits;",
        );
        say::line("      `cargo install --locked cargo-nextest` brings it");
        &["test", "--workspace", "--locked", "--lib", "--bins", "--tests"]
    };
    execute(cargo(workspace, &tools, runner).args(&args.runner))
}

fn cargo(workspace: &Workspace, tools: &Path, args: &[&str]) -> Command {
    let mut command = workspace.command("cargo", args);
    command.env(tools::DIRECTORY_VARIABLE, tools);
    // A failing test says what and where by itself; twenty frames of the test runner say nothing more.
    command.env("RUST_LIB_BACKTRACE", "0");
    command
}
