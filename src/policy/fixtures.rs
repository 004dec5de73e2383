//! A small deployment in which every rule has something to judge and nothing to find, for tests to break.

mod api;
mod core;
mod data;
mod network;
mod serve;

use serde_json::{Map, Value, json};

use crate::{Date, Profile, PublicRoute, Report, Settings, TemplateRef, check};

/// Templates by stack.
#[derive(Clone)]
pub(crate) struct Stacks(Vec<(&'static str, Value)>);

impl Stacks {
    /// The deployment in which nothing is wrong, whatever the profile.
    pub(crate) fn good() -> Self {
        Self(vec![
            ("network", network::template()),
            ("core", core::template()),
            ("data", data::template()),
            ("serve", serve::template()),
            ("api", api::template()),
        ])
    }

    pub(crate) fn of(stack: &'static str, template: Value) -> Self {
        Self(vec![(stack, template)])
    }

    /// The same templates, the last one first.
    pub(crate) fn reversed(&self) -> Self {
        Self(self.0.iter().rev().cloned().collect())
    }

    /// One template alone.
    pub(crate) fn only(&self, stack: &str) -> Self {
        Self(self.0.iter().filter(|(name, _)| *name == stack).cloned().collect())
    }

    pub(crate) fn check(&self, settings: &Settings<'_>) -> Report {
        let templates: Vec<TemplateRef<'_>> =
            self.0.iter().map(|(stack, template)| TemplateRef { stack, template }).collect();
        check(&templates, settings)
    }

    /// Every `(stack/Id, type)`.
    pub(crate) fn resources(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (stack, template) in &self.0 {
            for (id, body) in template["Resources"].as_object().unwrap() {
                found.push((format!("{stack}/{id}"), body["Type"].as_str().unwrap().to_owned()));
            }
        }
        found
    }

    /// Sets what is at `stack/Id/Properties/...`; a `/` within a key is written `~1`.
    pub(crate) fn set(&mut self, path: &str, value: Value) -> &mut Self {
        *self.slot(path) = value;
        self
    }

    /// Removes what is at a path.
    pub(crate) fn remove(&mut self, path: &str) -> &mut Self {
        let (parent, key) = path.rsplit_once('/').unwrap();
        let removed = match self.slot(parent) {
            Value::Object(map) => map.remove(&key.replace("~1", "/")),
            Value::Array(items) => Some(items.remove(key.parse().unwrap())),
            _ => None,
        };
        assert!(removed.is_some(), "nothing to remove at {path}");
        self
    }

    /// What is at a path.
    pub(crate) fn get(&mut self, path: &str) -> Value {
        self.slot(path).clone()
    }

    /// Adds a parameter to a stack.
    pub(crate) fn parameter(&mut self, stack: &str, name: &str, declaration: Value) -> &mut Self {
        let (_, template) = self.0.iter_mut().find(|(known, _)| *known == stack).unwrap();
        let parameters = template.as_object_mut().unwrap().entry("Parameters").or_insert(json!({}));
        parameters[name] = declaration;
        self
    }

    fn slot(&mut self, path: &str) -> &mut Value {
        let mut keys = path.split('/');
        let stack = keys.next().unwrap();
        let (_, template) =
            self.0.iter_mut().find(|(name, _)| *name == stack).expect("a stack of the fixture");
        let mut at = &mut template["Resources"];
        for key in keys {
            at = match at {
                Value::Array(items) => {
                    let index: usize = key.parse().unwrap();
                    if index == items.len() {
                        items.push(Value::Null);
                    }
                    &mut items[index]
                }
                other => {
                    if !other.is_object() {
                        *other = Value::Object(Map::new());
                    }
                    &mut other[key.replace("~1", "/")]
                }
            };
        }
        at
    }
}

/// What the fixture is checked with.
pub(crate) fn with_settings<T>(profile: Profile, body: impl FnOnce(Settings<'_>) -> T) -> T {
    let routes = [PublicRoute { method: "GET".to_owned(), path: "/health".to_owned() }];
    let mut settings = Settings::new(profile, Date::new(2027, 1, 15).unwrap());
    settings.permissions_boundary = true;
    settings.internet_facing = true;
    settings.public_routes = &routes;
    body(settings)
}

/// `arn:${AWS::Partition}:<rest>`.
fn arn(rest: &str) -> Value {
    json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:{rest}")})
}

fn reference(id: &str) -> Value {
    json!({"Ref": id})
}

fn attribute(id: &str, name: &str) -> Value {
    json!({"Fn::GetAtt": [id, name]})
}

/// A role that one service may assume, and what it may do.
fn role(service: &str, tied: bool, statements: &Value) -> Value {
    let mut trust = json!({
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": format!("{service}.amazonaws.com")},
    });
    if tied {
        trust["Condition"] = json!({"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}});
    }
    json!({"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "PermissionsBoundary": arn("iam::${AWS::AccountId}:policy/boundary"),
        "Policies": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
    }})
}

fn log_group() -> Value {
    kept(json!({"Type": "AWS::Logs::LogGroup", "Properties": {
        "RetentionInDays": 30,
        "KmsKeyId": {"Ref": "LogsKeyArn"},
    }}))
}

/// A resource that says what happens to it when its stack goes.
fn kept(mut resource: Value) -> Value {
    resource["DeletionPolicy"] = json!("Retain");
    resource["UpdateReplacePolicy"] = json!("Retain");
    resource
}

/// A template parameter that reads an SSM parameter.
fn published(name: &str) -> Value {
    json!({"Type": "AWS::SSM::Parameter::Value<String>", "Default": format!("/dev/lisa/{name}")})
}

/// The SSM parameter that a [`published`] one reads.
fn publish(name: &str, value: &Value) -> Value {
    json!({"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Name": format!("/dev/lisa/{name}"), "Value": value,
    }})
}

/// A statement that refuses everything without TLS.
fn refuse_plain_text(action: &str, resources: &Value) -> Value {
    json!({
        "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}

fn alarm(namespace: &str, metric: &str, dimension: &str, value: &Value) -> Value {
    json!({"Type": "AWS::CloudWatch::Alarm", "Properties": {
        "Namespace": namespace, "MetricName": metric, "Dimensions": [{"Name": dimension, "Value": value}],
        "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "AlarmActions": [{"Ref": "TopicArn"}],
    }})
}
