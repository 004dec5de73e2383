//! Pictures of a deployment: its stacks, or the resources of one stack, and what has to be there before what.
//!
//! A [`Graph`] is drawn as SVG by a layout of our own, or written for Mermaid, Graphviz or as JSON. The same graph
//! always gives the same bytes.

mod dot;
mod layout;
mod mermaid;
mod palette;
mod resources;
mod svg;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::app::{App, StackName};
use crate::stack::Stack;

/// How a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphFormat {
    /// A Mermaid flowchart.
    Mermaid,
    /// Graphviz's language.
    Dot,
    /// A picture.
    Svg,
    /// Nodes and edges, all of them.
    Json,
}

/// Nodes, and which one has to be there before which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// What it shows.
    pub title: String,
    /// The nodes, each id once.
    pub nodes: Vec<Node>,
    /// The edges, sorted, each once, and none that leads from a node to itself.
    pub edges: BTreeSet<Edge>,
}

/// A stack or a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// The stack's short name or the resource's logical id.
    pub id: String,
    /// What it is: words for a stack, the CloudFormation type for a resource.
    pub detail: String,
    /// What it is coloured by: the resource's service, such as `ec2`; `stack` or `model` for a stack.
    pub group: String,
}

/// `from` has to be there before `to`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// Id of the node that is needed.
    pub from: String,
    /// Id of the node that needs it.
    pub to: String,
}

impl Graph {
    /// The stacks of an application.
    pub fn of_app(title: &str, app: &App) -> Self {
        let nodes: Vec<Node> = app.stacks.iter().map(stack_node).collect();
        let known = |name: &str| nodes.iter().any(|node| node.id == name);
        let needs = |stack: &Stack| {
            let to = stack.name.clone();
            let on = stack.depends_on.clone().into_iter().filter(|name| known(name));
            on.map(move |from| Edge { from, to: to.clone() }).collect::<Vec<_>>()
        };
        let edges = app.stacks.iter().flat_map(needs).collect();
        Self { title: title.to_owned(), nodes, edges }
    }

    /// The resources of a stack.
    pub fn of_stack(stack: &Stack) -> Self {
        resources::graph(stack)
    }

    /// The graph as text.
    pub fn to_text(&self, format: GraphFormat) -> String {
        match format {
            GraphFormat::Mermaid => mermaid::write(&self.reduced()),
            GraphFormat::Dot => dot::write(&self.reduced()),
            GraphFormat::Svg => svg::write(&self.reduced()),
            GraphFormat::Json => serde_json::json!(self).to_string(),
        }
    }

    /// Without the edges that a longer way implies: what a picture shows.
    pub fn reduced(&self) -> Self {
        let below = self.reachable();
        let leads = |from: &str, to: &str| below.get(from).is_some_and(|below| below.contains(to));
        let implied = |edge: &Edge| {
            let mut nexts = self.edges.iter().filter(|other| other.from == edge.from && other.to != edge.to);
            // Where edges form a circle everything implies everything, so ways that lead back do not count.
            nexts.any(|next| leads(&next.to, &edge.to) && !leads(&next.to, &edge.from))
        };
        let edges = self.edges.iter().filter(|edge| !implied(edge)).cloned().collect();
        Self { title: self.title.clone(), nodes: self.nodes.clone(), edges }
    }

    /// Of every node, all that come after it.
    fn reachable(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for edge in &self.edges {
            next.entry(&edge.from).or_default().push(&edge.to);
        }
        let after = |start: &str| {
            let mut seen = BTreeSet::new();
            let mut open: Vec<&str> = next.get(start).cloned().unwrap_or_default();
            while let Some(node) = open.pop() {
                if seen.insert(node) {
                    open.extend(next.get(node).into_iter().flatten());
                }
            }
            seen
        };
        self.nodes.iter().map(|node| (node.id.as_str(), after(&node.id))).collect()
    }
}

fn stack_node(stack: &Stack) -> Node {
    let known = StackName::parse(&stack.name);
    let detail = known.map_or("a hosted model", StackName::what);
    let group = if known.is_some() { "stack" } else { "model" };
    Node { id: stack.name.clone(), detail: detail.to_owned(), group: group.to_owned() }
}

#[cfg(test)]
mod tests;
