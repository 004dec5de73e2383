//! `lisa man`: a page for each command.

use crate::cli::project::Project;

#[test]
fn every_command_has_a_page() {
    let project = Project::empty();
    let conversation = project.lisa(&["man", "pages/man1"]);
    insta::assert_snapshot!(format!("{conversation}{}", project.files().join("\n")), @"");
    let page = project.read("pages/man1/lisa-synth.1");
    assert!(page.contains(".TH") && page.contains("Examples") && page.contains("no\\-check"), "{page}");
}

#[test]
fn a_directory_that_cannot_be_made_needs_action() {
    let project = Project::empty();
    project.write("pages", "a file");
    insta::assert_snapshot!(project.lisa(&["man", "pages"]), @"");
}
