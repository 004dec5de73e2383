//! Who may do what to an object: one function, asked with the object at hand, for every route.
//!
//! Whose an object is stands in the object or in the key that it was loaded by, never in the request. What somebody may
//! not read does not exist for them: a refusal to read is told as "not found".

use lisa_auth::{Caller, Via};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To see it.
    Read,
    /// To make one, or to change it.
    Write,
    /// To take it away.
    Delete,
}

/// What it is wanted of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource<'a> {
    /// A session, a project or the preferences of somebody.
    Personal {
        /// Whose it is.
        owner: &'a str,
    },
    /// A prompt template.
    Template {
        /// Whose it is.
        owner: &'a str,
        /// Who may read it.
        groups: &'a [String],
    },
    /// The configuration of a scope.
    Configuration,
    /// An API token.
    Token {
        /// Whose it is.
        owner: &'a str,
        /// Whether it is stored in the clear.
        is_legacy: bool,
    },
}

/// The group in a template that means everybody.
pub const PUBLIC: &str = "lisa:public";

/// Before the name of a group in a template.
pub const GROUP: &str = "group:";

/// Whether a caller may.
pub fn authorize(caller: &Caller, action: Action, resource: Resource<'_>) -> bool {
    match (resource, action) {
        // Administrators run the deployment; what people say in it is not theirs to read.
        (Resource::Personal { owner }, _) => is_person(caller) && caller.subject == owner,
        (Resource::Template { owner, groups }, Action::Read) => {
            caller.is_admin || caller.subject == owner || groups.iter().any(|group| is_in(caller, group))
        }
        (Resource::Template { owner, .. }, Action::Write | Action::Delete) => {
            caller.is_admin || caller.subject == owner
        }
        (Resource::Configuration, Action::Read) => true,
        (Resource::Configuration, Action::Write | Action::Delete) => caller.is_admin,
        (Resource::Token { owner, is_legacy }, Action::Read | Action::Delete) => {
            caller.is_admin || (!is_legacy && caller.subject == owner)
        }
        (Resource::Token { owner, .. }, Action::Write) => {
            // A token that made tokens would outlive its own end.
            !matches!(caller.via, Via::ApiToken(_))
                && (caller.is_admin || (caller.may_make_tokens && caller.subject == owner))
        }
    }
}

/// The groups of templates that a caller is in.
pub fn groups_of(caller: &Caller) -> Vec<String> {
    let own = caller.groups.iter().map(|group| format!("{GROUP}{group}"));
    std::iter::once(PUBLIC.to_owned()).chain(own).collect()
}

fn is_in(caller: &Caller, group: &str) -> bool {
    group == PUBLIC || group.strip_prefix(GROUP).is_some_and(|group| caller.groups.contains(group))
}

/// The management key is no person, and has nothing of its own.
fn is_person(caller: &Caller) -> bool {
    caller.via != Via::Management
}
