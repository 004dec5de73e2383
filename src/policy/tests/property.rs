//! Every rule about properties, at every place of the fixture: literal, `Fn::If`, parameter, missing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fixtures::{Stacks, with_settings};
use crate::leaf::{Leaf, Want};
use crate::rule::{Check, Rule};
use crate::{Profile, rules};

/// A value that is not as wanted.
fn bad(want: Want) -> Value {
    match want {
        Want::True | Want::NotFalse => json!(false),
        Want::False | Want::NotTrue => json!(true),
        Want::Present => json!(""),
        Want::Absent => json!("PublicRead"),
        Want::OneOf(_) => json!("something-else"),
        Want::AtLeast(least) => json!(least - 1),
        Want::AtMost(most) => json!(most + 1),
    }
}

/// Rules that find something once `path` of the fixture is `value`, or is gone.
fn rules_found(path: &str, value: Option<Value>) -> BTreeSet<&'static str> {
    let mut stacks = Stacks::good();
    let stack = path.split('/').next().unwrap();
    stacks.parameter(stack, "Anything", json!({"Type": "String"}));
    match value {
        Some(value) => stacks.set(path, value),
        None => stacks.set(path, json!({"Ref": "AWS::NoValue"})),
    };
    let report = with_settings(Profile::Hardened, |settings| stacks.check(&settings));
    report.open().map(|finding| finding.rule).collect()
}

/// Where in the fixture a rule's property stands: `stack/Id/Properties/...`, the first element of lists.
fn places(kinds: &[&str], path: &str) -> Vec<String> {
    let path = path.replace("[]", "/0").replace('.', "/");
    let resources = Stacks::good().resources();
    let ours = resources.iter().filter(|(_, kind)| kinds.contains(&kind.as_str()));
    ours.map(|(id, _)| format!("{id}/Properties/{path}")).collect()
}

/// Resources that a rule does not speak of, with the reason.
fn is_exempt(rule: &Rule, place: &str) -> bool {
    // Load balancers write their access logs here, which excludes KMS and logs of its own.
    matches!(rule.id, "DATA-15-own-key" | "DATA-19-access-logs") && place.starts_with("core/LogsBucket/")
}

fn assert_found(rule: &Rule, place: &str, case: &str, value: Option<Value>, expected: bool) {
    let found = rules_found(place, value);
    assert_eq!(found.contains(rule.id), expected, "{}, {case} at {place}: found {found:?}", rule.id);
}

#[test]
fn literal_if_parameter_and_missing() {
    let mut rules_seen = 0;
    for rule in rules() {
        let Check::Property(property) = &rule.check else {
            continue;
        };
        rules_seen += 1;
        let mut places_seen = 0;
        for path in property.paths {
            for place in places(property.kinds, path).iter().filter(|place| !is_exempt(rule, place)) {
                places_seen += 1;
                let want = property.want;
                let good = Stacks::good().get(place);
                let bad = bad(want);
                assert_found(rule, place, "a bad literal", Some(bad.clone()), true);
                assert_found(rule, place, "a bad branch", Some(json!({"Fn::If": ["C", good, bad]})), true);
                assert_found(
                    rule,
                    place,
                    "the other bad branch",
                    Some(json!({"Fn::If": ["C", bad, good]})),
                    true,
                );
                let unknown = want.holds(Leaf::Parameter("Anything"));
                assert_found(rule, place, "a parameter", Some(json!({"Ref": "Anything"})), !unknown);
                assert_found(rule, place, "nothing", None, !want.holds(Leaf::Missing));
            }
        }
        assert!(places_seen > 0, "{} has no place in the fixture", rule.id);
    }
    assert!(rules_seen > 40, "{rules_seen}");
}
