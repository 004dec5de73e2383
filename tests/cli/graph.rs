//! `lisa graph`: the forms of one graph, of stacks and of a stack's resources.

use insta::assert_snapshot;
use serde_json::Value;

use crate::cli::project::Project;

#[test]
fn the_stacks_as_mermaid() {
    assert_snapshot!(Project::minimal().lisa(&["graph", "--format", "mermaid"]), @r#"
    exit 0
    --- stdout
    flowchart LR
      n_core["core<br/><small>encryption keys, access logs and alarms</small>"]
      n_network["network<br/><small>VPC, subnets, endpoints and security groups</small>"]
      n_serve["serve<br/><small>the OpenAI-compatible gateway</small>"]
      n_api["api<br/><small>the REST API and its authorizer</small>"]
      n_models["models<br/><small>model management and its workflows</small>"]
      n_core --> n_network
      n_network --> n_api
      n_network --> n_models
      n_network --> n_serve
    "#);
}

#[test]
fn the_stacks_for_graphviz() {
    assert_snapshot!(Project::minimal().lisa(&["graph", "--format", "dot"]), @r##"
    exit 0
    --- stdout
    digraph "prod-lisa-prod" {
      rankdir=LR;
      node [shape=box, style="rounded,filled", fontname="Helvetica"];
      "core" [label="core\nencryption keys, access logs and alarms", fillcolor="#e8f1fb"];
      "network" [label="network\nVPC, subnets, endpoints and security groups", fillcolor="#e8f1fb"];
      "serve" [label="serve\nthe OpenAI-compatible gateway", fillcolor="#e8f1fb"];
      "api" [label="api\nthe REST API and its authorizer", fillcolor="#e8f1fb"];
      "models" [label="models\nmodel management and its workflows", fillcolor="#e8f1fb"];
      "core" -> "network";
      "network" -> "api";
      "network" -> "models";
      "network" -> "serve";
    }
    "##);
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
    // What deployments share stands beside the application.
    let is_shown = |stack: &&Value| stack["off"].is_null() && stack["name"] != "bootstrap";
    let on = listed.as_array().unwrap().iter().filter(is_shown).count();
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
    assert_snapshot!(Project::minimal().lisa(&["graph", "--stack", "netwrok"]), @"
    exit 2
    --- stderr
      x there is no stack `netwrok`
      help: Did you mean `network`?
    ");
}
