//! A graph in Graphviz's language.

use std::fmt::Write as _;

use super::{Graph, palette};

pub(super) fn write(graph: &Graph) -> String {
    let mut text = format!("digraph {} {{\n", quoted(&graph.title));
    text.push_str("  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n");
    for node in &graph.nodes {
        let (id, label) = (quoted(&node.id), quoted(&format!("{}\n{}", node.id, node.detail)));
        let colour = palette::of(&node.group).fill;
        let _ = writeln!(text, "  {id} [label={label}, fillcolor=\"{colour}\"];");
    }
    for edge in &graph.edges {
        let _ = writeln!(text, "  {} -> {};", quoted(&edge.from), quoted(&edge.to));
    }
    text.push_str("}\n");
    text
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
