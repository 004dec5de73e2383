//! `lisa graph`: the forms of one graph, of stacks and of a stack's resources.

use insta::assert_snapshot;
use serde_json::Value;

use crate::cli::project::Project;

#[test]
fn the_stacks_as_mermaid() {
    assert_snapshot!(Project::minimal().lisa(&["graph", "--format", "mermaid"]), @"");
}

#[test]
fn the_stacks_for_graphviz() {
    assert_snapshot!(Project::minimal().lisa(&["graph", "--format", "dot"]), @"");
}

#[test]
fn the_stacks_as_a_picture() {
    let project = Project::minimal();
    let conversation = project.lisa(&["graph", "--format", "svg"]);
    assert_eq!((conversation.exit, conversation.stderr.as_str()), (Some(0), ""));
    assert!(conversation.stdout.starts_with("<svg xmlns=") && conversation.stdout.ends_with("</svg>\n"));
    assert_eq!(conversation.stdout, project.lisa(&["graph", "--format", "svg"]).stdout);
}

#[test]
fn data_has_every_node_and_edge_whatever_the_form() {
    let project = Project::minimal();
    let json = project.lisa(&["graph", "--format", "json"]).json();
    assert_eq!(json, project.lisa(&["graph", "--format", "svg", "--output", "json"]).json());
    let listed = project.lisa(&["list", "--output", "json"]).json();
    let on = listed.as_array().unwrap().iter().filter(|stack| stack["off"].is_null()).count();
    assert_eq!(json["nodes"].as_array().unwrap().len(), on);
}

#[test]
fn the_resources_of_a_stack() {
    let project = Project::minimal();
    let json = project.lisa(&["graph", "--format", "json", "--stack", "LisaNetworking"]).json();
    let nodes = json["nodes"].as_array().unwrap();
    let vpc = nodes.iter().find(|node| node["detail"] == "EC2::VPC").unwrap();
    let edges = json["edges"].as_array().unwrap();
    let from_vpc = edges.iter().filter(|edge| edge["from"] == vpc["id"]).count();
    assert!(from_vpc > 3, "{json:#}");
    let known = |id: &Value| nodes.iter().any(|node| node["id"] == *id);
    assert!(edges.iter().all(|edge| known(&edge["from"]) && known(&edge["to"])), "{json:#}");
}

#[test]
fn an_unknown_stack() {
    assert_snapshot!(Project::minimal().lisa(&["graph", "--stack", "netwrok"]), @"");
}
