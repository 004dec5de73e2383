//! What CloudFormation itself says of a change, laid over what the templates say: it knows every value, so it decides
//! where the templates leave a doubt, and it cannot talk a plain change of a create-only property away.

use std::collections::BTreeMap;

use serde_json::Value;

use super::class::{self, Class};
use super::effect::Effect;
use super::entry::Change;
use super::moved::{Reference, references};
use super::property::PropertyDiff;
use super::resource::ResourceDiff;
use super::show::shown;
use super::template::{Resource, Template};
use super::veil::{HIDDEN, Veil};
use crate::ports::cloudformation::{ChangeAction, ChangeSet, PropertyChange, Replacement, ResourceChange};

/// Both templates, and what must not be shown of them.
pub(super) struct Overlay<'a> {
    pub(super) old: &'a Template,
    pub(super) new: &'a Template,
    pub(super) veil: &'a Veil,
}

impl Overlay<'_> {
    /// Corrects the resources' changes by the change set. Resources that turn out to be untouched are taken out.
    pub(super) fn apply(&self, resources: &mut Vec<ResourceDiff>, change_set: &ChangeSet) {
        let changes: BTreeMap<&str, &ResourceChange> =
            change_set.changes.iter().map(|change| (change.logical_id.as_str(), change)).collect();
        resources.retain_mut(|resource| match changes.get(resource.logical_id.as_str()) {
            Some(change) => {
                self.correct(resource, change);
                true
            }
            None => stays(resource, self),
        });
        let known: Vec<String> = resources.iter().map(|resource| resource.logical_id.clone()).collect();
        let more = changes.into_values().filter(|change| !known.contains(&change.logical_id));
        resources.extend(more.map(|change| self.discover(change)));
        resources.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
    }

    fn sides(&self, logical_id: &str) -> (Option<Resource<'_>>, Option<Resource<'_>>) {
        (self.old.resources().get(logical_id).copied(), self.new.resources().get(logical_id).copied())
    }

    fn correct(&self, resource: &mut ResourceDiff, change: &ResourceChange) {
        let (Some(old), Some(new)) = self.sides(&resource.logical_id) else { return };
        if old.kind() != new.kind() {
            return;
        }
        self.take_properties(resource, change);
        let class = class_of(change, old, new);
        let proven = resource.properties.iter().filter(|property| property.proven);
        let certain =
            proven.map(|property| property.effect).filter(|effect| *effect == Effect::Replaces).max();
        let class = certain.map_or(class, |effect| class.max(class::of_change(effect, old, new)));
        resource.change = Change::Changed;
        resource.reclassify(class, old, new);
    }

    /// A resource that the templates leave as it is: a value from outside them changed.
    fn discover(&self, change: &ResourceChange) -> ResourceDiff {
        match (change.action, self.sides(&change.logical_id)) {
            (ChangeAction::Remove, (Some(old), _)) => ResourceDiff::removed(&change.logical_id, old),
            (ChangeAction::Add, (_, Some(new))) => ResourceDiff::added(&change.logical_id, new),
            (_, (Some(old), Some(new))) => {
                let mut resource = ResourceDiff::added(&change.logical_id, new);
                self.correct(&mut resource, change);
                resource.notes.push("a value from outside the template changed".to_owned());
                resource.class = resource.class.max(class_of(change, old, new));
                resource
            }
            _ => foreign(change),
        }
    }

    /// Properties that only CloudFormation sees change, and its word on those that refer to something.
    fn take_properties(&self, resource: &mut ResourceDiff, change: &ResourceChange) {
        for property in &change.properties {
            let effect = effect_of(property.replacement);
            let mut known = false;
            for found in resource.properties.iter_mut().filter(|found| found.root() == property.name) {
                known = true;
                if !found.proven {
                    found.effect = effect;
                }
            }
            if !known && !is_attribute(&property.name) {
                resource.properties.push(self.property(&resource.logical_id, property, effect));
            }
        }
    }

    fn property(&self, logical_id: &str, property: &PropertyChange, effect: Effect) -> PropertyDiff {
        let hidden = self.refers_to_silent(logical_id, &property.name);
        let text =
            |value: &String| if hidden { HIDDEN.to_owned() } else { self.cover(&property.name, value) };
        PropertyDiff {
            path: property.name.clone(),
            before: property.before.as_ref().map(text),
            after: property.after.as_ref().map(text),
            effect,
            because: None,
            proven: false,
        }
    }

    /// CloudFormation writes lists and objects as JSON.
    fn cover(&self, name: &str, text: &str) -> String {
        match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Array(_) | Value::Object(_))) => shown(&self.veil.cover(name, &value)),
            _ => self.veil.cover_text(name, text),
        }
    }

    /// Whether a property refers to a parameter that is not echoed.
    fn refers_to_silent(&self, logical_id: &str, property: &str) -> bool {
        let (old, new) = self.sides(logical_id);
        let values = [old, new].into_iter().flatten().filter_map(|resource| resource.property(property));
        values.flat_map(references).any(|reference| match reference {
            Reference::Name(name) => self.veil.hides_parameter(&name),
            _ => false,
        })
    }
}

/// Whether a change stands that the change set does not list: one that both templates prove, or that touches nothing
/// but what the templates say about the resource.
fn stays(resource: &mut ResourceDiff, overlay: &Overlay<'_>) -> bool {
    let conditional =
        |side: Option<Resource<'_>>| side.is_some_and(|side| side.attribute("Condition").is_some());
    let (old, new) = overlay.sides(&resource.logical_id);
    match resource.change {
        Change::Unchanged => false,
        Change::Added => !conditional(new),
        Change::Removed => !conditional(old),
        Change::Changed if resource.properties.iter().any(|property| property.proven) => {
            resource.notes.push("the change set does not list it".to_owned());
            true
        }
        Change::Changed => {
            resource.properties.clear();
            resource.notes.clear();
            if resource.class.replaces() {
                resource.class = Class::InPlace;
            }
            !resource.attributes.is_empty()
        }
    }
}

/// What CloudFormation's word means for a resource.
fn class_of(change: &ResourceChange, old: Resource<'_>, new: Resource<'_>) -> Class {
    match change.action {
        ChangeAction::Remove => class::of_removal(old),
        ChangeAction::Add => Class::Create,
        ChangeAction::Dynamic => class::of_change(Effect::MayReplace, old, new),
        ChangeAction::Modify | ChangeAction::Import => {
            class::of_change(effect_of(change.replacement), old, new)
        }
    }
}

const fn effect_of(replacement: Replacement) -> Effect {
    match replacement {
        Replacement::Never => Effect::InPlace,
        Replacement::Conditional => Effect::MayReplace,
        Replacement::Always => Effect::Replaces,
    }
}

/// Scopes of a change set that are no properties.
fn is_attribute(name: &str) -> bool {
    ["Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy"].contains(&name)
}

/// A resource of the change set that neither template has in its place.
fn foreign(change: &ResourceChange) -> ResourceDiff {
    let object = serde_json::json!({ "Type": change.kind });
    let resource = Resource(&object);
    let mut diff = match change.action {
        ChangeAction::Remove => ResourceDiff::removed(&change.logical_id, resource),
        _ => ResourceDiff::added(&change.logical_id, resource),
    };
    if matches!(change.action, ChangeAction::Modify | ChangeAction::Dynamic) {
        diff.change = Change::Changed;
        diff.class = class::of_change(effect_of(change.replacement), resource, resource);
    }
    diff.notes.push("only the change set knows it".to_owned());
    diff
}
