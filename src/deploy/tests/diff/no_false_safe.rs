//! What must never be called safe: made up at random, and judged by something simpler than what is tested.

use std::net::Ipv4Addr;

use lisa_cfn::{Kind, ResourceShape, Update};
use lisa_deploy::diff::{Class, Permissions, Reach};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::diff;

/// Every create-only property of the first level of every type that holds data.
fn create_only() -> Vec<(&'static ResourceShape, &'static str, Update)> {
    let shapes = lisa_cfn::aws::all().iter().copied().filter(|shape| shape.stateful);
    let each = shapes.flat_map(|shape| {
        let own = shape.updates.iter().filter(|(path, _)| !path.contains('/'));
        own.map(move |(path, update)| (shape, *path, *update))
    });
    each.collect()
}

/// Two values of a kind that are not the same.
fn values(kind: &Kind) -> (Value, Value) {
    match kind {
        Kind::Boolean => (json!(false), json!(true)),
        Kind::Integer { .. } | Kind::Number { .. } => (json!(1), json!(2)),
        Kind::Array { .. } => (json!(["a"]), json!(["b"])),
        Kind::Map(_) | Kind::Object(_) => (json!({ "A": "a" }), json!({ "A": "b" })),
        Kind::Any | Kind::Text { .. } => (json!("a"), json!("b")),
    }
}

/// A property's value before or after: one of two, none, or a reference.
fn side(property: usize, choice: u8, pair: &(Value, Value)) -> Option<Value> {
    match choice {
        0 => Some(pair.0.clone()),
        1 => Some(pair.1.clone()),
        2 => None,
        3 => Some(json!({ "Ref": format!("P{property}") })),
        _ => Some(json!({ "Fn::GetAtt": ["Other", "Arn"] })),
    }
}

fn resource(kind: &str, properties: &Map<String, Value>, policy: Option<&str>) -> Value {
    let mut resource = json!({ "Type": kind, "Properties": properties });
    if let Some(policy) = policy {
        resource["DeletionPolicy"] = policy.into();
        resource["UpdateReplacePolicy"] = policy.into();
    }
    json!({ "Resources": { "X": resource } })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_create_only_property_of_what_holds_data_is_never_below_data_loss(
        pick in any::<prop::sample::Index>(),
        before in 0_u8..5,
        after in 0_u8..5,
        noise in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..5, 0_u8..5), 0..4),
        policies in (0_usize..4, 0_usize..4),
    ) {
        let all = create_only();
        let (shape, name, update) = all[pick.index(all.len())];
        let property = |name: &str| shape.properties.properties.iter().position(|one| one.name == name).unwrap();
        let pair = values(&shape.properties.properties[property(name)].kind);
        let (mut old, mut new) = (Map::new(), Map::new());
        for (index, before, after) in noise {
            let other = &shape.properties.properties[index.index(shape.properties.properties.len())];
            let pair = values(&other.kind);
            old.extend(side(1, before, &pair).map(|value| (other.name.to_owned(), value)));
            new.extend(side(1, after, &pair).map(|value| (other.name.to_owned(), value)));
        }
        old.remove(name);
        new.remove(name);
        old.extend(side(0, before, &pair).map(|value| (name.to_owned(), value)));
        new.extend(side(0, after, &pair).map(|value| (name.to_owned(), value)));
        prop_assume!(old.get(name) != new.get(name));
        let policy = |index: usize| [None, Some("Delete"), Some("Retain"), Some("RetainExceptOnCreate")][index];
        let kept = policies.0 > 1 && policies.1 > 1;
        let found = diff(
            &resource(shape.cfn_type, &old, policy(policies.0)),
            &resource(shape.cfn_type, &new, policy(policies.1)),
        );
        let least = match update {
            _ if kept => Class::Kept,
            Update::Replaces => Class::LosesData,
            Update::MayReplace => Class::MayLoseData,
        };
        prop_assert!(found.class >= least, "{} {name}: {found}", shape.cfn_type);
    }

    #[test]
    fn what_was_not_allowed_and_now_is_is_always_told(
        old in prop::collection::vec(statement(), 0..4),
        new in prop::collection::vec(statement(), 0..4),
    ) {
        let found = diff(&policy(&old), &policy(&new));
        let told = found.permissions.first().map(|diff| diff.permissions);
        for request in requests() {
            if !is_allowed(&old, &request) && is_allowed(&new, &request) {
                let more = matches!(told, Some(Permissions::AllowsMore | Permissions::Both));
                prop_assert!(more, "{request:?}: {found}");
            }
            if is_allowed(&old, &request) && !is_allowed(&new, &request) {
                let less = matches!(told, Some(Permissions::AllowsLess | Permissions::Both));
                prop_assert!(less, "{request:?}: {found}");
            }
        }
    }

    #[test]
    fn what_could_not_be_reached_and_now_can_is_always_told(
        old in prop::collection::vec(rule(), 0..4),
        new in prop::collection::vec(rule(), 0..4),
        address in any::<u32>(),
        port in 0_i64..12,
    ) {
        // Half of the addresses are near those that rules speak of.
        let address = if address % 2 == 0 { Ipv4Addr::from(0x0a00_0000 | (address & 0x0003_ffff)) } else { address.into() };
        let found = diff(&group(&old), &group(&new));
        let reaches = |rules: &[Value]| rules.iter().any(|rule| lets_in(rule, address, port));
        if !reaches(&old) && reaches(&new) {
            prop_assert!(found.network.iter().any(|diff| diff.reach >= Reach::More), "{address} {port}: {found}");
            if !address.is_private() {
                prop_assert!(found.network.iter().any(|diff| diff.reach == Reach::Public), "{address}: {found}");
            }
        }
        if reaches(&old) && !reaches(&new) {
            prop_assert!(found.network.iter().any(|diff| diff.reach == Reach::Less), "{address} {port}: {found}");
        }
    }
}

const ACTIONS: [&str; 8] =
    ["*", "s3:*", "s3:Get*", "s3:GetObject", "s3:GetObjec?", "S3:getobject", "sqs:*", "sqs:Send"];
const RESOURCES: [&str; 6] = ["*", "a/*", "a/1", "a/?", "b/*", "b/12"];

fn statement() -> impl Strategy<Value = Value> {
    let some = |all: &'static [&'static str]| prop::collection::vec(prop::sample::select(all), 1..3);
    let parts =
        (any::<bool>(), any::<bool>(), any::<bool>(), some(&ACTIONS), some(&RESOURCES), 0_u8..4, 0_u8..4);
    parts.prop_map(|(deny, not_action, not_resource, actions, resources, operator, values)| {
        let name = |not: bool, name: &str| if not { format!("Not{name}") } else { name.to_owned() };
        let mut statement = json!({
            "Effect": if deny { "Deny" } else { "Allow" },
            name(not_action, "Action"): actions,
            name(not_resource, "Resource"): resources,
        });
        let values = [json!("x"), json!(["x", "y"]), json!("x*"), json!("*")][usize::from(values)].clone();
        let operators = [None, Some("StringEquals"), Some("StringNotEquals"), Some("StringLike")];
        if let Some(operator) = operators[usize::from(operator)] {
            statement["Condition"] = json!({ operator: { "k:v": values } });
        }
        statement
    })
}

fn policy(statements: &[Value]) -> Value {
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    let resource = json!({ "Type": "AWS::IAM::ManagedPolicy", "Properties": { "PolicyDocument": document } });
    json!({ "Resources": { "M": resource } })
}

/// Action, resource, and the value of the condition's key.
type Request = (&'static str, &'static str, &'static str);

fn requests() -> impl Iterator<Item = Request> {
    let actions = ["s3:GetObject", "s3:GetObjecs", "s3:PutObject", "sqs:Send", "sqs:Receive", "iam:PassRole"];
    let resources = ["a/1", "a/12", "b/12", "b/1", "c"];
    let values = ["x", "y", "xy", "*"];
    actions.into_iter().flat_map(move |action| {
        resources
            .into_iter()
            .flat_map(move |resource| values.into_iter().map(move |value| (action, resource, value)))
    })
}

fn is_allowed(statements: &[Value], request: &Request) -> bool {
    let applies =
        |effect: &str| statements.iter().any(|one| one["Effect"] == effect && is_about(one, request));
    applies("Allow") && !applies("Deny")
}

fn is_about(statement: &Value, (action, resource, value): &Request) -> bool {
    let texts = |value: &Value| match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    };
    let holds = |name: &str, text: &str, lower: bool| {
        let (found, not) = match statement.get(name) {
            Some(found) => (found, false),
            None => (&statement[format!("Not{name}")], true),
        };
        let fold = |text: &str| if lower { text.to_lowercase() } else { text.to_owned() };
        texts(found).iter().any(|pattern| glob(&fold(pattern), &fold(text))) != not
    };
    let condition = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    let met = condition.into_iter().all(|(operator, keys)| {
        let values = texts(&keys["k:v"]);
        match operator.as_str() {
            "StringEquals" => values.iter().any(|one| one == value),
            "StringNotEquals" => values.iter().all(|one| one != value),
            _ => values.iter().any(|one| glob(one, value)),
        }
    });
    holds("Action", action, true) && holds("Resource", resource, false) && met
}

fn glob(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|skip| glob(&pattern[1..], &text[skip..])),
        Some('?') => !text.is_empty() && glob(&pattern[1..], &text[1..]),
        Some(letter) => text.starts_with(letter) && glob(&pattern[1..], &text[1..]),
    }
}

const BLOCKS: [&str; 7] =
    ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "10.0.1.0/24", "0.0.0.0/1", "192.168.0.0/16"];

fn rule() -> impl Strategy<Value = Value> {
    (prop::sample::select(&BLOCKS[..]), 0_i64..10, 0_i64..3, any::<bool>()).prop_map(
        |(block, from, more, all)| {
            if all && from == 0 {
                json!({ "IpProtocol": "-1", "CidrIp": block })
            } else {
                json!({ "IpProtocol": "tcp", "CidrIp": block, "FromPort": from, "ToPort": from + more })
            }
        },
    )
}

fn group(rules: &[Value]) -> Value {
    let properties = json!({ "GroupDescription": "g", "SecurityGroupIngress": rules });
    json!({ "Resources": { "G": { "Type": "AWS::EC2::SecurityGroup", "Properties": properties } } })
}

fn lets_in(rule: &Value, address: Ipv4Addr, port: i64) -> bool {
    let (network, length) = rule["CidrIp"].as_str().unwrap().split_once('/').unwrap();
    let network: Ipv4Addr = network.parse().unwrap();
    let mask = u32::MAX.checked_shl(32 - length.parse::<u32>().unwrap()).unwrap_or(0);
    let in_ports = rule["IpProtocol"] == "-1"
        || (rule["FromPort"].as_i64().unwrap()..=rule["ToPort"].as_i64().unwrap()).contains(&port);
    u32::from(address) & mask == u32::from(network) & mask && in_ports
}
