//! Conversations with the real command: its exit code, what it says where, and what it writes.
//!
//! A module per command; `configs` has every file of `tests/configs`. Each test runs in a directory of its own, with
//! an empty environment.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod build;
mod check;
mod completions;
mod configs;
mod deploy;
mod determinism;
mod diff;
mod graph;
mod help;
mod init;
mod list;
mod logs;
mod man;
mod model;
mod output;
mod project;
mod property;
mod rag;
mod schema;
mod synth;
mod validate;

/// A file that nobody lists is a test that nobody runs.
#[test]
fn every_file_is_a_module() {
    let folder = lisa_testkit::repository::path("tests/cli");
    let this = include_str!("cli.rs");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(this.contains(&format!("\nmod {name};\n")), "tests/cli.rs does not list `{name}`");
            files += 1;
        }
    }
    assert_eq!(files, this.lines().filter(|line| line.starts_with("mod ")).count());
}
