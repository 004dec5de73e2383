//! The network by meaning: who can now reach what, who no longer can, and what is now open to everybody.

mod cidr;
mod exposure;
mod routes;
mod rule;
mod rules;

use serde::Serialize;

use super::moved::Moved;
use super::template::Template;
use rule::Rule;

/// What a change means for who can reach something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Reach {
    /// Something can no longer be reached.
    Less,
    /// Something can, or may, now be reached.
    More,
    /// Something can, or may, now be reached from the internet.
    Public,
}

impl Reach {
    /// The mark before its line: `+ - !`.
    pub const fn mark(self) -> char {
        match self {
            Self::Less => '-',
            Self::More => '+',
            Self::Public => '!',
        }
    }
}

/// One change of who can reach what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReachDiff {
    /// What that means.
    pub reach: Reach,
    /// The logical id, or the name, of what is reached or reaches.
    pub subject: String,
    /// The sentence.
    pub text: String,
}

/// Compares all that two templates say of the network.
pub(super) fn compare(old: &Template, new: &Template, moved: &Moved) -> Vec<ReachDiff> {
    let (before, after) = (rules::of(old, moved), rules::of(new, moved));
    let mut found: Vec<ReachDiff> = Vec::new();
    found.extend(uncovered(&after, &before).map(Rule::opened));
    found.extend(uncovered(&before, &after).map(Rule::closed));
    found.extend(exposure::compare(old, new, moved));
    found.extend(routes::compare(old, new));
    found.sort_by(|one, other| other.reach.cmp(&one.reach).then_with(|| one.cmp(other)));
    found.dedup();
    found
}

/// Rules that no rule of `others` surely covers.
fn uncovered<'a>(rules: &'a [Rule], others: &'a [Rule]) -> impl Iterator<Item = &'a Rule> {
    rules.iter().filter(|rule| !others.iter().any(|other| other.covers(rule)))
}
