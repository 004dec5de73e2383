//! Graphs of small made-up stacks: what is in them, and that pictures keep their promises.

use std::collections::{BTreeMap, BTreeSet};

use lisa_cfn::Template;
use lisa_cfn::aws::ec2;

use super::layout::{BOX_HEIGHT, Layout};
use super::{Edge, Graph, GraphFormat, Node};
use crate::stack::Stack;

fn graph(edges: &[(&str, &str)]) -> Graph {
    let names: BTreeSet<&str> = edges.iter().flat_map(|(from, to)| [*from, *to]).collect();
    let node =
        |id: &&str| Node { id: (*id).to_owned(), detail: "EC2::VPC".to_owned(), group: "ec2".to_owned() };
    let edge = |(from, to): &(&str, &str)| Edge { from: (*from).to_owned(), to: (*to).to_owned() };
    Graph {
        title: "a & b".to_owned(),
        nodes: names.iter().map(node).collect(),
        edges: edges.iter().map(edge).collect(),
    }
}

fn stack() -> Stack {
    let mut template = Template::new("A network");
    let vpc = template.add("Vpc", ec2::Vpc::new().cidr_block("10.0.0.0/22"));
    template.add("Subnet", ec2::Subnet::new(vpc.vpc_id()).cidr_block("10.0.0.0/26"));
    template.add("Eip", ec2::Eip::new());
    Stack {
        name: "network".to_owned(),
        deployed_name: "prod-lisa-network-prod".to_owned(),
        template,
        depends_on: Vec::new(),
        assets: Vec::new(),
        parameters: BTreeMap::new(),
        tags: BTreeMap::new(),
    }
}

#[test]
fn a_stacks_graph_has_its_resources_and_their_references() {
    let graph = Graph::of_stack(&stack());
    let nodes: Vec<(&str, &str)> =
        graph.nodes.iter().map(|node| (node.id.as_str(), node.detail.as_str())).collect();
    assert_eq!(nodes, [("Eip", "EC2::EIP"), ("Subnet", "EC2::Subnet"), ("Vpc", "EC2::VPC")]);
    assert_eq!(graph.edges, BTreeSet::from([Edge { from: "Vpc".to_owned(), to: "Subnet".to_owned() }]));
}

#[test]
fn an_edge_that_a_longer_way_implies_is_not_drawn() {
    let graph = graph(&[("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("a", "c")]);
    let drawn: Vec<(String, String)> =
        graph.reduced().edges.into_iter().map(|edge| (edge.from, edge.to)).collect();
    let pairs = [("a", "b"), ("b", "c"), ("c", "d")];
    assert_eq!(drawn, pairs.map(|(from, to)| (from.to_owned(), to.to_owned())));
}

#[test]
fn every_edge_points_right_and_no_box_covers_another() {
    let graph = graph(&[
        ("a", "b"),
        ("a", "c"),
        ("b", "d"),
        ("c", "d"),
        ("a", "e"),
        ("e", "f"),
        ("f", "d"),
        ("g", "d"),
    ]);
    let layout = Layout::of(&graph, |_| 120.0);
    for line in &layout.lines {
        assert!(line.windows(2).all(|step| step[0].x <= step[1].x), "{line:?}");
        assert!(line.first().unwrap().x < line.last().unwrap().x, "{line:?}");
    }
    for (index, one) in layout.boxes.iter().enumerate() {
        assert!(one.x >= 0.0 && one.y >= 0.0 && one.x + one.width <= layout.width);
        for other in &layout.boxes[index + 1..] {
            let apart = (one.x - other.x).abs() >= one.width || (one.y - other.y).abs() >= BOX_HEIGHT;
            assert!(apart, "{one:?} {other:?}");
        }
    }
}

#[test]
fn a_circle_is_drawn_and_not_an_endless_loop() {
    let graph = graph(&[("a", "b"), ("b", "a"), ("b", "c")]);
    assert_eq!(graph.reduced().edges, graph.edges);
    assert!(graph.to_text(GraphFormat::Svg).contains("<path"));
}

#[test]
fn the_formats_name_every_node_and_are_stable() {
    let stack = stack();
    for format in [GraphFormat::Mermaid, GraphFormat::Dot, GraphFormat::Svg, GraphFormat::Json] {
        let text = Graph::of_stack(&stack).to_text(format);
        assert_eq!(text, Graph::of_stack(&stack).to_text(format));
        for id in ["Vpc", "Subnet", "Eip", "EC2::Subnet"] {
            assert!(text.contains(id), "{format:?} lacks {id}");
        }
    }
}

#[test]
fn what_xml_reads_as_markup_is_escaped() {
    let svg = graph(&[("a", "b")]).to_text(GraphFormat::Svg);
    assert!(svg.contains(">a &amp; b</text>"), "{svg}");
}
