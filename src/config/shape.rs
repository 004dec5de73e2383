//! Holds the tree against the JSON Schema, and says in our own words where it does not fit.

mod breach;
mod wording;

use crate::load::Options;
use crate::report::Report;
use crate::rules;
use crate::schema;
use crate::tree::Node;
use breach::Breach;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The schema with its validator, made once per process.
pub(crate) struct Shape {
    pub(crate) schema: Value,
    validator: Validator,
}

/// The shape of config files; `None` only if the schema itself were broken, which a test rules out.
pub(crate) fn shape() -> Option<&'static Shape> {
    static SHAPE: OnceLock<Option<Shape>> = OnceLock::new();
    SHAPE.get_or_init(Shape::new).as_ref()
}

impl Shape {
    fn new() -> Option<Self> {
        let schema = schema::schema();
        let mut environment = json!({ "$ref": "#/$defs/Environment" });
        environment["$defs"] = schema.get("$defs")?.clone();
        let validator = jsonschema::options().with_draft(Draft::Draft202012).build(&environment).ok()?;
        Some(Self { schema, validator })
    }

    /// The schema of one environment.
    pub(crate) fn environment(&self) -> &Value {
        &self.schema["$defs"]["Environment"]
    }

    /// Reports everything in `given` that does not fit, and removes the keys that are not known.
    pub(crate) fn check(&self, given: &mut Value, block: &Node, options: Options, report: &mut Report<'_>) {
        let mut breaches = Vec::new();
        for error in self.validator.iter_errors(given) {
            breaches.extend(self.breaches(&error));
        }
        let mut seen = BTreeSet::new();
        for breach in breaches.iter().filter(|breach| seen.insert(breach.subject())) {
            let finding = wording::finding(breach, block, report.text());
            let unknown = breach.rule() == &rules::UNKNOWN_KEY;
            report.add(if unknown && options.allow_unknown { finding.warning() } else { finding });
        }
        for breach in &breaches {
            if let Breach { pointer, what: breach::What::Unknown { key, .. }, .. } = breach
                && let Some(Value::Object(object)) = given.pointer_mut(pointer)
            {
                object.remove(key);
            }
        }
    }
}
