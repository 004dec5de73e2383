//! Each rule on literals, with a value that breaks it beside one that does not, and the patterns of every type.

use std::collections::BTreeSet;

use serde_json::{Value as JsonValue, json};

use super::{Walker, compiles, matches};
use crate::aws::{ec2, lambda, s3};
use crate::check::resource;
use crate::shape::{Kind, ObjectShape, Property};
use crate::{Template, Value};

static INNER: ObjectShape = ObjectShape {
    properties: &[
        Property { name: "A", kind: Kind::Boolean },
        Property { name: "B", kind: Kind::Boolean },
        Property { name: "C", kind: Kind::Boolean },
    ],
    required: &[],
    any_of: &[&["A", "B"]],
    one_of: &[&["B", "C"]],
    excludes: &[("A", &["B"])],
    requires: &[("C", &["A"])],
    open: false,
};

static SHAPE: ObjectShape = ObjectShape {
    properties: &[
        Property { name: "Any", kind: Kind::Any },
        Property {
            name: "Choice",
            kind: Kind::Text { min: None, max: None, pattern: None, allowed: &["a", "b"] },
        },
        Property { name: "Flag", kind: Kind::Boolean },
        Property { name: "Inner", kind: Kind::Object(&INNER) },
        Property {
            name: "Items",
            kind: Kind::Array {
                item: &Kind::Integer { min: Some(1), max: Some(9) },
                min: Some(1),
                max: Some(3),
                unique: true,
            },
        },
        Property { name: "Map", kind: Kind::Map(&Kind::Boolean) },
        Property { name: "Share", kind: Kind::Number { min: Some(0.5), max: Some(1.5) } },
        Property {
            name: "Text",
            kind: Kind::Text { min: Some(2), max: Some(4), pattern: Some("^[a-z]+$"), allowed: &[] },
        },
    ],
    required: &["Flag"],
    any_of: &[],
    one_of: &[],
    excludes: &[],
    requires: &[],
    open: false,
};

/// The rules that an object breaks, each with the property's path.
fn rules(mut node: JsonValue) -> Vec<(String, &'static str)> {
    if node.get("Flag").is_none() {
        node["Flag"] = json!(true);
    }
    broken(&SHAPE, &node)
}

fn broken(shape: &ObjectShape, node: &JsonValue) -> Vec<(String, &'static str)> {
    let mut walker = Walker::new("Id");
    walker.object(shape, node);
    walker.violations.into_iter().map(|violation| (violation.property, violation.rule)).collect()
}

fn one(property: &str, rule: &'static str) -> Vec<(String, &'static str)> {
    vec![(property.to_owned(), rule)]
}

#[test]
fn a_right_object_breaks_nothing() {
    let node = json!({
        "Any": { "what": ["ever"] },
        "Choice": "a",
        "Flag": false,
        "Inner": { "A": true, "C": true },
        "Items": [1, 9],
        "Map": { "x": true },
        "Share": 1,
        "Text": "abcd",
    });
    assert_eq!(rules(node), []);
}

#[test]
fn types() {
    assert_eq!(rules(json!({ "Flag": "true" })), one("Flag", "type"));
    assert_eq!(rules(json!({ "Items": 1 })), one("Items", "type"));
    assert_eq!(rules(json!({ "Items": ["1"] })), one("Items/0", "type"));
    assert_eq!(rules(json!({ "Items": [1.5] })), one("Items/0", "type"));
    assert_eq!(rules(json!({ "Map": [] })), one("Map", "type"));
    assert_eq!(rules(json!({ "Map": { "x": 1 } })), one("Map/x", "type"));
    assert_eq!(rules(json!({ "Share": "1" })), one("Share", "type"));
    assert_eq!(rules(json!({ "Text": true })), one("Text", "type"));
    assert_eq!(rules(json!({ "Inner": "text" })), one("Inner", "type"));
}

#[test]
fn numbers_have_bounds() {
    assert_eq!(rules(json!({ "Items": [0] })), one("Items/0", "minimum"));
    assert_eq!(rules(json!({ "Items": [10] })), one("Items/0", "maximum"));
    assert_eq!(rules(json!({ "Share": 0.4 })), one("Share", "minimum"));
    assert_eq!(rules(json!({ "Share": 1.6 })), one("Share", "maximum"));
}

#[test]
fn text_has_a_length_a_pattern_and_choices() {
    assert_eq!(rules(json!({ "Text": "a" })), one("Text", "length"));
    assert_eq!(rules(json!({ "Text": "abcde" })), one("Text", "length"));
    assert_eq!(rules(json!({ "Text": "AB" })), one("Text", "pattern"));
    assert_eq!(rules(json!({ "Choice": "c" })), one("Choice", "allowed values"));
}

#[test]
fn lists_have_a_length_and_no_item_twice() {
    assert_eq!(rules(json!({ "Items": [] })), one("Items", "number of items"));
    assert_eq!(rules(json!({ "Items": [1, 2, 3, 4] })), one("Items", "number of items"));
    assert_eq!(rules(json!({ "Items": [1, 2, 1] })), one("Items/2", "unique items"));
}

#[test]
fn names_are_known_and_stand_together() {
    assert_eq!(broken(&SHAPE, &json!({})), one("", "required"));
    assert_eq!(rules(json!({ "Colour": "blue" })), one("Colour", "unknown property"));
    let inner = |node: JsonValue| rules(json!({ "Inner": node }));
    assert_eq!(inner(json!({ "C": true })), [one("Inner", "required"), one("Inner", "required")].concat());
    assert_eq!(inner(json!({ "A": true })), one("Inner", "required"));
    assert_eq!(inner(json!({ "A": true, "B": true })), one("Inner", "exclusive"));
    assert_eq!(inner(json!({ "B": true })), []);
}

#[test]
fn intrinsics_are_not_judged_but_both_branches_of_a_condition_are() {
    assert_eq!(rules(json!({ "Text": { "Ref": "X" }, "Items": { "Fn::Split": [",", "1,2"] } })), []);
    assert_eq!(rules(json!({ "Text": { "Fn::If": ["C", "ab", "AB"] } })), one("Text", "pattern"));
    assert_eq!(rules(json!({ "Text": { "Fn::If": ["C", "ab", { "Ref": "AWS::NoValue" }] } })), []);
    assert_eq!(
        rules(json!({ "Inner": { "Fn::If": ["C", { "D": 1, "B": true }, { "B": true }] } })),
        one("Inner/D", "unknown property")
    );
}

#[test]
fn a_dynamic_reference_is_no_text_yet() {
    assert_eq!(rules(json!({ "Text": "{{resolve:ssm:/x}}" })), one("Text", "length"));
}

#[test]
fn read_only_properties_are_left_to_the_service() {
    let shape = <ec2::Subnet as crate::Resource>::SHAPE;
    let found = resource(
        "Id",
        shape,
        &json!({ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "SubnetId": "subnet-1" }),
    );
    assert!(
        found
            .iter()
            .any(|violation| violation.rule == "read-only property" && violation.property == "SubnetId")
    );
}

#[test]
fn a_template_names_resource_property_rule_value_and_configuration() {
    let mut template = Template::new("");
    let bucket = template.add("Models", s3::Bucket::new().bucket_name("Capitals"));
    template.options(&bucket).set_by("BucketName", "s3BucketModels");
    let found = template.check();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].logical_id.as_str(), found[0].property.as_str()), ("Models", "BucketName"));
    assert_eq!((found[0].rule, found[0].found.as_str()), ("pattern", "Capitals"));
    let said = found[0].to_string();
    assert!(said.starts_with("Models/BucketName: pattern must be text that matches"), "{said}");
    assert!(said.ends_with("found `Capitals` (set by `s3BucketModels`)"), "{said}");
}

#[test]
fn a_logical_id_is_used_once() {
    let mut template = Template::new("");
    template.add("Models", s3::Bucket::new());
    template.add("Models", s3::Bucket::new());
    assert_eq!(template.check()[0].rule, "logical id");
}

#[test]
fn references_lead_somewhere() {
    let rule = |value: Value<String>| {
        let mut template = Template::new("");
        template.add("Models", s3::Bucket::new().bucket_name(value));
        template.check().first().map(|found| (found.rule, found.found.clone()))
    };
    let dangling = |name: &str| Some(("reference", name.to_owned()));
    assert_eq!(rule(Value::sub("${AWS::Region}-${!literal}")), None);
    assert_eq!(rule(Value::sub("${Absent}")), dangling("Absent"));
    assert_eq!(rule(Value::sub("${Absent.Arn}")), dangling("Absent.Arn"));
    assert_eq!(rule(Value::sub_with("${Own}", [("Own", Value::from("x"))])), None);
    let mut other = Template::new("");
    let absent = other.add("Absent", s3::Bucket::new());
    assert_eq!(rule(absent.reference().into()), dangling("Absent"));
    assert_eq!(rule(absent.arn().into()), dangling("Absent"));
    let condition = other.condition_equals("Never", "a", "b");
    assert_eq!(rule(Value::when(&condition, "one", "other")), dangling("Never"));
    let mut template = Template::new("");
    let models = template.add("Models", s3::Bucket::new());
    template.options(&models).depends_on(&absent).condition(&condition);
    let found: Vec<String> = template.check().into_iter().map(|violation| violation.property).collect();
    assert_eq!(found, ["DependsOn", "Condition"]);
}

#[test]
fn options_of_a_resource_that_is_not_there_are_reported() {
    let mut other = Template::new("");
    let absent = other.add("Absent", s3::Bucket::new());
    let mut template = Template::new("");
    template.options(&absent).retain();
    assert_eq!(template.check()[0].rule, "required");
}

#[test]
fn a_template_keeps_room_below_cloudformation_s_limits() {
    let mut template = Template::new("");
    for index in 0..301 {
        template.add(format!("Bucket{index}"), s3::Bucket::new());
    }
    let found = template.check();
    assert_eq!((found[0].rule, found[0].found.as_str()), ("Resources", "301"));
}

#[test]
fn real_types_are_walked_to_the_bottom() {
    let mut template = Template::new("");
    let rule = s3::bucket::PublicAccessBlockConfiguration::new().block_public_acls(true);
    template.add("Models", s3::Bucket::new().public_access_block_configuration(rule));
    assert!(template.check().is_empty());
    let shape = <lambda::Function as crate::Resource>::SHAPE;
    let found =
        resource("Id", shape, &json!({ "Code": {}, "Role": "no-arn", "Timeout": 901, "MemorySize": 1 }));
    let rules: BTreeSet<(&str, &str)> =
        found.iter().map(|violation| (violation.property.as_str(), violation.rule)).collect();
    assert!(rules.contains(&("Role", "pattern")), "{rules:?}");
    assert!(rules.contains(&("MemorySize", "minimum")), "{rules:?}");
}

#[test]
fn patterns_with_look_around_match_as_well() {
    assert!(matches("^(?!aws:)[a-z:]+$", "team"));
    assert!(!matches("^(?!aws:)[a-z:]+$", "aws:team"));
}

#[test]
fn every_pattern_of_every_type_compiles() {
    let mut patterns = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for shape in crate::aws::all() {
        patterns_of_object(shape.properties, &mut seen, &mut patterns);
    }
    assert!(patterns.len() > 50, "only {} patterns were found", patterns.len());
    let broken: Vec<&&str> = patterns.iter().filter(|pattern| !compiles(pattern)).collect();
    assert!(broken.is_empty(), "neither engine takes {broken:?}");
}

#[test]
fn every_shape_is_sorted_for_the_search_and_named_once() {
    let types: Vec<&str> = crate::aws::all().iter().map(|shape| shape.cfn_type).collect();
    assert_eq!(types.iter().collect::<BTreeSet<_>>().len(), types.len());
    for shape in crate::aws::all() {
        assert!(shape.properties.properties.is_sorted_by_key(|property| property.name), "{}", shape.cfn_type);
        for name in shape.read_only {
            let settable = shape.properties.properties.iter().any(|property| property.name == *name);
            assert!(!settable, "{} could be set in {}", name, shape.cfn_type);
        }
    }
}

/// Shapes refer to each other in circles (a firewall's statements), so that each is entered once.
fn patterns_of_object(
    shape: &'static ObjectShape,
    seen: &mut BTreeSet<*const ObjectShape>,
    patterns: &mut BTreeSet<&'static str>,
) {
    if seen.insert(std::ptr::from_ref(shape)) {
        for property in shape.properties {
            patterns_of_kind(&property.kind, seen, patterns);
        }
    }
}

fn patterns_of_kind(
    kind: &'static Kind,
    seen: &mut BTreeSet<*const ObjectShape>,
    patterns: &mut BTreeSet<&'static str>,
) {
    match kind {
        Kind::Text { pattern, .. } => patterns.extend(pattern),
        Kind::Array { item, .. } | Kind::Map(item) => patterns_of_kind(item, seen, patterns),
        Kind::Object(shape) => patterns_of_object(shape, seen, patterns),
        _ => {}
    }
}
