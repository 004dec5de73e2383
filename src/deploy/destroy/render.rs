//! A removal in words: what goes, what stays and where, what must be decided.

use std::fmt;

use super::{Kept, Left, Removal, Store, Thing, is_bucket, is_load_balancer};

impl Removal {
    /// The buckets and repositories that hold something which only [`super::Options::empty`] allows to delete.
    pub fn full(&self) -> impl Iterator<Item = &Store> {
        self.stores.iter().filter(|store| store.items > 0 && !store.empties_itself)
    }

    /// What is protected and may hold data: its stack cannot be deleted before somebody ends the protection.
    pub fn blocked(&self) -> impl Iterator<Item = &Thing> {
        self.guarded.iter().filter(|thing| !is_load_balancer(thing))
    }

    /// Whether there is nothing to remove.
    pub fn is_empty(&self) -> bool {
        self.stacks.is_empty()
    }
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "there is nothing to remove");
        }
        writeln!(f, "removed, in this order:")?;
        for stack in &self.stacks {
            let protected = if stack.protected { ", protected from deletion" } else { "" };
            writeln!(f, "  {} ({}, {}{protected})", stack.name, stack.deployed_name, stack.status)?;
        }
        section(f, "deleted with all that is in them:", &self.stores)?;
        section(f, "kept, as `removalPolicy` says:", &self.kept)?;
        section(f, "deleted for good only after AWS's waiting period:", &self.ending)?;
        let (ended, blocked): (Vec<&Thing>, Vec<&Thing>) =
            self.guarded.iter().partition(|thing| is_load_balancer(thing));
        section(f, "protected, which is ended before they are deleted:", &ended)?;
        section(f, "protected, so that their stacks cannot be deleted:", &blocked)
    }
}

fn section<T: fmt::Display>(f: &mut fmt::Formatter<'_>, title: &str, things: &[T]) -> fmt::Result {
    if things.is_empty() {
        return Ok(());
    }
    writeln!(f, "{title}")?;
    things.iter().try_for_each(|thing| writeln!(f, "  {thing}"))
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stack, logical_id, kind, physical_id } = self;
        write!(f, "{stack}/{logical_id}: {kind} `{physical_id}`")
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.left {
            Left::Resource => write!(f, "{}", self.thing),
            Left::Snapshot => write!(f, "{}, as a snapshot", self.thing),
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match (is_bucket(&self.thing), self.items) {
            (true, 1) => "object",
            (true, _) => "objects",
            (false, 1) => "image",
            (false, _) => "images",
        };
        write!(f, "{}, {} {unit}", self.thing, self.items)
    }
}
