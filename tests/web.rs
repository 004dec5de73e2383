//! The web page: its sources hold together, it asks nobody else for anything, and it works in a browser.
//!
//! What is tested here is written in TypeScript, beside the page, in `src/web/tests` and `src/web/e2e`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod browser;
mod built;
mod sources;

use std::path::PathBuf;
use std::process::Command;

use lisa_testkit::{Tool, repository};

/// A program of the page's packages.
fn script(program: &str) -> PathBuf {
    let script = repository::path("src/web/node_modules").join(program);
    assert!(script.is_file(), "`{}` is not installed; run `cargo xtask tools`", script.display());
    script
}

/// Runs a program of the page's packages.
fn run(program: &str, arguments: &[&str]) {
    ran(Tool::Node.command().unwrap().arg(script(program)).args(arguments));
}

/// Runs a command in the page's folder; what it says is shown where it fails.
fn ran(command: &mut Command) {
    let output = command.current_dir(repository::path("src/web")).output().unwrap();
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        panic!("{command:?} failed:\n{}", String::from_utf8_lossy(&said));
    }
}
