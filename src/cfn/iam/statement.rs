//! One statement of a policy: an effect, actions, resources, conditions and, where the document needs them, principals.

use std::collections::BTreeSet;

use serde_json::{Map, Value as JsonValue};

use super::action::Action;
use super::condition::{self, Condition};
use super::principal::{self, Principal};
use crate::value::Value;

/// One statement. A document of a role or a managed policy needs `on` or `on_all`; a role's trust has no resource.
#[derive(Clone, Debug)]
pub struct Statement {
    effect: &'static str,
    actions: BTreeSet<String>,
    resources: Vec<JsonValue>,
    principals: Vec<Principal>,
    conditions: Vec<Condition>,
    sid: Option<String>,
}

impl Statement {
    fn new(effect: &'static str, actions: impl IntoIterator<Item = Action>) -> Self {
        Self {
            effect,
            actions: actions.into_iter().map(|action| action.text()).collect(),
            resources: Vec::new(),
            principals: Vec::new(),
            conditions: Vec::new(),
            sid: None,
        }
    }

    /// Allows these actions.
    pub fn allow(actions: impl IntoIterator<Item = Action>) -> Self {
        Self::new("Allow", actions)
    }

    /// Denies these actions, whatever else allows them.
    pub fn deny(actions: impl IntoIterator<Item = Action>) -> Self {
        Self::new("Deny", actions)
    }

    /// Adds resources, by ARN or ARN pattern: text, `Value<String>` or `Value<Arn<R>>`, by value or by reference.
    pub fn on<V: Into<Value<String>>>(mut self, resources: impl IntoIterator<Item = V>) -> Self {
        self.resources.extend(resources.into_iter().map(|resource| resource.into().into_json()));
        self
    }

    /// On every resource. [`crate::Template::check`] refuses it for an action that can be limited to resources.
    pub fn on_all(self) -> Self {
        self.on(["*"])
    }

    /// For this principal, beside those named before.
    pub fn to(mut self, principal: Principal) -> Self {
        self.principals.push(principal);
        self
    }

    /// Only where the condition holds, beside those named before.
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Names the statement, in letters and digits.
    pub fn sid(mut self, sid: impl Into<String>) -> Self {
        self.sid = Some(sid.into());
        self
    }

    pub(super) fn into_json(self) -> JsonValue {
        let mut object = Map::new();
        object.insert("Effect".into(), self.effect.into());
        object.insert("Action".into(), self.actions.into_iter().collect());
        let mut resources = self.resources;
        sort_and_deduplicate(&mut resources);
        if !resources.is_empty() {
            object.insert("Resource".into(), JsonValue::Array(resources));
        }
        if !self.principals.is_empty() {
            object.insert("Principal".into(), principal::to_json(&self.principals));
        }
        if !self.conditions.is_empty() {
            object.insert("Condition".into(), condition::to_json(&self.conditions));
        }
        if let Some(sid) = self.sid {
            object.insert("Sid".into(), sid.into());
        }
        JsonValue::Object(object)
    }
}

/// Brings values whose order IAM does not read into one order, so that a document does not depend on how it was built.
pub(super) fn sort_and_deduplicate(values: &mut Vec<JsonValue>) {
    values.sort_by_cached_key(JsonValue::to_string);
    values.dedup();
}
