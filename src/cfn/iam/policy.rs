//! A policy document: statements, and the version of the language.

use serde_json::{Value as JsonValue, json};

use super::statement::Statement;
use crate::Violation;
use crate::check::policies;
use crate::intrinsic::intrinsic_key;
use crate::json::Json;
use crate::value::Value;

/// A policy document; goes wherever a property takes one (`impl Into<Value<Json>>`).
#[derive(Clone, Debug, Default)]
pub struct Policy {
    statements: Vec<Statement>,
}

/// Where a document stands, which decides what it needs and what `*` means in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// What a role or a managed policy allows: resources, no principal.
    Identity,
    /// Who may assume a role: principals, no resource.
    Trust,
    /// The policy of a bucket, queue, topic, ...: principals and resources.
    Resource,
    /// The policy of a key, secret or repository: principals; a resource of `*` is the thing itself.
    Attached,
    /// What may pass through a VPC endpoint: a filter that gives nobody anything.
    Endpoint,
}

impl Policy {
    /// A document of these statements, in this order.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self { statements: statements.into_iter().collect() }
    }

    /// With one more statement.
    pub fn and(mut self, statement: Statement) -> Self {
        self.statements.push(statement);
        self
    }

    /// Whether there is no statement; IAM refuses such a document.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// The document's JSON.
    pub fn into_json(self) -> JsonValue {
        let statements: Vec<JsonValue> = self.statements.into_iter().map(Statement::into_json).collect();
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    /// The document as one text, for the few types that take no JSON. `Ref`, `Fn::GetAtt` and `Fn::Sub` in it become
    /// parts of one `Fn::Sub`; other intrinsics cannot stand inside a text.
    pub fn into_text(self) -> Value<Json> {
        let text = substitutable(self.into_json()).to_string();
        Value::from_json(json!({ "Fn::Sub": text }))
    }

    /// What [`crate::Template::check`] would report of this document alone.
    pub fn check(&self, kind: DocumentKind) -> Vec<Violation> {
        policies::document(kind, &self.clone().into_json())
    }
}

/// The document with each intrinsic as the `${...}` that stands for it in `Fn::Sub`.
fn substitutable(node: JsonValue) -> JsonValue {
    match intrinsic_key(&node) {
        Some(("Ref", JsonValue::String(name))) => format!("${{{name}}}").into(),
        Some(("Fn::GetAtt", argument)) => {
            let part = |index: usize| argument.get(index).and_then(JsonValue::as_str).unwrap_or_default();
            format!("${{{}.{}}}", part(0), part(1)).into()
        }
        Some(("Fn::Sub", JsonValue::String(text))) => text.as_str().into(),
        _ => match node {
            JsonValue::Object(entries) => {
                entries.into_iter().map(|(key, value)| (key, substitutable(value))).collect()
            }
            JsonValue::Array(items) => items.into_iter().map(substitutable).collect(),
            other => other,
        },
    }
}

impl Extend<Statement> for Policy {
    fn extend<I: IntoIterator<Item = Statement>>(&mut self, statements: I) {
        self.statements.extend(statements);
    }
}

impl From<Policy> for Value<Json> {
    fn from(policy: Policy) -> Self {
        Self::from_json(policy.into_json())
    }
}
