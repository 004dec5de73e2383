//! JSON and YAML say the same, and always in the same bytes.

use proptest::prelude::*;
use serde_json::{Value as JsonValue, json};

use super::{Format, write};
use crate::Template;
use crate::aws::{ec2, s3};

fn yaml(text: &str) -> JsonValue {
    serde_yaml::from_str(text).expect("our own YAML is YAML")
}

#[test]
fn containers_are_indented_and_scalars_quoted() {
    let document = json!({ "List": [{ "Kind": 1, "Name": ["a", []] }, ["x", ["y"]]], "Ref": "no", "ab": {}, "on": true });
    let expected = r#"List:
  - Kind: 1
    Name:
      - "a"
      - []
  - - "x"
    - - "y"
Ref: "no"
"ab": {}
"on": true
"#;
    assert_eq!(write(&document, Format::Yaml), expected);
    assert_eq!(yaml(expected), document);
}

#[test]
fn texts_that_yaml_reads_as_something_else_stay_text() {
    for text in [
        "no",
        "yes",
        "on",
        "off",
        "null",
        "~",
        "true",
        "1e3",
        "0x10",
        "012345678901",
        "1:30",
        "2012-10-17",
        ".5",
        "",
        " ",
        "a: b",
        "# c",
        "- d",
        "é…",
        "tab\there",
        "line\nbreak",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "quote\"d",
        "back\\slash",
        "*",
        "&a",
        "!Ref X",
        "%",
        "@",
        "`",
        "{{resolve:ssm:/x}}",
    ] {
        let document = json!({ "Key": text, text: "value", "List": [text] });
        assert_eq!(yaml(&write(&document, Format::Yaml)), document, "{text:?}");
    }
}

#[test]
fn a_template_reads_the_same_from_both_and_is_written_alike_each_time() {
    let build = |backwards: bool| {
        let mut template = Template::new("Both: \"ways\"");
        let ids = if backwards { ["B", "A"] } else { ["A", "B"] };
        for id in ids {
            template.add(id, s3::Bucket::new().bucket_name(format!("bucket-{}", id.to_lowercase())));
        }
        let vpc = template.add("Vpc", ec2::Vpc::new().cidr_block("10.0.0.0/16").enable_dns_support(true));
        template.output("VpcId", "The network", vpc.vpc_id());
        template
    };
    for format in [Format::Json, Format::Yaml] {
        assert_eq!(build(false).to_text(format), build(true).to_text(format));
        assert!(build(false).to_text(format).ends_with('\n'));
    }
    let template = build(false);
    let json: JsonValue = serde_json::from_str(&template.to_text(Format::Json)).expect("JSON");
    assert_eq!(json, template.to_json());
    assert_eq!(yaml(&template.to_text(Format::Yaml)), json);
}

/// Any document of texts, whole numbers, truths, lists and objects: what templates are made of.
fn documents() -> impl Strategy<Value = JsonValue> {
    let leaf = prop_oneof![
        Just(JsonValue::Null),
        any::<bool>().prop_map(JsonValue::from),
        any::<i32>().prop_map(JsonValue::from),
        "[ -~\u{a0}-\u{2fff}\n\t]{0,12}".prop_map(JsonValue::from),
    ];
    let node = leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(JsonValue::from),
            prop::collection::btree_map("[ -~]{0,8}", inner, 0..5)
                .prop_map(|entries| JsonValue::Object(entries.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[A-Za-z:]{1,8}", node, 1..4)
        .prop_map(|entries| JsonValue::Object(entries.into_iter().collect()))
}

proptest! {
    #[test]
    fn any_document_survives_yaml(document in documents()) {
        prop_assert_eq!(yaml(&write(&document, Format::Yaml)), document);
    }
}
