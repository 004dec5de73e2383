//! A graph as a Mermaid flowchart, which GitHub and most wikis draw.

use std::fmt::Write as _;

use super::Graph;

pub(super) fn write(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    for node in &graph.nodes {
        let (id, label, detail) = (identifier(&node.id), quoted(&node.id), quoted(&node.detail));
        let _ = writeln!(text, "  {id}[\"{label}<br/><small>{detail}</small>\"]");
    }
    for edge in &graph.edges {
        let _ = writeln!(text, "  {} --> {}", identifier(&edge.from), identifier(&edge.to));
    }
    text
}

/// An id that no word of Mermaid's, such as `end`, can be taken for.
fn identifier(id: &str) -> String {
    format!("n_{}", id.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

fn quoted(text: &str) -> String {
    text.replace('"', "#quot;")
}
