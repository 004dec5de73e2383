//! `lisa init`: conversations, flags alone, refusals; what it writes is always valid.

use insta::assert_snapshot;

use crate::cli::project::{Conversation, MINIMAL, Project};

/// The conversation and the file that came of it, which must be valid.
fn told(project: &Project, conversation: &Conversation) -> String {
    let validated = project.lisa(&["validate"]);
    assert_eq!(validated.exit, Some(0), "{conversation}\n{validated}");
    format!("{conversation}--- config.yaml\n{}", project.read("config.yaml"))
}

#[test]
fn defaults_and_what_has_none() {
    let project = Project::empty();
    let conversation = project.lisa(&["init", "--yes", "--account", "111122223333", "--bucket", "my-models"]);
    assert_snapshot!(told(&project, &conversation), @"");
}

#[test]
fn flags_alone() {
    let project = Project::empty();
    let conversation = project.lisa(&[
        "init",
        "--yes",
        "--partition=aws-us-gov",
        "--region=us-gov-east-1",
        "--account=011122223333",
        "--name=demo",
        "--bucket=my-models",
        "--authority=https://login.example.com/realms/lisa",
        "--client-id=lisa",
        "--admin-group=admins",
        "--vpc=vpc-0123456789abcdef0",
        "--rag=pgvector",
        "--model=mistralai/Mistral-7B-Instruct-v0.2",
        "--embedding-model=intfloat/e5-large-v2",
    ]);
    assert_snapshot!(told(&project, &conversation), @"");
}

#[test]
fn every_partition_has_a_valid_default() {
    for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"] {
        let project = Project::empty();
        let index = "https://pypi.example.org/simple";
        let arguments = ["init", "--yes", "--account", "111122223333", "--bucket", "my-models", "--partition", partition];
        let isolated = partition.starts_with("aws-iso");
        let more: &[&str] = if isolated { &["--python-index", index] } else { &[] };
        let conversation = project.lisa(&[&arguments[..], more].concat());
        assert_eq!(conversation.exit, Some(0), "{partition}: {conversation}");
        assert_eq!(project.lisa(&["validate"]).exit, Some(0), "{partition}");
    }
}

#[test]
fn a_conversation_with_every_answer_by_default() {
    let project = Project::empty();
    let conversation = project.lisa_reading(&["init"], "\n\n111122223333\n\nmy-models\n\n\n\n\n");
    assert_snapshot!(told(&project, &conversation), @"");
}

#[test]
fn a_conversation_in_full() {
    let project = Project::empty();
    let answers = "aws-eusc\n\n111122223333\ndemo\nmy-models\nhttps://login.example.com\nlisa\nadmins\n\
                   vpc-0123456789abcdef0\nopensearch\nmistralai/Mistral-7B-Instruct-v0.2\nintfloat/e5-large-v2\n";
    let conversation = project.lisa_reading(&["init"], answers);
    assert_snapshot!(told(&project, &conversation), @"");
}

#[test]
fn a_wrong_answer_is_explained_and_asked_for_again() {
    let project = Project::empty();
    let answers = "asw\naws\neu-wset-1\nus-gov-west-1\neu-west-1\n1234\n\n111122223333\n\nMy Models\nmy-models\n\
                   https://login.example.com\nlisa\n\n\nwarehouse\nnone\n\n\n";
    let conversation = project.lisa_reading(&["init"], answers);
    assert_snapshot!(told(&project, &conversation), @"");
}

#[test]
fn what_a_flag_has_answered_is_not_asked() {
    let project = Project::empty();
    let flags = ["init", "--region", "eu-west-1", "--account", "111122223333", "--bucket", "my-models", "--name", "demo"];
    let conversation = project.lisa_reading(&flags, "\n\n\n\n");
    assert_snapshot!(told(&project, &conversation), @"");
}

#[test]
fn the_end_of_the_answers_is_an_interruption() {
    let project = Project::empty();
    let conversation = project.lisa_reading(&["init"], "aws\neu-west-1\n");
    assert!(project.files().is_empty());
    assert_snapshot!(conversation, @"");
}

#[test]
fn yes_needs_what_has_no_default() {
    assert_snapshot!(Project::empty().lisa(&["init", "--yes"]), @"");
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let project = Project::minimal();
    let conversation = project.lisa(&["init", "--yes", "--account", "444455556666", "--bucket", "other-models"]);
    assert_eq!(project.read("config.yaml"), MINIMAL);
    assert_snapshot!(conversation, @"");
}

#[test]
fn an_existing_file_is_overwritten_by_force() {
    let project = Project::minimal();
    let conversation =
        project.lisa(&["init", "--yes", "--force", "--account", "444455556666", "--bucket", "other-models"]);
    assert_eq!(conversation.exit, Some(0), "{conversation}");
    assert!(project.read("config.yaml").contains("444455556666"));
}

#[test]
fn a_partition_and_a_region_that_do_not_belong_together() {
    let arguments = ["--partition", "aws-cn", "--region", "us-east-1", "--account", "111122223333", "--bucket", "my-models"];
    assert_snapshot!(Project::empty().lisa(&[&["init", "--yes"][..], &arguments].concat()), @"");
}

#[test]
fn rag_needs_an_identity_provider() {
    let arguments = ["init", "--yes", "--account", "111122223333", "--bucket", "my-models", "--rag", "opensearch"];
    assert_snapshot!(Project::empty().lisa(&arguments), @"");
}

#[test]
fn an_answer_that_only_the_rules_can_judge_is_refused_with_its_line() {
    let project = Project::empty();
    let arguments = ["--authority", "login.example.com", "--client-id", "lisa"];
    let conversation =
        project.lisa(&[&["init", "--yes", "--account", "111122223333", "--bucket", "my-models"][..], &arguments].concat());
    assert!(project.files().is_empty());
    assert_snapshot!(conversation, @"");
}

#[test]
fn another_file_name_is_in_the_next_step() {
    let project = Project::empty();
    let conversation =
        project.lisa(&["init", "--yes", "-c", "demo.yaml", "--account", "111122223333", "--bucket", "my-models"]);
    assert_eq!(project.files(), ["demo.yaml"]);
    assert_snapshot!(conversation, @"");
}
