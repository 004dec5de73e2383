//! The guides in `examples/guides` keep their word: every `bash` block runs, with the page's files beside it, and what
//! stands in an `sh` block needs an account, a deployment or a server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod page;

use std::fs;

use lisa_testkit::repository;

use crate::guides::page::{Block, Page};

/// Commands that need what a test run does not have. Any other belongs into a `bash` block, which is run.
const NEEDS_A_WORLD: [&str; 16] = [
    "curl",
    "lisa bundle",
    "lisa deploy",
    "lisa destroy",
    "lisa diff",
    "lisa doctor",
    "lisa local",
    "lisa logs",
    "lisa model add",
    "lisa model fit",
    "lisa model get",
    "lisa model list",
    "lisa model stage",
    "lisa rag",
    "lisa status",
    "lisa token",
];

fn pages() -> Vec<Page> {
    let entries = fs::read_dir(repository::path("examples/guides")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Page::read(path)).collect()
}

#[test]
fn every_command_that_can_run_here_does() {
    let mut commands = 0;
    for page in pages() {
        let ran = page.run();
        assert!(ran.failures.is_empty(), "{}:\n{}", page.name, ran.failures.join("\n"));
        commands += ran.commands;
    }
    assert!(commands >= 20, "{commands} commands in all: the blocks were not found");
}

#[test]
fn no_command_hides_from_being_run() {
    for page in pages() {
        for command in page.commands(Block::Told) {
            let is_known = NEEDS_A_WORLD
                .iter()
                .any(|known| command == *known || command.starts_with(&format!("{known} ")));
            assert!(is_known, "{}: `{command}` is not run; does it need an account?", page.name);
        }
    }
}

#[test]
fn every_guide_is_in_the_index_and_every_link_leads_somewhere() {
    let all = pages();
    let index = all.iter().find(|page| page.name == "README.md").unwrap();
    for page in &all {
        assert!(
            page.name == "README.md" || index.links().contains(&page.name),
            "{} is not in the index",
            page.name
        );
        for link in page.links().iter().filter(|link| !link.contains("://")) {
            assert!(
                repository::path("examples/guides").join(link).exists(),
                "{}: `{link}` leads nowhere",
                page.name
            );
        }
    }
}
