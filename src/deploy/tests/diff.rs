//! What a deployment would change: pairs of templates with what must be said of them, and what must never be called safe.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are outside their functions")]

mod change_sets;
mod no_false_safe;
mod pairs;
mod screens;

use lisa_deploy::diff::{Sides, StackDiff, Template, compare};
use serde_json::{Value, json};

/// The difference of two templates, `null` being none.
fn diff(before: &Value, after: &Value) -> StackDiff {
    let template = |value: &Value| Template::from_value(value.clone()).ok();
    let (deployed, planned) = (template(before), template(after));
    let sides = Sides { deployed: deployed.as_ref(), planned: planned.as_ref(), ..Sides::default() };
    compare("stack", "lisa-stack", &sides)
}

/// A template of one resource `X`.
fn of_one(kind: &str, properties: &Value) -> Value {
    json!({ "Resources": { "X": { "Type": kind, "Properties": properties } } })
}
