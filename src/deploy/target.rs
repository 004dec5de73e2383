//! What a stack is to be, and the names under which a run finds its own work again.
//!
//! Names and tokens are pure functions of what is wanted and what is observed. The same attempt, killed and run again,
//! computes the same ones; a later attempt on the same stack does not, because the stack has changed since.

use std::collections::BTreeMap;

use lisa_stacks::Stack;
use sha2::{Digest, Sha256};

use crate::ports::cloudformation::{ObservedStack, StackStatus, TemplateSource};

/// What a stack is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The short name, such as `serve`.
    pub name: String,
    /// The name in CloudFormation.
    pub deployed_name: String,
    /// Short names of the stacks that it needs. Those that are not part of a run are not waited for.
    pub depends_on: Vec<String>,
    /// What it is to hold; empty for a removal.
    pub content: Content,
}

/// What a stack is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Where the template is.
    pub template: TemplateSource,
    /// The template.
    pub text: String,
    /// Values of the parameters that have no default.
    pub parameters: BTreeMap<String, String>,
    /// The stack's tags.
    pub tags: BTreeMap<String, String>,
}

impl Default for Content {
    fn default() -> Self {
        let (parameters, tags) = (BTreeMap::new(), BTreeMap::new());
        Self { template: TemplateSource::Body(String::new()), text: String::new(), parameters, tags }
    }
}

impl Target {
    /// A stack by name alone: enough for a removal.
    pub fn named(name: &str, deployed_name: &str) -> Self {
        let (name, deployed_name) = (name.to_owned(), deployed_name.to_owned());
        Self { name, deployed_name, depends_on: Vec::new(), content: Content::default() }
    }

    /// What `stack` is to be, its template being at `template` with the text `text`.
    pub fn of(
        stack: &Stack,
        template: TemplateSource,
        text: String,
        parameters: BTreeMap<String, String>,
    ) -> Self {
        let content = Content { template, text, parameters, tags: stack.tags.clone() };
        let depends_on = stack.depends_on.clone();
        Self { depends_on, content, ..Self::named(&stack.name, &stack.deployed_name) }
    }
}

impl Content {
    /// What all names of this content begin with: a run knows by it that an operation deploys just this.
    pub fn prefix(&self) -> String {
        let pairs = |map: &BTreeMap<String, String>| {
            map.iter().flat_map(|(key, value)| [key.clone(), value.clone()]).collect::<Vec<_>>()
        };
        let (parameters, tags) = (pairs(&self.parameters), pairs(&self.tags));
        let counts = [parameters.len().to_string(), tags.len().to_string()];
        let all = std::iter::once(&self.text).chain(&counts).chain(&parameters).chain(&tags);
        format!("lisa-{}-", digest(all.map(String::as_str)))
    }
}

/// What tells one attempt on a stack from another.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The stack as it is now; `None` where there is none.
    pub stack: Option<&'a ObservedStack>,
    /// What the stacks that it needs are at, from [`state_of`].
    pub basis: &'a str,
    /// How often a name had to be given up in this run.
    pub retry: u32,
}

/// The name of the change set that brings a stack to `target`; also the token of the call that makes it.
pub fn change_set_name(target: &Target, attempt: &Attempt<'_>) -> String {
    // The shell that CloudFormation makes for a change set is as good as no stack: its id was not known before.
    let stack = attempt
        .stack
        .filter(|stack| !matches!(stack.status, StackStatus::ReviewInProgress | StackStatus::DeleteComplete));
    let state = stack.map(state_of).unwrap_or_default();
    let parts = [target.deployed_name.as_str(), &state, attempt.basis, &attempt.retry.to_string()];
    format!("{}{}", target.content.prefix(), digest(parts))
}

/// A token for a call that changes a stack: of the stack's id, what is done, and what had happened before it.
pub fn token(what: &str, stack: &str, after: &str) -> String {
    format!("{what}-{}", digest([stack, after]))
}

/// What tells a stack from itself before and after an operation.
pub fn state_of(stack: &ObservedStack) -> String {
    let updated = stack.updated.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    format!("{} {}", stack.id, updated.unwrap_or_default().as_millis())
}

/// The first 16 hexadecimal digits of the SHA-256 of parts that cannot run into each other.
fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize()[..8])
}

/// Bytes in lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Attempt, ObservedStack, StackStatus, Target, change_set_name};

    fn stack(status: StackStatus, updated: u64) -> ObservedStack {
        ObservedStack {
            id: "arn:1".to_owned(),
            name: "prod-serve".to_owned(),
            status,
            reason: None,
            parameters: BTreeMap::new(),
            outputs: BTreeMap::new(),
            tags: BTreeMap::new(),
            protected: false,
            created: None,
            updated: Some(UNIX_EPOCH + Duration::from_secs(updated)),
        }
    }

    fn name(target: &Target, stack: Option<&ObservedStack>, basis: &str) -> String {
        change_set_name(target, &Attempt { stack, basis, retry: 0 })
    }

    #[test]
    fn a_killed_run_finds_the_name_again_also_when_it_left_a_shell() {
        let target = Target::named("serve", "prod-serve");
        let shell = stack(StackStatus::ReviewInProgress, 1);
        assert_eq!(name(&target, None, ""), name(&target, Some(&shell), ""));
    }

    #[test]
    fn a_later_attempt_another_content_and_other_dependencies_have_other_names() {
        let target = Target::named("serve", "prod-serve");
        let (before, after) =
            (stack(StackStatus::CreateComplete, 1), stack(StackStatus::UpdateRollbackComplete, 2));
        let first = name(&target, Some(&before), "");
        assert_ne!(first, name(&target, Some(&after), ""));
        assert_ne!(first, name(&target, Some(&before), "arn:core 5"));
        let mut tagged = target.clone();
        tagged.content.tags.insert("a".to_owned(), "b".to_owned());
        assert_ne!(first, name(&tagged, Some(&before), ""));
    }

    #[test]
    fn a_parameter_is_not_a_tag() {
        let (mut one, mut other) = (Target::named("a", "a"), Target::named("a", "a"));
        one.content.tags.insert("k".to_owned(), "v".to_owned());
        other.content.parameters.insert("k".to_owned(), "v".to_owned());
        assert_ne!(one.content.prefix(), other.content.prefix());
    }
}
