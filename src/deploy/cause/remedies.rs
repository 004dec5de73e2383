//! What to do about a failure, looked up by the service's words: one table for each kind of trouble.
//!
//! The words are those of CloudFormation and of the services behind it, as they stand in recorded events (the files
//! in `tests/failures`). A pattern is found anywhere in the reason or the error code, whatever the case; `*` in it
//! stands for anything. The first entry that fits wins, so what is particular comes before what is general.

mod access;
mod capacity;
mod containers;
mod general;
mod names;
mod network;
mod quotas;
mod removal;
mod request;
mod services;

use super::clean::Cleaned;
use crate::status::ResourceStatus;

pub use general::{UNKNOWN, of_call};

/// A remedy and the failures that it is for.
#[derive(Debug)]
pub struct Entry {
    /// Which remedy it is.
    pub id: &'static str,
    /// What the reason or the code says; one of them suffices.
    pub says: &'static [&'static str],
    /// What the resource's type begins with; empty for any.
    pub kind: &'static str,
    /// When it fails.
    pub moment: Moment,
    /// Where in the configuration to look.
    pub source: Source,
    /// Whether the same command may succeed later without anybody's doing.
    pub transient: bool,
    /// Whether the reason is in the log of the service's containers.
    pub reads_log: bool,
    /// What to do: sentences with placeholders that `facts` fills.
    pub text: &'static str,
}

/// When something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At any time.
    Any,
    /// While something was created or updated.
    Change,
    /// While something was deleted.
    Removal,
}

/// Where in the configuration to look for what led to a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// What set the resource that failed.
    Resource,
    /// What set a property: of the resource that failed, or else of the first one of that type in the stack.
    Property {
        /// The resource's type.
        kind: &'static str,
        /// The property.
        property: &'static str,
    },
    /// This key.
    Key(&'static str),
}

/// What set the instance type of the stack's hosts.
const INSTANCE_TYPE: Source =
    Source::Property { kind: "AWS::EC2::LaunchTemplate", property: "LaunchTemplateData/InstanceType" };

impl Entry {
    /// A remedy for these words: at any time, of any resource, and lasting until somebody does something.
    const fn new(id: &'static str, says: &'static [&'static str], text: &'static str) -> Self {
        let (kind, moment, source) = ("", Moment::Any, Source::Resource);
        Self { id, says, kind, moment, source, transient: false, reads_log: false, text }
    }

    const fn of(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    const fn at(self, source: Source) -> Self {
        Self { source, ..self }
    }

    const fn when(self, moment: Moment) -> Self {
        Self { moment, ..self }
    }

    const fn passing(self) -> Self {
        Self { transient: true, ..self }
    }

    const fn in_log(self) -> Self {
        Self { reads_log: true, ..self }
    }

    fn fits(&self, words: &str, kind: &str, moment: Moment) -> bool {
        let in_time = self.moment == Moment::Any || moment == Moment::Any || self.moment == moment;
        in_time && kind.starts_with(self.kind) && self.says.iter().any(|pattern| matches(pattern, words))
    }
}

impl Moment {
    /// What a resource's failed status tells.
    pub(super) fn of(status: &ResourceStatus) -> Self {
        if status.as_str().starts_with("DELETE") { Self::Removal } else { Self::Change }
    }
}

/// Every remedy, in the order in which they are tried.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    let tables: [&'static [Entry]; 9] = [
        request::TABLE,
        removal::TABLE,
        containers::TABLE,
        services::TABLE,
        quotas::TABLE,
        capacity::TABLE,
        network::TABLE,
        names::TABLE,
        access::TABLE,
    ];
    tables.into_iter().flatten()
}

/// The remedy for a reason; the general one where none is known.
pub(super) fn find(reason: &Cleaned, kind: &str, moment: Moment) -> &'static Entry {
    let words = reason.searched();
    all().find(|entry| entry.fits(&words, kind, moment)).unwrap_or(&general::FALLBACK)
}

/// Whether the pattern's parts stand in `words`, which are in lower case, one after the other.
fn matches(pattern: &str, words: &str) -> bool {
    let pattern = pattern.to_lowercase();
    let mut rest = Some(words);
    for part in pattern.split('*') {
        rest = rest.and_then(|rest| rest.find(part).map(|at| &rest[at + part.len()..]));
    }
    rest.is_some()
}
