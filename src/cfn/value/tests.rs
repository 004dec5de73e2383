//! What literals and intrinsics look like in a template.

use serde_json::json;

use crate::aws::{ec2, iam, s3};
use crate::{Arn, Id, List, Literal, Map, Name, Tag, Template, Value, pseudo};

#[test]
fn literals_stand_as_they_are() {
    assert_eq!(Value::<String>::from("text").into_json(), json!("text"));
    assert_eq!(Value::<bool>::from(true).into_json(), json!(true));
    assert_eq!(Value::<i64>::from(3).into_json(), json!(3));
    assert_eq!(Value::<f64>::from(0.5).into_json(), json!(0.5));
    assert_eq!(Value::<f64>::from(2u16).into_json(), json!(2));
    assert_eq!(Tag::new("a", "b").into_json(), json!({ "Key": "a", "Value": "b" }));
}

#[test]
fn lists_keep_their_order_and_maps_sort_their_names() {
    let list: Value<List<String>> = ["b", "a"].into();
    assert_eq!(list.into_json(), json!(["b", "a"]));
    let mixed: Value<List<String>> = vec![Value::from("a"), pseudo::region()].into();
    assert_eq!(mixed.into_json(), json!(["a", { "Ref": "AWS::Region" }]));
    let map: Map<String> = [("b", "2"), ("a", "1")].into_iter().collect();
    assert_eq!(Value::from(map).into_json().to_string(), r#"{"a":"1","b":"2"}"#);
}

#[test]
fn intrinsics_are_spelled_as_cloudformation_reads_them() {
    let mut template = Template::new("");
    let large = template.condition_equals("Large", pseudo::region(), "us-east-1");
    let zones = Value::availability_zones();
    assert_eq!(
        Value::<i64>::when(&large, 2, Value::none()).into_json(),
        json!({ "Fn::If": ["Large", 2, { "Ref": "AWS::NoValue" }] })
    );
    assert_eq!(
        zones.select(1).into_json(),
        json!({ "Fn::Select": [1, { "Fn::GetAZs": { "Ref": "AWS::Region" } }] })
    );
    assert_eq!(Value::join("-", ["a", "b"]).into_json(), json!({ "Fn::Join": ["-", ["a", "b"]] }));
    assert_eq!(Value::<String>::from("a,b").split(",").into_json(), json!({ "Fn::Split": [",", "a,b"] }));
    assert_eq!(Value::<String>::from("x").base64().into_json(), json!({ "Fn::Base64": "x" }));
    assert_eq!(
        Value::secret_field("arn", "password").into_json(),
        json!({ "Fn::Sub": ["{{resolve:secretsmanager:${Secret}:SecretString:password}}", { "Secret": "arn" }] })
    );
}

#[test]
fn references_carry_their_type_and_become_text() {
    let mut template = Template::new("");
    let bucket = template.add("Models", s3::Bucket::new());
    let name: Value<Name<s3::Bucket>> = bucket.reference();
    assert_eq!(name.into_json(), json!({ "Ref": "Models" }));
    let arn: Value<Arn<s3::Bucket>> = bucket.arn();
    assert_eq!(Value::<String>::from(&arn).into_json(), json!({ "Fn::GetAtt": ["Models", "Arn"] }));
    let known: Value<Id<ec2::Vpc>> = Id::literal("vpc-1");
    assert_eq!(known.into_json(), json!("vpc-1"));
    let stated: Value<Arn<iam::Role>> = Value::<String>::from("arn:aws:iam::123456789012:role/r").as_arn();
    assert_eq!(stated.into_json(), json!("arn:aws:iam::123456789012:role/r"));
}

#[test]
fn a_value_is_as_small_as_the_json_it_holds() {
    assert_eq!(size_of::<Value<bool>>(), size_of::<serde_json::Value>());
}
