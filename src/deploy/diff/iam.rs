//! Permissions by meaning: for every role, policy and guarded resource, who may now do what, and who no longer may.
//!
//! The comparison is careful: what is not surely covered by what was allowed before may be more.

mod grants;
mod permission;
mod statement;

use serde::Serialize;

use super::entry::Change;
use super::moved::Moved;
use super::pattern::Pattern;
use super::template::Template;
use super::veil::Veil;
use grants::{Aspect, Subject};
pub use permission::Permission;
use statement::{Set, Statement};

/// What a change means for what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Permissions {
    /// Nothing that is allowed changes; its words do.
    Other,
    /// Less is allowed.
    AllowsLess,
    /// More is, or may be, allowed.
    AllowsMore,
    /// More of one thing and less of another.
    Both,
}

/// What changes about the permissions of one role, policy or guarded resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionDiff {
    /// The logical id, or the name, of what holds the permissions, may be assumed, or is guarded.
    pub subject: String,
    /// Which side has any.
    pub change: Change,
    /// What that means.
    pub permissions: Permissions,
    /// What is, or may be, allowed now and was not before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gained: Vec<Permission>,
    /// What was allowed before and may not be now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Permission>,
}

/// Compares all permissions of two templates.
pub(super) fn compare(old: &Template, new: &Template, moved: &Moved, veil: &Veil) -> Vec<PermissionDiff> {
    let (before, after) = (grants::of(old, moved, veil), grants::of(new, moved, veil));
    let mut subjects: Vec<&Subject> = before.keys().chain(after.keys()).collect();
    subjects.sort();
    subjects.dedup();
    let none = Vec::new();
    let diffs = subjects.into_iter().filter_map(|subject| {
        let change = match (before.contains_key(subject), after.contains_key(subject)) {
            (false, _) => Change::Added,
            (_, false) => Change::Removed,
            _ => Change::Changed,
        };
        let statements = (before.get(subject).unwrap_or(&none), after.get(subject).unwrap_or(&none));
        let mut diff = one(subject, change, statements.0, statements.1)?;
        let has = |template: &Template| template.resources().contains_key(subject.id.as_str());
        match (has(old), has(new)) {
            // What is gone need not be denied to anybody, and what is new was never allowed to anybody.
            (true, false) => diff.gained.clear(),
            (false, true) => diff.lost.clear(),
            _ => {}
        }
        diff.judge();
        (has(old) == has(new) || diff.permissions != Permissions::Other).then_some(diff)
    });
    diffs.collect()
}

fn one(subject: &Subject, change: Change, old: &[Statement], new: &[Statement]) -> Option<PermissionDiff> {
    let told =
        |statements: &[Statement], others: &[Statement], allows: bool, gained: bool| -> Vec<Permission> {
            let these = statements.iter().filter(|statement| statement.allows == allows);
            let rest = these.flat_map(|statement| uncovered(statement, others));
            rest.map(|rest| rest.told(subject, gained)).collect()
        };
    let mut gained = told(new, old, true, true);
    gained.extend(told(old, new, false, true));
    let mut lost = told(old, new, true, false);
    lost.extend(told(new, old, false, false));
    if gained.is_empty() && lost.is_empty() && old == new {
        return None;
    }
    let permissions = Permissions::Other;
    Some(PermissionDiff { subject: subject.id.clone(), change, permissions, gained, lost })
}

impl PermissionDiff {
    fn judge(&mut self) {
        self.permissions = match (self.gained.is_empty(), self.lost.is_empty()) {
            (false, false) => Permissions::Both,
            (false, true) => Permissions::AllowsMore,
            (true, false) => Permissions::AllowsLess,
            (true, true) => Permissions::Other,
        };
    }
}

/// A part of a statement that no other statement surely covers.
struct Rest<'a> {
    statement: &'a Statement,
    who: Vec<Pattern>,
    actions: Vec<Pattern>,
    resources: Vec<Pattern>,
}

/// What of a statement no statement of `others` surely covers, put together again into as few parts as there may be.
fn uncovered<'a>(statement: &'a Statement, others: &[Statement]) -> Vec<Rest<'a>> {
    if others.iter().any(|other| other.covers(statement)) {
        return Vec::new();
    }
    let mut rests: Vec<Rest<'a>> = Vec::new();
    for principal in statement.principals.singles() {
        for resource in statement.resources.singles() {
            let actions = statement.actions.singles().into_iter().filter(|action| {
                let piece = statement.piece(&principal, action, &resource);
                !others.iter().any(|other| other.covers(&piece))
            });
            let actions: Vec<Pattern> = actions.flat_map(Set::into_patterns).collect();
            if !actions.is_empty() {
                join(&mut rests, statement, &principal, actions, &resource);
            }
        }
    }
    rests
}

fn join<'a>(
    rests: &mut Vec<Rest<'a>>,
    statement: &'a Statement,
    principal: &Set,
    actions: Vec<Pattern>,
    resource: &Set,
) {
    let (who, resources) = (principal.clone().into_patterns(), resource.clone().into_patterns());
    if let Some(same) = rests.iter_mut().find(|rest| rest.who == who && rest.actions == actions) {
        same.resources.extend(resources);
    } else if let Some(same) =
        rests.iter_mut().find(|rest| rest.resources == resources && rest.actions == actions)
    {
        same.who.extend(who);
    } else {
        rests.push(Rest { statement, who, actions, resources });
    }
}

impl Rest<'_> {
    fn told(&self, subject: &Subject, gained: bool) -> Permission {
        let texts = |set: &Set, patterns: &[Pattern]| -> Vec<String> {
            let texts = patterns.iter().map(ToString::to_string);
            if set.but {
                vec![format!("everything but {}", texts.collect::<Vec<_>>().join(", "))]
            } else {
                texts.collect()
            }
        };
        let statement = self.statement;
        let who = match subject.aspect {
            Aspect::Holder => vec![format!("`{}`", subject.id)],
            Aspect::Trust | Aspect::Guard => texts(&statement.principals, &self.who),
        };
        Permission::new(
            permission::Parts {
                who,
                denied: !statement.allows,
                actions: texts(&statement.actions, &self.actions),
                resources: texts(&statement.resources, &self.resources),
                when: statement.when(),
            },
            subject,
            gained,
        )
    }
}
