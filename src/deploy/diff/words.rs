//! A diff as text for people: a tree per stack, the worst in words, `+ - ~ !` before each line.

use std::fmt::{self, Display, Formatter};

use super::Diff;
use super::class::Class;
use super::entry::{Change, EntryDiff};
use super::iam::{Permission, PermissionDiff, Permissions};
use super::property::PropertyDiff;
use super::resource::ResourceDiff;
use super::show::excerpt;
use super::stack::{Basis, StackDiff};

/// Values longer than this are cut to where they differ.
const VALUE: usize = 60;

impl Display for Diff {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (same, other): (Vec<&StackDiff>, Vec<&StackDiff>) =
            self.stacks.iter().partition(|stack| !stack.differs());
        for stack in &other {
            writeln!(f, "{stack}")?;
        }
        for asked in &self.models {
            writeln!(f, "model management: {asked}")?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        let names = |stacks: &[&StackDiff]| {
            stacks.iter().map(|stack| stack.name.clone()).collect::<Vec<_>>().join(", ")
        };
        match (other.len(), same.len()) {
            (0, 0) => f.write_str("no stacks"),
            (0, count) => write!(f, "no changes in {}", plural(count, "stack")),
            (_, 0) => f.write_str(&self.summary()),
            _ => write!(f, "{}; unchanged: {}", self.summary(), names(&same)),
        }
    }
}

impl Diff {
    /// `2 stacks change: 3 to create, 1 to replace`.
    pub(super) fn summary(&self) -> String {
        let differing: Vec<&StackDiff> = self.stacks.iter().filter(|stack| stack.differs()).collect();
        let (count, verb) = (differing.len(), if differing.len() == 1 { "changes" } else { "change" });
        let counts = counts(|class| differing.iter().map(|stack| stack.count(class)).sum());
        let counts = if counts.is_empty() { "no resource is touched".to_owned() } else { counts };
        format!("{} {verb}: {counts}", plural(count, "stack"))
    }
}

impl Display for StackDiff {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let basis = match (self.change, self.basis) {
            (Change::Added, _) => "new",
            (Change::Removed, _) => "goes",
            (_, Basis::ChangeSet) => "by change set",
            (_, Basis::Templates) => "by template",
        };
        writeln!(f, "{} {} ({}, {basis})", self.change.mark(), self.name, self.deployed_name)?;
        let rest = if self.change == Change::Added { new_resources(f, self)? } else { Vec::new() };
        for resource in self.resources.iter().filter(|one| !rest.contains(&one.logical_id)) {
            resource.fmt(f)?;
        }
        for section in &self.sections {
            writeln!(f, "  {}", section.name)?;
            section.entries.iter().try_for_each(|entry| write_entry(f, "    ", entry))?;
        }
        write_permissions(f, self)?;
        write_network(f, self)?;
        self.notes.iter().try_for_each(|note| writeln!(f, "  note: {note}"))
    }
}

/// A stack that is new has nothing to look at but how much of what comes: types and counts. Returns what they cover.
fn new_resources(f: &mut Formatter<'_>, stack: &StackDiff) -> Result<Vec<String>, fmt::Error> {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    let created: Vec<&ResourceDiff> =
        stack.resources.iter().filter(|one| one.class == Class::Create).collect();
    for resource in &created {
        match kinds.iter_mut().find(|(kind, _)| *kind == resource.kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&resource.kind, 1)),
        }
    }
    kinds.sort_unstable();
    for (kind, count) in kinds {
        writeln!(f, "  + {count:>3} {kind}")?;
    }
    Ok(created.into_iter().map(|resource| resource.logical_id.clone()).collect())
}

impl Display for ResourceDiff {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {} {}  {}  {}", self.class.mark(), self.logical_id, self.kind, self.class)?;
        self.properties.iter().try_for_each(|property| write_property(f, property))?;
        self.attributes.iter().try_for_each(|entry| write_entry(f, "      ", entry))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "      note: {note}"))
    }
}

fn write_property(f: &mut Formatter<'_>, property: &PropertyDiff) -> fmt::Result {
    let effect = property.effect.words();
    let words = match &property.because {
        Some(cause) => format!("`{cause}` may get another value"),
        _ => values(property.before.as_deref(), property.after.as_deref()),
    };
    writeln!(f, "      {}: {words}{effect}", property.path)
}

fn write_entry(f: &mut Formatter<'_>, indent: &str, entry: &EntryDiff) -> fmt::Result {
    let values = values(entry.before.as_deref(), entry.after.as_deref());
    writeln!(f, "{indent}{} {}: {values}", entry.change.mark(), entry.name)
}

fn write_permissions(f: &mut Formatter<'_>, stack: &StackDiff) -> fmt::Result {
    if stack.permissions.is_empty() {
        return Ok(());
    }
    writeln!(f, "  who may do what")?;
    let (shown, folded): (Vec<_>, Vec<_>) =
        stack.permissions.iter().partition(|diff| stack.change != Change::Added || diff.is_broad());
    for diff in shown {
        diff.lines().into_iter().try_for_each(|(mark, line)| writeln!(f, "    {mark} {line}"))?;
    }
    if !folded.is_empty() {
        writeln!(
            f,
            "    + {} with permissions of their own, in --output json",
            plural(folded.len(), "role and policy")
        )?;
    }
    Ok(())
}

fn write_network(f: &mut Formatter<'_>, stack: &StackDiff) -> fmt::Result {
    if stack.network.is_empty() {
        return Ok(());
    }
    writeln!(f, "  who can reach what")?;
    stack.network.iter().try_for_each(|reach| writeln!(f, "    {} {}", reach.reach.mark(), reach.text))
}

impl PermissionDiff {
    /// Whether somebody gets all of a service, or may give permissions.
    pub(super) fn is_broad(&self) -> bool {
        self.gained.iter().any(|permission| permission.broad)
    }

    /// Its sentences with their marks.
    pub(super) fn lines(&self) -> Vec<(char, String)> {
        // The same words on both sides: what they refer to is what may be another one.
        let again =
            |one: &Permission, others: &[Permission]| others.iter().any(|other| other.reads_like(one));
        let mut lines: Vec<(char, String)> = Vec::new();
        for one in &self.gained {
            if again(one, &self.lost) {
                lines.push((
                    '~',
                    format!("{}, which may be another one", one.text.replace(" now ", " still ")),
                ));
            } else {
                lines.push((if one.broad { '!' } else { '+' }, one.text.clone()));
            }
        }
        let lost = self.lost.iter().filter(|one| !again(one, &self.gained));
        lines.extend(lost.map(|one| ('-', one.text.clone())));
        if self.permissions == Permissions::Other {
            lines.push(('~', format!("`{}`: in other words, allowing the same", self.subject)));
        }
        lines
    }
}

/// What happens to how many resources: `3 to create, 1 DATA LOSS`.
pub(super) fn counts(count: impl Fn(Class) -> usize) -> String {
    let classes = [
        (Class::LosesData, "with DATA LOSS"),
        (Class::MayLoseData, "with POSSIBLE DATA LOSS"),
        (Class::Kept, "kept behind"),
        (Class::Replace, "to replace"),
        (Class::MayReplace, "may be replaced"),
        (Class::Create, "to create"),
        (Class::InPlace, "to update"),
        (Class::Remove, "to remove"),
    ];
    let counts = classes.into_iter().map(|(class, words)| (count(class), words));
    let counts = counts.filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// `a -> b`, cut to where they differ.
pub(super) fn values(before: Option<&str>, after: Option<&str>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before == after => "another value, not shown".to_owned(),
        (Some(before), Some(after)) => {
            let (before, after) = excerpt(before, after, VALUE);
            format!("{before} -> {after}")
        }
        (None, Some(after)) => format!("set to {}", excerpt("", after, VALUE).1),
        (Some(before), None) => format!("no longer {}", excerpt(before, "", VALUE).0),
        (None, None) => "changes".to_owned(),
    }
}

pub(super) fn plural(count: usize, noun: &str) -> String {
    match (count, noun) {
        (1, noun) => format!("1 {noun}"),
        (count, "role and policy") => format!("{count} roles and policies"),
        (count, noun) => format!("{count} {noun}s"),
    }
}
