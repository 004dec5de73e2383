//! The tasks of the house, as `cargo xtask <task>`: parses the command line and hands over to the task.

mod bench;
mod dist;
mod fuzz;
mod regen;
mod say;
mod test;
mod tidy;
mod tools;
mod web;
mod workspace;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Generate, check, provision, test, fuzz and measure this repository
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write every generated file, or check that none is stale
    Regen(regen::Args),
    /// Check the layout: format, headers, sizes, layers, dependencies, licences, forgotten files
    Tidy(tidy::Args),
    /// Install the pinned tools that the tests run
    Tools(tools::Args),
    /// Install the tools, then run every test
    Test(test::Args),
    /// Build the web page
    Web(web::Args),
    /// Build what a release consists of and lay it out
    Dist(dist::Args),
    /// Feed the front end texts that a fuzzer makes
    Fuzz(fuzz::Args),
    /// Measure the speed and size of the release build against the budgets
    Bench(bench::Args),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let cli = Cli::parse();
    let workspace = Workspace::locate()?;
    match cli.task {
        Task::Regen(args) => regen::run(&workspace, &args),
        Task::Tidy(args) => tidy::run(&workspace, &args),
        Task::Tools(args) => tools::run(&workspace, &args).map(|_| ()),
        Task::Test(args) => test::run(&workspace, &args),
        Task::Web(args) => web::run(&workspace, &args),
        Task::Dist(args) => dist::run(&workspace, &args),
        Task::Fuzz(args) => fuzz::run(&workspace, &args),
        Task::Bench(args) => bench::run(&workspace, &args),
    }
}
