//! Where a template says who may do what: policies of roles, policies on resources, trust, and permissions to invoke.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::statement::{Set, Statement};
use crate::diff::effect::shape;
use crate::diff::intrinsic::is_call;
use crate::diff::moved::Moved;
use crate::diff::normal;
use crate::diff::pattern::{Case, Pattern};
use crate::diff::policy_text::is_document;
use crate::diff::show::shown;
use crate::diff::template::Template;
use crate::diff::veil::Veil;

/// What permissions are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subject {
    /// A logical id, or a name from outside the template.
    pub(super) id: String,
    /// Its part in them.
    pub(super) aspect: Aspect,
}

/// The part of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aspect {
    /// It holds the permissions, as a role does or whoever has a managed policy.
    Holder,
    /// It may be assumed.
    Trust,
    /// It is what the permissions are about, as a bucket with a policy.
    Guard,
}

type Grants = BTreeMap<Subject, Vec<Statement>>;

/// Types whose document guards another resource, with the property that names it.
const GUARDS: [(&str, &str); 5] = [
    ("AWS::S3::BucketPolicy", "Bucket"),
    ("AWS::SQS::QueuePolicy", "Queues"),
    ("AWS::SNS::TopicPolicy", "Topics"),
    ("AWS::SecretsManager::ResourcePolicy", "SecretId"),
    ("AWS::Lambda::Permission", "FunctionName"),
];

/// Every permission that a template gives.
pub(super) fn of(template: &Template, moved: &Moved, veil: &Veil) -> Grants {
    let mut reader = Reader { moved, veil, grants: Grants::new() };
    for (id, resource) in template.resources() {
        let kind = resource.kind();
        reader.resource(id, kind, &normal::properties(shape(kind), resource.properties()));
    }
    reader.grants
}

struct Reader<'a> {
    moved: &'a Moved,
    veil: &'a Veil,
    grants: Grants,
}

impl Reader<'_> {
    fn resource(&mut self, id: &str, kind: &str, properties: &Value) {
        match kind {
            "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" => self.holder(id, properties),
            "AWS::IAM::Policy" => self.attached(properties),
            "AWS::IAM::ManagedPolicy" => self.document(id, Aspect::Holder, properties.get("PolicyDocument")),
            "AWS::Lambda::Permission" => self.invocation(id, properties),
            "AWS::EC2::VPCEndpoint" if properties.get("PolicyDocument").is_none() => {
                // Without a policy everything may pass.
                let all = Statement::allow(Set::of(vec![Pattern::any().called("anyone")]), Set::any());
                self.add(id, Aspect::Guard, vec![all]);
            }
            "AWS::Logs::ResourcePolicy" => self.document(id, Aspect::Guard, properties.get("PolicyDocument")),
            _ => {
                let guarded = guarded(id, kind, properties);
                self.documents(&guarded, properties);
            }
        }
    }

    /// A role's own policies, the managed ones that it names, and who may assume it.
    fn holder(&mut self, id: &str, properties: &Value) {
        self.document(id, Aspect::Trust, properties.get("AssumeRolePolicyDocument"));
        self.add(id, Aspect::Holder, Vec::new());
        for policy in list(properties.get("Policies")) {
            self.document(id, Aspect::Holder, policy.get("PolicyDocument").or(Some(policy)));
        }
        for policy in list(properties.get("ManagedPolicyArns")) {
            let name = Pattern::of(policy, Case::Sensitive, self.moved)
                .called(format!("do what `{}` allows", shown(policy)));
            self.add(id, Aspect::Holder, vec![Statement::allow(Set::any(), Set::of(vec![name]))]);
        }
        self.boundary(id, properties.get("PermissionsBoundary"));
    }

    /// A boundary denies what it does not allow: without one, or with another one, more may be allowed.
    fn boundary(&mut self, id: &str, boundary: Option<&Value>) {
        let Some(boundary) = boundary else { return };
        let name = Pattern::of(boundary, Case::Sensitive, self.moved);
        let name = name.called(format!("what the boundary `{}` does not allow", shown(boundary)));
        let mut denied = Statement::allow(Set::any(), Set::of(vec![name]));
        denied.allows = false;
        self.add(id, Aspect::Holder, vec![denied]);
    }

    /// A policy that names the roles that it belongs to.
    fn attached(&mut self, properties: &Value) {
        for holders in ["Roles", "Users", "Groups"] {
            for holder in list(properties.get(holders)) {
                self.document(&name(holder), Aspect::Holder, properties.get("PolicyDocument"));
            }
        }
    }

    fn invocation(&mut self, id: &str, properties: &Value) {
        let pattern = |property: &str, case| {
            let found = properties.get(property);
            found.map_or_else(Pattern::any, |value| Pattern::of(value, case, self.moved))
        };
        let who = match properties.get("Principal") {
            Some(any) if any == "*" => Pattern::any().called("anyone"),
            _ => pattern("Principal", Case::Sensitive),
        };
        let mut statement =
            Statement::allow(Set::of(vec![who]), Set::of(vec![pattern("Action", Case::Ignored)]));
        for property in
            ["SourceArn", "SourceAccount", "PrincipalOrgID", "FunctionUrlAuthType", "EventSourceToken"]
        {
            if let Some(value) = properties.get(property) {
                let value = self.veil.cover(property, value);
                statement = statement.when_value("is", property, &value, self.moved);
            }
        }
        self.add(&guarded(id, "AWS::Lambda::Permission", properties), Aspect::Guard, vec![statement]);
    }

    /// Every document anywhere in a resource's properties.
    fn documents(&mut self, id: &str, value: &Value) {
        match value {
            Value::Object(object) if is_document(object) => self.document(id, Aspect::Guard, Some(value)),
            Value::Object(object) => object.values().for_each(|value| self.documents(id, value)),
            Value::Array(items) => items.iter().for_each(|value| self.documents(id, value)),
            _ => {}
        }
    }

    fn document(&mut self, id: &str, aspect: Aspect, document: Option<&Value>) {
        let Some(document) = document else { return };
        let read = from_text(document);
        let statements = Statement::of_document(read.as_ref().unwrap_or(document), self.moved);
        self.add(id, aspect, statements);
    }

    fn add(&mut self, id: &str, aspect: Aspect, statements: Vec<Statement>) {
        self.grants.entry(Subject { id: id.to_owned(), aspect }).or_default().extend(statements);
    }
}

/// A document that is written as text, perhaps with substitutions.
fn from_text(value: &Value) -> Option<Value> {
    let text = value.as_str().or_else(|| value.get("Fn::Sub")?.as_str())?;
    let found: Value = serde_json::from_str(text).ok()?;
    // What is substituted in the text is substituted in each of its texts.
    let found = if is_call(value) { substituted(found) } else { found };
    normal::untyped(&found)
}

fn substituted(value: Value) -> Value {
    match value {
        Value::String(text) => json!({ "Fn::Sub": text }),
        Value::Array(items) => items.into_iter().map(substituted).collect(),
        Value::Object(members) => {
            let keep = |name: &str| ["Effect", "Version", "Sid"].contains(&name);
            let each = members.into_iter().map(|(name, value)| {
                let value = if keep(&name) { value } else { substituted(value) };
                (name, value)
            });
            Value::Object(each.collect())
        }
        other => other,
    }
}

/// What a document guards: the resource itself, or the one that it names.
fn guarded(id: &str, kind: &str, properties: &Value) -> String {
    let property = GUARDS.iter().find(|(guard, _)| *guard == kind).map(|(_, property)| *property);
    let named = property.and_then(|property| properties.get(property));
    let ids: Vec<String> = list(named).iter().map(name).collect();
    if ids.is_empty() { id.to_owned() } else { ids.join(", ") }
}

/// The logical id that a reference names, or what stands for it.
fn name(value: &Value) -> String {
    let text = shown(value);
    let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match inner {
        Some(inner) => inner.split_once('.').map_or(inner, |(id, _)| id).to_owned(),
        None => text,
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}
