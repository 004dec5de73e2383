//! NET-31, NET-32 and NET-36: what security groups let in and out, and whether they say why.

use serde_json::Value;

use crate::leaf::{Leaf, Want};
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened, Standard};
use crate::text::names;
use crate::world::{Resource, World, leaf_texts};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "NET-31-open-ingress",
        title: "Nothing is open to the internet but port 443 of a load balancer that is meant to be",
        why: "The internet finds an open port within minutes and tries everything it knows.",
        remedy: "Name the group or the network that may come in. For the internet: port 443 alone, with an \
                 internet-facing load balancer configured.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(open_ingress),
    },
    Rule {
        id: "NET-32-egress",
        title: "What may be reached from inside is written down",
        why: "Taken-over code can send data anywhere and fetch its tools from anywhere.",
        remedy: "Set `SecurityGroupEgress`: groups and prefix lists, and at most port 443 to the internet.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::With(egress),
    },
    Rule {
        id: "NET-32-by-reference",
        title: "Nothing inside reaches the internet as a whole",
        why: "Even port 443 alone is enough to carry data away.",
        remedy: "Name groups, prefix lists or the network's own range, and reach AWS through endpoints.",
        cost: Some("interface endpoints, which are charged by the hour"),
        from: Hardened,
        severity: Low,
        check: Check::With(by_reference),
    },
];

pub(crate) const DESCRIPTIONS: &[Rule] = &[Rule {
    id: "NET-36-description",
    title: "Every security group and every rule says what it is for",
    why: "Nobody dares to close what nobody can explain.",
    remedy: "Set `GroupDescription`, and `Description` on every rule.",
    cost: None,
    from: Dev,
    severity: Low,
    check: Check::With(descriptions),
}];

#[derive(Clone, Copy, Eq, PartialEq)]
enum Direction {
    In,
    Out,
}

/// Visits every rule of every group, whether in the group or on its own.
fn each_rule<'a>(
    world: &World<'a>,
    direction: Direction,
    mut visit: impl FnMut(&Resource<'a>, String, Leaf<'a>),
) {
    let (path, alone) = match direction {
        Direction::In => ("SecurityGroupIngress[]", "AWS::EC2::SecurityGroupIngress"),
        Direction::Out => ("SecurityGroupEgress[]", "AWS::EC2::SecurityGroupEgress"),
    };
    for group in world.of("AWS::EC2::SecurityGroup") {
        group.each(world, path, |trail, leaf| visit(group, trail.to_string(), leaf));
    }
    for rule in world.of(alone) {
        if let Some(properties) = rule.body.get("Properties") {
            visit(rule, String::new(), Leaf::Literal(properties));
        }
    }
}

/// How far a rule's range of addresses reaches, from best to worst.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Reach {
    /// A group, a prefix list, a network's own range, or a literal that is not everybody.
    Known,
    /// A parameter that could be everybody.
    Unknown,
    /// Everybody.
    World,
}

fn reach<'a>(world: &World<'a>, holder: &Resource<'a>, rule: Leaf<'a>) -> Reach {
    let ranges = ["CidrIp", "CidrIpv6"].into_iter().flat_map(|key| world.leaves_under(holder, rule, key));
    let texts = ranges.flat_map(leaf_texts);
    texts.map(|text| reach_of(world, holder.stack, &text, 0)).max().unwrap_or(Reach::Known)
}

/// How far a range reaches that is written, composed, or read from where another stack publishes it.
fn reach_of(world: &World<'_>, stack: usize, range: &str, depth: usize) -> Reach {
    if is_everybody(range) {
        return Reach::World;
    }
    if range.contains("${?}") || depth > 4 {
        return Reach::Unknown;
    }
    // A name that is no parameter is a resource, whose attribute is a range of the network.
    let parameters =
        names(range).map(|(name, _)| name).filter(|name| world.stacks[stack].1.parameter(name).is_some());
    parameters.map(|name| parameter_reach(world, stack, name, depth)).max().unwrap_or(Reach::Known)
}

fn parameter_reach(world: &World<'_>, stack: usize, name: &str, depth: usize) -> Reach {
    match world.published_texts(stack, name) {
        Some((publisher, texts)) => texts
            .iter()
            .map(|text| reach_of(world, publisher, text, depth + 1))
            .max()
            .unwrap_or(Reach::Unknown),
        // Who publishes it may be in a template that is not there.
        None if !world.settings.whole && world.parameter_source(stack, name).is_some() => Reach::Known,
        None => Reach::Unknown,
    }
}

/// Whether a range of addresses is (half of) the internet: nobody owns a /0 or a /1.
fn is_everybody(range: &str) -> bool {
    range.split_once('/').is_some_and(|(_, bits)| matches!(bits.trim(), "0" | "1"))
}

/// Whether the rule is for one TCP port alone.
fn is_only_port<'a>(world: &World<'a>, holder: &Resource<'a>, rule: Leaf<'a>, port: i64) -> bool {
    let all = |key: &'static str, good: &dyn Fn(Leaf<'_>) -> bool| {
        world.leaves_under(holder, rule, key).into_iter().all(good)
    };
    all("IpProtocol", &|leaf| matches!(leaf.text(), Some("tcp" | "6")) || leaf.number() == Some(6))
        && all("FromPort", &|leaf| leaf.number() == Some(port))
        && all("ToPort", &|leaf| leaf.number() == Some(port))
}

fn open_ingress(world: &World<'_>, findings: &mut Findings) {
    each_rule(world, Direction::In, |holder, path, rule| {
        let reach = match rule {
            Leaf::Literal(_) => reach(world, holder, rule),
            _ => Reach::Unknown,
        };
        let open_to_users = world.settings.internet_facing && is_only_port(world, holder, rule, 443);
        let fault = match reach {
            Reach::Unknown => "lets in a range that the template does not show",
            Reach::World if !world.settings.internet_facing => "lets everybody in",
            Reach::World if !open_to_users => "lets everybody in to more than port 443",
            Reach::Known | Reach::World => return,
        };
        findings.add(holder, path, fault);
    });
}

fn egress(world: &World<'_>, findings: &mut Findings) {
    for group in world.of("AWS::EC2::SecurityGroup") {
        for leaf in group.leaves(world, "SecurityGroupEgress") {
            // An empty list is the default, which lets everything out.
            if !leaf.is_present() {
                findings.add(group, "SecurityGroupEgress", "is missing, so everything is let out");
            }
        }
    }
    each_rule(world, Direction::Out, |holder, path, rule| {
        let reach = match rule {
            Leaf::Literal(_) => reach(world, holder, rule),
            _ => Reach::Unknown,
        };
        if reach != Reach::Known && !is_only_port(world, holder, rule, 443) {
            findings.add(holder, path, "lets more than port 443 out to the internet");
        }
    });
}

fn by_reference(world: &World<'_>, findings: &mut Findings) {
    each_rule(world, Direction::Out, |holder, path, rule| {
        let known = matches!(rule, Leaf::Literal(_)) && reach(world, holder, rule) == Reach::Known;
        if !known {
            findings.add(holder, path, "lets traffic out to the internet");
        }
    });
}

fn descriptions(world: &World<'_>, findings: &mut Findings) {
    for group in world.of("AWS::EC2::SecurityGroup") {
        for leaf in group.leaves(world, "GroupDescription").into_iter().filter(|leaf| !is_said(*leaf)) {
            findings.add(group, "GroupDescription", Want::Present.message(leaf));
        }
    }
    for direction in [Direction::In, Direction::Out] {
        each_rule(world, direction, |holder, path, rule| {
            for leaf in
                world.leaves_under(holder, rule, "Description").into_iter().filter(|leaf| !is_said(*leaf))
            {
                let path =
                    if path.is_empty() { "Description".to_owned() } else { format!("{path}.Description") };
                findings.add(holder, path, Want::Present.message(leaf));
            }
        });
    }
}

fn is_said(leaf: Leaf<'_>) -> bool {
    match leaf {
        Leaf::Literal(Value::String(text)) => !text.trim().is_empty(),
        other => other.is_present(),
    }
}
