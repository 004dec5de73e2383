//! The web page: its sources hold together, it asks nobody else for anything, and it works in a browser.
//!
//! What is tested here is written in TypeScript, beside the page, in `src/web/tests` and `src/web/e2e`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod browser;
mod built;
mod sources;

use std::process::Command;

use lisa_testkit::{Tool, repository};

/// Runs a program of the page's packages in its folder; what it says is shown where it fails.
fn run(program: &str, arguments: &[&str], environment: &[(&str, &str)]) {
    let folder = repository::path("src/web");
    let script = folder.join("node_modules").join(program);
    assert!(script.is_file(), "`{}` is not installed; run `cargo xtask tools`", script.display());
    let mut command: Command = Tool::Node.command().unwrap();
    command.current_dir(&folder).arg(script).args(arguments).envs(environment.iter().copied());
    let output = command.output().unwrap();
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        panic!("`{program} {}` failed:\n{}", arguments.join(" "), String::from_utf8_lossy(&said));
    }
}
