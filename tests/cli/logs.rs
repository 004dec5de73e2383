//! `lisa logs`.

use insta::assert_snapshot;

use crate::cli::project::Project;

#[test]
fn the_services_that_there_are() {
    assert_snapshot!(Project::minimal().lisa(&["logs"]));
}

#[test]
fn a_service_that_there_is_not() {
    assert_snapshot!(Project::minimal().lisa(&["logs", "chats"]));
}

#[test]
fn a_time_that_is_none() {
    let conversation = Project::minimal().lisa(&["logs", "serve", "--since", "yesterday"]);
    assert_eq!(conversation.exit, Some(2), "{conversation}");
    assert!(conversation.stderr.contains("such as `10m`"), "{conversation}");
}
