//! What a stack's deletion leaves, what it deletes only by and by, and what stands in its way, by the template that was
//! deployed.

use serde::Serialize;
use serde_json::Value as Json;

use crate::ports::cloudformation::StackResource;

/// A resource that matters for a removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Thing {
    /// The stack's short name.
    pub stack: String,
    /// The logical id.
    pub logical_id: String,
    /// The type.
    pub kind: String,
    /// The physical id: a bucket's name, a table's, a key's id.
    pub physical_id: String,
}

/// What is left of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Left {
    /// The resource as it is.
    Resource,
    /// A snapshot of it.
    Snapshot,
}

/// What a stack's resources mean for its deletion.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    /// What stays.
    pub kept: Vec<(Thing, Left)>,
    /// Keys and secrets, which AWS deletes after a waiting period.
    pub ending: Vec<Thing>,
    /// Buckets and repositories that are deleted, and must be empty for that; whether the stack empties them itself.
    pub stores: Vec<(Thing, bool)>,
    /// What is protected from deletion by a property of its own.
    pub guarded: Vec<Thing>,
}

impl Contents {
    /// The contents of a stack with this template; every resource counts as deleted where that cannot be read.
    pub(super) fn of(stack: &str, template: &str, resources: &[StackResource]) -> Self {
        let template: Json = serde_json::from_str(template).unwrap_or_default();
        let mut contents = Self::default();
        let there = resources.iter().filter(|resource| {
            !resource.physical_id.is_empty() && resource.status.as_str() != "DELETE_COMPLETE"
        });
        for resource in there {
            contents.add(thing(stack, resource), &template["Resources"][&resource.logical_id]);
        }
        contents
    }

    fn add(&mut self, thing: Thing, declared: &Json) {
        let properties = &declared["Properties"];
        match declared["DeletionPolicy"].as_str() {
            Some("Retain" | "RetainExceptOnCreate") => return self.kept.push((thing, Left::Resource)),
            Some("Snapshot") => self.kept.push((thing.clone(), Left::Snapshot)),
            _ => {}
        }
        if is_guarded(properties) {
            self.guarded.push(thing.clone());
        }
        match thing.kind.as_str() {
            "AWS::S3::Bucket" => self.stores.push((thing, false)),
            "AWS::ECR::Repository" => self.stores.push((thing, properties["EmptyOnDelete"] == true)),
            "AWS::KMS::Key" | "AWS::SecretsManager::Secret" => self.ending.push(thing),
            _ => {}
        }
    }
}

/// A resource of a stack as a thing.
fn thing(stack: &str, resource: &StackResource) -> Thing {
    let StackResource { logical_id, physical_id, kind, .. } = resource.clone();
    Thing { stack: stack.to_owned(), logical_id, kind, physical_id }
}

/// Whether tables, databases and load balancers are protected by their own properties.
fn is_guarded(properties: &Json) -> bool {
    let attributes = properties["LoadBalancerAttributes"].as_array();
    let protects =
        |attribute: &Json| attribute["Key"] == "deletion_protection.enabled" && attribute["Value"] == "true";
    properties["DeletionProtectionEnabled"] == true
        || properties["DeletionProtection"] == true
        || attributes.is_some_and(|attributes| attributes.iter().any(protects))
}
