//! What a deployment would change, before it does: a deployed template against a new one, by meaning.
//!
//! [`compare`] is the way in. It works on templates alone, and knows less than CloudFormation: a value that is known
//! only when deployed is a doubt, and a doubt is never shown as safe. A change set, where there is one, settles it.
//!
//! - `normal`, `intrinsic`, `policy_text`: what means the same is the same;
//! - `moved`: what means something else although its words stay;
//! - `effect`, `class`: what a change does to a resource and to what it holds;
//! - `iam`, `network`: who may now do what, and who can now reach what;
//! - `veil`: what must not be shown;
//! - `words`, `markdown`: how it is told.

mod change_set;
mod class;
mod effect;
mod entry;
mod iam;
mod intrinsic;
mod markdown;
mod moved;
mod network;
mod normal;
mod pattern;
mod policy_text;
mod property;
mod resource;
mod show;
mod stack;
mod template;
mod veil;
mod words;

pub use class::Class;
pub(crate) use class::takes_snapshots;
pub use effect::Effect;
pub(crate) use effect::holds_data;
pub use entry::{Change, EntryDiff, SectionDiff};
pub use iam::{Permission, PermissionDiff, Permissions};
pub use network::{Reach, ReachDiff};
pub use property::PropertyDiff;
pub use resource::ResourceDiff;
pub use stack::{Basis, Sides, StackDiff, compare};
pub use template::{Template, TemplateError};

use serde::Serialize;

/// What would change in all stacks that were compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// The stacks, in deployment order; those that stay the same too.
    pub stacks: Vec<StackDiff>,
    /// What model management would be asked for, each a fragment: ``update the model `mistral` ``.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// What to know beside them, each a fragment.
    pub notes: Vec<String>,
}

impl Diff {
    /// Whether anything differs.
    pub fn differs(&self) -> bool {
        !self.models.is_empty() || self.stacks.iter().any(StackDiff::differs)
    }

    /// The worst that would happen to any resource.
    pub fn class(&self) -> Class {
        self.stacks.iter().map(|stack| stack.class).max().unwrap_or(Class::NoOp)
    }
}
