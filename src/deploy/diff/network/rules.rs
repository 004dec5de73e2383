//! The rules of every security group of a template: those within a group, those beside it, and the one that a group
//! has where it names none.

use serde_json::{Value, json};

use super::rule::{ALL, Direction, Peer, Port, Rule, Traffic};
use crate::diff::effect::shape;
use crate::diff::moved::Moved;
use crate::diff::normal;
use crate::diff::pattern::{Case, Pattern};
use crate::diff::show::shown;
use crate::diff::template::Template;

/// Properties that say with whom, with the word for what is named there.
const PEERS: [(&str, &str); 6] = [
    ("CidrIp", "addresses"),
    ("CidrIpv6", "IPv6 addresses"),
    ("SourceSecurityGroupId", "group"),
    ("SourceSecurityGroupName", "group"),
    ("DestinationSecurityGroupId", "group"),
    ("SourcePrefixListId", "prefix list"),
];
const DESTINATION_LIST: (&str, &str) = ("DestinationPrefixListId", "prefix list");

/// Every rule of every group.
pub(super) fn of(template: &Template, moved: &Moved) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (id, resource) in template.resources() {
        let kind = resource.kind();
        let properties = || normal::properties(shape(kind), resource.properties());
        match kind {
            "AWS::EC2::SecurityGroup" => within(id, &properties(), moved, &mut rules),
            "AWS::EC2::SecurityGroupIngress" => beside(Direction::Ingress, &properties(), moved, &mut rules),
            "AWS::EC2::SecurityGroupEgress" => beside(Direction::Egress, &properties(), moved, &mut rules),
            _ => {}
        }
    }
    rules
}

fn within(id: &str, properties: &Value, moved: &Moved, rules: &mut Vec<Rule>) {
    let mut add = |direction, found: &Value| {
        let items = found.as_array().map_or_else(|| std::slice::from_ref(found), Vec::as_slice);
        rules.extend(items.iter().map(|item| rule(id, direction, item, moved)));
    };
    if let Some(found) = properties.get("SecurityGroupIngress") {
        add(Direction::Ingress, found);
    }
    match properties.get("SecurityGroupEgress") {
        Some(found) => add(Direction::Egress, found),
        // A group that names none may talk to everybody.
        None => add(Direction::Egress, &json!([{ "IpProtocol": ALL, "CidrIp": "0.0.0.0/0" }])),
    }
}

fn beside(direction: Direction, properties: &Value, moved: &Moved, rules: &mut Vec<Rule>) {
    let group = properties.get("GroupId").or_else(|| properties.get("GroupName"));
    rules.push(rule(&group.map(named).unwrap_or_default(), direction, properties, moved));
}

fn rule(group: &str, direction: Direction, rule: &Value, moved: &Moved) -> Rule {
    let mut kinds = PEERS.into_iter().chain([DESTINATION_LIST]);
    let peer = kinds.find_map(|(property, kind)| Some(peer(kind, rule.get(property)?, moved)));
    let unknown = || Peer::Named("rule", Pattern::of(rule, Case::Sensitive, moved));
    Rule {
        group: group.to_owned(),
        direction,
        peer: peer.unwrap_or_else(unknown),
        traffic: Traffic { protocol: protocol(rule.get("IpProtocol"), moved), ports: ports(rule, moved) },
    }
}

fn peer(kind: &'static str, value: &Value, moved: &Moved) -> Peer {
    if let Some(block) = value.as_str().and_then(|text| text.parse().ok()) {
        return Peer::Block(block);
    }
    let name = if kind == "group" { named(value) } else { shown(value) };
    Peer::Named(kind, Pattern::of(value, Case::Sensitive, moved).called(name))
}

fn protocol(value: Option<&Value>, moved: &Moved) -> Pattern {
    let text = value.map_or_else(|| ALL.to_owned(), shown);
    let name = match text.as_str() {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    match value {
        Some(value @ Value::Object(_)) => Pattern::of(value, Case::Ignored, moved),
        _ => Pattern::of(&name.to_ascii_lowercase().into(), Case::Ignored, moved),
    }
}

fn ports(rule: &Value, moved: &Moved) -> Option<(Port, Port)> {
    let port = |property: &str| match rule.get(property)? {
        Value::Number(number) => number.as_i64().map(Port::Number),
        value => Some(Port::Unknown(Pattern::of(value, Case::Sensitive, moved))),
    };
    match (port("FromPort"), port("ToPort")) {
        (Some(Port::Number(-1)), _) | (None, None) => None,
        (Some(from), to) => Some((from.clone(), to.unwrap_or(from))),
        (None, Some(to)) => Some((to.clone(), to)),
    }
}

/// The logical id of a group that a reference names, or what stands for it.
fn named(value: &Value) -> String {
    let text = shown(value);
    match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some(inner) => inner.strip_suffix(".GroupId").unwrap_or(inner).to_owned(),
        None => text,
    }
}
