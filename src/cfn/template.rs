//! A template under construction: resources, parameters, conditions and outputs, written in one canonical order.

use std::collections::BTreeMap;

use serde_json::{Map, Value as JsonValue, json};

use crate::check::{self, Violation};
use crate::format::{self, Format};
use crate::handle::Handle;
use crate::intrinsic::Condition;
use crate::parameter::Parameter;
use crate::properties::Resource;
use crate::shape::ResourceShape;
use crate::value::Value;

/// A CloudFormation template.
#[derive(Clone, Debug)]
pub struct Template {
    description: String,
    parameters: BTreeMap<String, Parameter>,
    conditions: BTreeMap<String, JsonValue>,
    resources: BTreeMap<String, Entry>,
    outputs: BTreeMap<String, Output>,
    escapes: Vec<Escape>,
    duplicates: Vec<String>,
}

#[derive(Clone, Debug)]
struct Entry {
    shape: &'static ResourceShape,
    properties: JsonValue,
    attributes: Attributes,
}

/// What a template says of a resource beside its properties.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    object: Map<String, JsonValue>,
    depends_on: Vec<String>,
    origins: Vec<(String, String)>,
}

/// A value that a stack shows once it is deployed.
#[derive(Clone, Debug)]
pub struct Output {
    description: String,
    value: JsonValue,
}

/// A property that was set past the types, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escape {
    /// The resource.
    pub logical_id: String,
    /// The property.
    pub property: String,
    /// Why the types could not be used.
    pub reason: &'static str,
}

impl Attributes {
    fn set(&mut self, name: &str, value: JsonValue) -> &mut Self {
        self.object.insert(name.to_owned(), value);
        self
    }

    /// Keeps the resource when the stack is deleted and the old one when an update replaces it.
    pub fn retain(&mut self) -> &mut Self {
        self.set("DeletionPolicy", "Retain".into()).set("UpdateReplacePolicy", "Retain".into())
    }

    /// As [`Self::retain`], but lets a failed creation take away what it has just made, so that the next one can make it.
    pub fn retain_except_on_create(&mut self) -> &mut Self {
        self.set("DeletionPolicy", "RetainExceptOnCreate".into()).set("UpdateReplacePolicy", "Retain".into())
    }

    /// Deletes the resource with the stack, and the old one when an update replaces it.
    pub fn delete(&mut self) -> &mut Self {
        self.set("DeletionPolicy", "Delete".into()).set("UpdateReplacePolicy", "Delete".into())
    }

    /// Takes a snapshot before the resource is deleted or replaced (databases and volumes).
    pub fn snapshot(&mut self) -> &mut Self {
        self.set("DeletionPolicy", "Snapshot".into()).set("UpdateReplacePolicy", "Snapshot".into())
    }

    /// Waits for another resource that no property refers to.
    pub fn depends_on<R>(&mut self, other: &Handle<R>) -> &mut Self {
        self.depends_on.push(other.logical_id().to_owned());
        self
    }

    /// Makes the resource only where the condition holds.
    pub fn condition(&mut self, condition: &Condition) -> &mut Self {
        self.set("Condition", condition.name().into())
    }

    /// Attaches metadata under `key`.
    pub fn metadata(&mut self, key: &str, value: JsonValue) -> &mut Self {
        let metadata = self.object.entry("Metadata").or_insert_with(|| json!({}));
        if let Some(object) = metadata.as_object_mut() {
            object.insert(key.to_owned(), value);
        }
        self
    }

    /// How CloudFormation rolls a change over the resource (Auto Scaling groups).
    pub fn update_policy(&mut self, policy: JsonValue) -> &mut Self {
        self.set("UpdatePolicy", policy)
    }

    /// Records which configuration key set a property, so that a violation can name the line. `property` may be a
    /// prefix (`HealthCheckPath`, `SecurityGroupIngress`), or empty for the whole resource.
    pub fn set_by(&mut self, property: &str, config_path: &str) -> &mut Self {
        self.origins.push((property.to_owned(), config_path.to_owned()));
        self
    }
}

impl Template {
    /// An empty template.
    pub fn new(description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            parameters: BTreeMap::new(),
            conditions: BTreeMap::new(),
            resources: BTreeMap::new(),
            outputs: BTreeMap::new(),
            escapes: Vec::new(),
            duplicates: Vec::new(),
        }
    }

    /// Adds a resource. The logical id is an interface: changing it replaces the resource in every deployment.
    pub fn add<R: Resource>(&mut self, logical_id: impl Into<String>, resource: R) -> Handle<R> {
        let logical_id = logical_id.into();
        let entry = Entry {
            shape: R::SHAPE,
            properties: resource.into_properties().into_json(),
            attributes: Attributes::default(),
        };
        if self.resources.insert(logical_id.clone(), entry).is_some() {
            self.duplicates.push(logical_id.clone());
        }
        Handle::new(logical_id)
    }

    /// The attributes of a resource of this template.
    pub fn options<R>(&mut self, handle: &Handle<R>) -> &mut Attributes {
        let missing =
            || Entry { shape: &check::UNKNOWN, properties: json!({}), attributes: Attributes::default() };
        &mut self.resources.entry(handle.logical_id().to_owned()).or_insert_with(missing).attributes
    }

    /// Adds a parameter; adding the same one again changes nothing.
    pub fn parameter(&mut self, parameter: Parameter) -> Parameter {
        self.parameters.entry(parameter.name().to_owned()).or_insert(parameter).clone()
    }

    /// The parameters, by name.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.values()
    }

    /// Adds a condition that holds where `left` equals `right`.
    pub fn condition_equals(
        &mut self,
        name: &str,
        left: impl Into<Value<String>>,
        right: impl Into<Value<String>>,
    ) -> Condition {
        let test = json!({ "Fn::Equals": [left.into().into_json(), right.into().into_json()] });
        self.conditions.insert(name.to_owned(), test);
        Condition(name.to_owned())
    }

    /// Adds an output.
    pub fn output(&mut self, name: &str, description: &str, value: impl Into<Value<String>>) {
        let output = Output { description: description.to_owned(), value: value.into().into_json() };
        self.outputs.insert(name.to_owned(), output);
    }

    /// Names of the outputs.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs.keys().map(String::as_str)
    }

    /// Sets a property past the types. Every use is listed by [`Template::escapes`], so that
    /// whoever makes templates can count them.
    pub fn escape<R>(&mut self, handle: &Handle<R>, property: &str, value: JsonValue, reason: &'static str) {
        if let Some(entry) = self.resources.get_mut(handle.logical_id())
            && let Some(object) = entry.properties.as_object_mut()
        {
            object.insert(property.to_owned(), value);
        }
        let logical_id = handle.logical_id().to_owned();
        self.escapes.push(Escape { logical_id, property: property.to_owned(), reason });
    }

    /// Takes a top-level property off every resource of a type: for regions that do not know it.
    pub fn drop_property(&mut self, cfn_type: &str, property: &str) {
        let of_type = self.resources.values_mut().filter(|entry| entry.shape.cfn_type == cfn_type);
        of_type.filter_map(|entry| entry.properties.as_object_mut()).for_each(|object| {
            object.remove(property);
        });
    }

    /// Takes the tags off every resource: for partitions that refuse them.
    pub fn drop_tags(&mut self) {
        for entry in self.resources.values_mut() {
            if let (Some(tags), Some(object)) = (entry.shape.tags, entry.properties.as_object_mut()) {
                object.remove(tags);
            }
        }
    }

    /// The properties that were set past the types.
    pub fn escapes(&self) -> &[Escape] {
        &self.escapes
    }

    /// How many resources the template has.
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    /// Whether the template has no resource.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// Logical id and type of every resource, sorted by logical id.
    pub fn resource_types(&self) -> impl Iterator<Item = (&str, &'static ResourceShape)> {
        self.resources.iter().map(|(id, entry)| (id.as_str(), entry.shape))
    }

    /// Checks every literal against the tables of its type, every reference against what the template holds, and the
    /// template against CloudFormation's limits. Nothing that an intrinsic yields is judged.
    pub fn check(&self) -> Vec<Violation> {
        let mut violations: Vec<Violation> =
            self.duplicates.iter().map(|id| Violation::duplicate(id)).collect();
        for (logical_id, entry) in &self.resources {
            violations.extend(check::resource(logical_id, entry.shape, &entry.properties));
        }
        let document = self.to_json();
        violations.extend(check::references(&document));
        violations.extend(check::policies::check(&document));
        violations.extend(check::limits(&document));
        for violation in &mut violations {
            violation.set_by = self.origin(&violation.logical_id, &violation.property);
        }
        violations
    }

    /// The configuration key that set a property, by the longest prefix that was recorded.
    pub fn origin(&self, logical_id: &str, property: &str) -> Option<String> {
        let origins = &self.resources.get(logical_id)?.attributes.origins;
        let matching = origins.iter().filter(|(prefix, _)| property.starts_with(prefix.as_str()));
        matching.max_by_key(|(prefix, _)| prefix.len()).map(|(_, path)| path.clone())
    }

    /// The template as CloudFormation reads it.
    pub fn to_json(&self) -> JsonValue {
        let mut document = Map::new();
        document.insert("AWSTemplateFormatVersion".into(), "2010-09-09".into());
        document.insert("Description".into(), self.description.as_str().into());
        let mut section = |name: &str, entries: Map<String, JsonValue>| {
            if !entries.is_empty() {
                document.insert(name.to_owned(), JsonValue::Object(entries));
            }
        };
        section("Parameters", self.parameters.iter().map(|(id, p)| (id.clone(), p.to_json())).collect());
        section("Conditions", self.conditions.clone().into_iter().collect());
        section(
            "Resources",
            self.resources.iter().map(|(id, entry)| (id.clone(), entry.to_json())).collect(),
        );
        section("Outputs", self.outputs.iter().map(|(id, output)| (id.clone(), output.to_json())).collect());
        JsonValue::Object(document)
    }

    /// The template's text, always the same bytes for the same content, ending in a newline.
    pub fn to_text(&self, format: Format) -> String {
        format::write(&self.to_json(), format)
    }
}

impl Entry {
    fn to_json(&self) -> JsonValue {
        let mut object = self.attributes.object.clone();
        object.insert("Type".into(), self.shape.cfn_type.into());
        if self.properties.as_object().is_some_and(|properties| !properties.is_empty()) {
            object.insert("Properties".into(), self.properties.clone());
        }
        let mut depends_on = self.attributes.depends_on.clone();
        depends_on.sort();
        depends_on.dedup();
        if !depends_on.is_empty() {
            object.insert("DependsOn".into(), depends_on.into());
        }
        JsonValue::Object(object)
    }
}

impl Output {
    fn to_json(&self) -> JsonValue {
        json!({ "Description": self.description, "Value": self.value })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Template;
    use crate::aws::sqs::Queue;

    #[test]
    fn a_property_set_past_the_types_is_written_and_listed() {
        let mut template = Template::new("a queue");
        let queue = template.add("Queue", Queue::new());
        template.escape(&queue, "DelaySeconds", json!(5), "to be seen");
        assert_eq!(template.to_json()["Resources"]["Queue"]["Properties"]["DelaySeconds"], 5);
        let listed: Vec<_> = template.escapes().iter().map(|escape| escape.property.as_str()).collect();
        assert_eq!(listed, ["DelaySeconds"]);
    }
}
