//! The corpus: every pair of `pairs/*.json` is told as its file says.
//!
//! `schemas.json` has a create-only, a conditional and an ordinary property of each resource type, taken from AWS's
//! schemas and not from the tables that are generated from them. The other files are written by hand, one per matter.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{diff, of_one};

const FILES: [(&str, &str); 6] = [
    ("data", include_str!("pairs/data.json")),
    ("equal", include_str!("pairs/equal.json")),
    ("iam", include_str!("pairs/iam.json")),
    ("network", include_str!("pairs/network.json")),
    ("references", include_str!("pairs/references.json")),
    ("schemas", include_str!("pairs/schemas.json")),
];

/// A pair: either whole templates, or properties of one resource of a type.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    name: String,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    old: Value,
    #[serde(default)]
    new: Value,
    /// The worst class of any resource.
    class: Value,
    /// Whether the stack differs; where it is not said, unless the class is `noOp`.
    differs: Option<bool>,
    /// Every subject whose permissions change, with what that means.
    permissions: Option<BTreeMap<String, Value>>,
    /// What changes of who can reach what, the worst first.
    network: Option<Vec<Value>>,
    /// What the text for people has.
    #[serde(default)]
    says: Vec<String>,
    /// What no form of the answer has.
    #[serde(default)]
    silent: Vec<String>,
}

impl Pair {
    fn complaints(&self) -> Vec<String> {
        let whole = self.kind.is_empty();
        let sides = |value: &Value, one: &Value| if whole { value.clone() } else { of_one(&self.kind, one) };
        let found = diff(&sides(&self.before, &self.old), &sides(&self.after, &self.new));
        let data = serde_json::to_value(&found).unwrap();
        let (text, all) = (found.to_string(), format!("{found}\n{data}"));
        let mut complaints = Vec::new();
        let mut expect = |what: &str, expected: &Value, found: &Value| {
            if expected != found {
                complaints.push(format!("{what} is {found}, not {expected}"));
            }
        };
        expect("class", &self.class, &data["class"]);
        let differs = self.differs.unwrap_or(self.class != "noOp");
        expect("differs", &differs.into(), &found.differs().into());
        if let Some(expected) = &self.permissions {
            let permissions = found.permissions.iter();
            let permissions = permissions
                .map(|diff| (diff.subject.clone(), serde_json::to_value(diff.permissions).unwrap()));
            let permissions: BTreeMap<String, Value> = permissions.collect();
            expect(
                "permissions",
                &serde_json::to_value(expected).unwrap(),
                &serde_json::to_value(permissions).unwrap(),
            );
        }
        if let Some(expected) = &self.network {
            let network = found.network.iter().map(|diff| serde_json::to_value(diff.reach).unwrap());
            expect("network", &Value::Array(expected.clone()), &network.collect());
        }
        let missing = self.says.iter().filter(|words| !text.contains(words.as_str()));
        complaints.extend(missing.map(|words| format!("does not say `{words}`")));
        let loud = self.silent.iter().filter(|words| all.contains(words.as_str()));
        complaints.extend(loud.map(|words| format!("says `{words}`")));
        if !complaints.is_empty() {
            complaints.push(text);
        }
        complaints
    }
}

#[test]
fn every_pair_is_told_as_it_should_be() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (file, text) in FILES {
        let pairs: Vec<Pair> = serde_json::from_str(text).unwrap();
        for pair in &pairs {
            count += 1;
            let complaints = pair.complaints();
            if !complaints.is_empty() {
                wrong.push(format!("{file}: {}: {}", pair.name, complaints.join("\n    ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} pairs\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 390, "{count} pairs are fewer than there were");
}

#[test]
fn the_corpus_has_every_class_and_every_type() {
    let (mut classes, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for (_, text) in FILES {
        let pairs: Vec<Pair> = serde_json::from_str(text).unwrap();
        for pair in pairs {
            classes.insert(pair.class.as_str().unwrap().to_owned());
            kinds.insert(pair.kind);
        }
    }
    let all =
        ["create", "inPlace", "kept", "losesData", "mayLoseData", "mayReplace", "noOp", "remove", "replace"];
    assert_eq!(classes, all.map(str::to_owned).into());
    let missing =
        lisa_cfn::aws::all().iter().map(|shape| shape.cfn_type).filter(|kind| !kinds.contains(*kind));
    let missing: Vec<&str> = missing.collect();
    // It has tags alone.
    assert_eq!(missing, ["AWS::EC2::InternetGateway"]);
}

#[test]
fn nothing_differs_from_itself() {
    for (file, text) in FILES {
        let pairs: Vec<Pair> = serde_json::from_str(text).unwrap();
        for pair in pairs.iter().filter(|pair| pair.kind.is_empty()) {
            for side in [&pair.before, &pair.after] {
                let found = diff(side, side);
                assert!(!found.differs(), "{file}: {}: {found}", pair.name);
                assert!(found.permissions.iter().all(|diff| diff.gained.is_empty()), "{file}: {}", pair.name);
                assert!(found.network.is_empty(), "{file}: {}: {found}", pair.name);
            }
        }
    }
}
