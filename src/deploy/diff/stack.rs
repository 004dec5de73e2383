//! One stack: its two sides compared whole, and the change set laid over them where there is one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::change_set::Overlay;
use super::class::Class;
use super::entry::{self, Change, SectionDiff};
use super::iam::{self, PermissionDiff};
use super::moved::Moved;
use super::network::{self, ReachDiff};
use super::property::PropertyDiff;
use super::resource::ResourceDiff;
use super::template::Template;
use super::veil::Veil;
use crate::ports::cloudformation::{ChangeSet, ChangeSetState};

/// The two sides of a stack.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sides<'a> {
    /// What is deployed; `None` where nothing is.
    pub deployed: Option<&'a Template>,
    /// What would be; `None` where the stack would go.
    pub planned: Option<&'a Template>,
    /// The deployed and the new tags of the stack, where they are known.
    pub tags: Option<[&'a BTreeMap<String, String>; 2]>,
    /// What CloudFormation says of the change.
    pub change_set: Option<&'a ChangeSet>,
}

/// What the comparison rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// The templates alone.
    Templates,
    /// The templates and CloudFormation's change set.
    ChangeSet,
}

/// What would change in a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StackDiff {
    /// The short name.
    pub name: String,
    /// The name in CloudFormation.
    pub deployed_name: String,
    /// Whether the stack comes, goes, changes or stays.
    pub change: Change,
    /// The worst that would happen to any of its resources.
    pub class: Class,
    /// What this rests on.
    pub basis: Basis,
    /// The resources to which something happens, by logical id.
    pub resources: Vec<ResourceDiff>,
    /// How many resources stay as they are.
    pub unchanged: usize,
    /// What else of the template differs, and the stack's tags.
    pub sections: Vec<SectionDiff>,
    /// Who may do what.
    pub permissions: Vec<PermissionDiff>,
    /// Who can reach what.
    pub network: Vec<ReachDiff>,
    /// What to know beside that, each a fragment.
    pub notes: Vec<String>,
}

impl StackDiff {
    /// Whether anything differs.
    pub fn differs(&self) -> bool {
        self.change != Change::Unchanged
    }

    /// The resources that are made anew, kept behind or lost, or may be.
    pub fn grave(&self) -> impl Iterator<Item = &ResourceDiff> {
        self.resources.iter().filter(|resource| resource.class.replaces())
    }

    /// How many resources have a class.
    pub fn count(&self, class: Class) -> usize {
        self.resources.iter().filter(|resource| resource.class == class).count()
    }
}

/// Compares the two sides of the stack `name`, which CloudFormation knows as `deployed_name`.
pub fn compare(name: &str, deployed_name: &str, sides: &Sides<'_>) -> StackDiff {
    let empty = Template::default();
    let (old, new) = (sides.deployed.unwrap_or(&empty), sides.planned.unwrap_or(&empty));
    let veil = Veil::over([old, new]);
    let (mut resources, moved) = resources(old, new, &veil);
    let (basis, mut notes) = lay_over(&mut resources, sides.change_set, &Overlay { old, new, veil: &veil });
    let both = sides.deployed.is_some() && sides.planned.is_some();
    let mut sections = if both { entry::sections(old, new, &veil) } else { Vec::new() };
    sections.extend(sides.tags.and_then(|[old, new]| entry::tags(old, new, &veil)));
    notes.extend(renames(&resources, old, new));
    if sides.deployed.is_some() && sides.planned.is_none() {
        notes.push(format!("`lisa deploy` leaves it; `lisa destroy --stack {name}` takes it away"));
    }
    let all: BTreeSet<&str> = old.resources().into_keys().chain(new.resources().into_keys()).collect();
    StackDiff {
        name: name.to_owned(),
        deployed_name: deployed_name.to_owned(),
        change: match (sides.deployed, sides.planned) {
            (None, Some(_)) => Change::Added,
            (Some(_), None) => Change::Removed,
            _ if resources.is_empty() && sections.is_empty() => Change::Unchanged,
            _ => Change::Changed,
        },
        class: resources.iter().map(|resource| resource.class).max().unwrap_or(Class::NoOp),
        basis,
        unchanged: all.len().saturating_sub(resources.len()),
        resources,
        sections,
        permissions: iam::compare(old, new, &moved, &veil),
        network: network::compare(old, new, &moved),
        notes,
    }
}

/// Every resource to which something happens. A resource that is made anew moves what refers to it, which may move
/// more: until nothing moves any further.
fn resources(old: &Template, new: &Template, veil: &Veil) -> (Vec<ResourceDiff>, Moved) {
    let mut moved = Moved::between(old, new);
    loop {
        let found = pass(old, new, &moved, veil);
        let mut next = moved.clone();
        for resource in found.iter().filter(|resource| resource.change == Change::Changed) {
            if resource.class.replaces() {
                next.made_anew(&resource.logical_id);
            } else if !resource.properties.is_empty() {
                next.changed_in_place(&resource.logical_id);
            }
        }
        if next == moved {
            return (found, moved);
        }
        moved = next;
    }
}

fn pass(old: &Template, new: &Template, moved: &Moved, veil: &Veil) -> Vec<ResourceDiff> {
    let (before, after) = (old.resources(), new.resources());
    let ids: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let diffs = ids.into_iter().filter_map(|id| match (before.get(id), after.get(id)) {
        (Some(old), Some(new)) => Some(ResourceDiff::between(id, *old, *new, moved, veil)),
        (None, Some(new)) => Some(ResourceDiff::added(id, *new)),
        (Some(old), None) => Some(ResourceDiff::removed(id, *old)),
        (None, None) => None,
    });
    diffs.filter(|resource| resource.change != Change::Unchanged).collect()
}

fn lay_over(
    resources: &mut Vec<ResourceDiff>,
    change_set: Option<&ChangeSet>,
    overlay: &Overlay<'_>,
) -> (Basis, Vec<String>) {
    let Some(change_set) = change_set else { return (Basis::Templates, Vec::new()) };
    match change_set.state {
        ChangeSetState::Ready | ChangeSetState::Empty => {
            overlay.apply(resources, change_set);
            (Basis::ChangeSet, Vec::new())
        }
        ChangeSetState::Pending | ChangeSetState::Failed | ChangeSetState::Used => {
            let reason = change_set.reason.as_deref().unwrap_or("no reason given");
            (Basis::Templates, vec![format!("CloudFormation could not make a change set: {reason}")])
        }
    }
}

/// Resources with data that only have another id: CloudFormation takes that for one that goes and one that comes.
fn renames(resources: &[ResourceDiff], old: &Template, new: &Template) -> Vec<String> {
    let (before, after) = (old.resources(), new.resources());
    let gone = resources.iter().filter(|resource| resource.change == Change::Removed && resource.holds_data);
    let lines = gone.filter_map(|gone| {
        let old = before.get(gone.logical_id.as_str())?;
        let twin = resources.iter().find(|come| {
            come.change == Change::Added
                && after.get(come.logical_id.as_str()).is_some_and(|new| new.0 == old.0)
        })?;
        let (from, to) = (&gone.logical_id, &twin.logical_id);
        Some(format!("`{to}` is `{from}` under another id: it is made anew, and `{from}` goes"))
    });
    lines.collect()
}

impl PropertyDiff {
    /// Why the resource is made anew, where this property is the reason.
    pub fn forces(&self) -> bool {
        self.effect != super::effect::Effect::InPlace
    }
}
