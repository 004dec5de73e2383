//! `lisa list`: the stacks in deployment order, and why one is off.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::cli::project::{MINIMAL, Project};

/// Resource counts change with every stack; what they stand beside does not.
fn without_counts(text: &str) -> String {
    let words = text.split_inclusive(' ').collect::<Vec<_>>();
    let is_count = |index: usize| words.get(index + 1).is_some_and(|next| next.trim() == "resources");
    let shown = words.iter().enumerate().map(|(index, word)| if is_count(index) { "[N] " } else { word });
    shown.collect()
}

#[test]
fn stacks_and_why_one_is_off() {
    let conversation = Project::minimal().lisa(&["list"]);
    assert_snapshot!(without_counts(&conversation.to_string()), @"
    exit 0
    --- stdout
    bootstrap  lisa-bootstrap            [N] resources  asset bucket and image repositories, shared by deployments
    core       prod-lisa-core-prod      [N] resources  encryption keys, access logs and alarms
    network    prod-lisa-network-prod   [N] resources  VPC, subnets, endpoints and security groups
    serve      prod-lisa-serve-prod     [N] resources  the OpenAI-compatible gateway
    api        prod-lisa-api-prod       [N] resources  the REST API and its authorizer
    models     prod-lisa-models-prod    [N] resources  model management and its workflows
    chat       prod-lisa-chat-prod     off            sessions and the chat back end: `deployChat` is false
    rag        prod-lisa-rag-prod      off            vector stores, ingest and search: `deployRag` is false
    ui         prod-lisa-ui-prod       off            the web page: `deployUi` is false
    ");
}

#[test]
fn hosted_models_have_stacks_of_their_own() {
    let model = "ecsModels:\n  - modelName: intfloat/e5-large-v2\n    modelType: embedding\n    \
                 instanceType: g5.xlarge\n    baseImage: ghcr.io/huggingface/text-embeddings-inference:1.2.3\n";
    let project = Project::with(&format!("{MINIMAL}{model}"));
    let listed = project.lisa(&["list", "--output", "json"]).json();
    let names: Vec<&str> =
        listed.as_array().unwrap().iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"model-intfloate5largev2"), "{names:?}");
    let by_id = project.lisa(&["synth", "--no-check", "--stdout", "--stack", "model-intfloat-e5-large-v2"]);
    assert_eq!(by_id.exit, Some(0), "{by_id}");
}

#[test]
fn each_stack_comes_after_those_it_depends_on() {
    let listed = Project::minimal().lisa(&["list", "--output", "json"]).json();
    let mut seen = BTreeSet::new();
    for line in listed.as_array().unwrap().iter().filter(|line| line["off"].is_null()) {
        for needed in line["dependsOn"].as_array().unwrap() {
            assert!(seen.contains(needed.as_str().unwrap()), "{} comes before {needed}", line["name"]);
        }
        seen.insert(line["name"].as_str().unwrap());
    }
    assert!(seen.len() >= 4, "{seen:?}");
}
