//! An IAM action as data: its service, its name, what kind of access it gives and which resources it takes.

use super::actions;

/// What an action does to what it touches, as AWS's service authorization reference classes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Names what there is.
    List,
    /// Reads contents.
    Read,
    /// Creates, changes or deletes.
    Write,
    /// Changes tags.
    Tagging,
    /// Changes who may do what.
    Permissions,
}

/// A kind of resource that an action can be limited to.
#[derive(Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// The kind's name in the service authorization reference (`table`).
    pub name: &'static str,
    /// The ARN, with `${Name}` where a text of the caller's stands.
    pub arn: &'static str,
}

/// One action of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// The service's prefix (`s3`).
    pub service: &'static str,
    /// The action's name (`GetObject`).
    pub name: &'static str,
    /// What kind of access it gives.
    pub access: Access,
    /// The resources it takes; none means that it can only be given for `*`.
    pub resources: &'static [&'static ResourceType],
}

/// A service's actions and condition keys; the generated tables are of this type.
#[derive(Debug)]
pub(crate) struct Service {
    /// The prefix.
    pub(crate) prefix: &'static str,
    /// The actions, sorted by name in lower case.
    pub(crate) actions: &'static [Action],
    /// Condition keys of the service and those global keys that its reference lists.
    pub(crate) condition_keys: &'static [&'static str],
}

impl Action {
    pub(super) const fn new(
        service: &'static str,
        name: &'static str,
        access: Access,
        resources: &'static [&'static ResourceType],
    ) -> Self {
        Self { service, name, access, resources }
    }

    /// Every action of a service (`s3:*`): for statements that deny, and for a key's administrators.
    pub const fn all_of(service: &'static str) -> Self {
        Self::new(service, "*", Access::Permissions, &[])
    }

    /// Whether the action can be limited to resources, so that `*` would give more than is needed.
    pub const fn supports_resources(&self) -> bool {
        !self.resources.is_empty()
    }

    /// As a policy writes it (`s3:GetObject`).
    pub fn text(&self) -> String {
        format!("{}:{}", self.service, self.name)
    }
}

/// The table of a service; prefixes are compared without regard to case, as IAM does.
pub(crate) fn service(prefix: &str) -> Option<&'static Service> {
    let prefix = prefix.to_ascii_lowercase();
    let index = actions::SERVICES.binary_search_by(|service| service.prefix.cmp(&prefix)).ok()?;
    Some(actions::SERVICES[index])
}

/// The action of this text (`s3:GetObject`, in any case), if its service is in the table and has it.
pub fn find(action: &str) -> Option<&'static Action> {
    let (prefix, name) = action.split_once(':')?;
    let (table, name) = (service(prefix)?.actions, name.to_ascii_lowercase());
    let index = table.binary_search_by(|known| known.name.to_ascii_lowercase().cmp(&name)).ok()?;
    Some(&table[index])
}

/// The actions that a text stands for, where its name may hold `*` and `?`; `None` where the service is not in the table.
pub fn matching(pattern: &str) -> Option<Vec<&'static Action>> {
    let (prefix, name) = pattern.split_once(':')?;
    let table = service(prefix)?.actions;
    if !name.contains(['*', '?']) {
        return Some(find(pattern).into_iter().collect());
    }
    let name = name.to_ascii_lowercase().into_bytes();
    let matches = |action: &&Action| glob(&name, action.name.to_ascii_lowercase().as_bytes());
    Some(table.iter().filter(matches).collect())
}

/// Whether an action can be limited to resources (`false`: `*` is needed); `None` where the table does not have it.
/// Of a pattern (`ecs:Describe*`), whether any action that it stands for can be.
pub fn supports_resources(action: &str) -> Option<bool> {
    let actions = matching(action).filter(|actions| !actions.is_empty())?;
    Some(actions.iter().any(|action| action.supports_resources()))
}

/// Whether a condition key of a service exists; `None` where the key's service is not in the table. Keys that end in a
/// name of the caller's (`kms:EncryptionContext:app`, `s3:ExistingObjectTag/team`) match up to that name.
pub(crate) fn condition_key(key: &str) -> Option<bool> {
    let (prefix, _) = key.split_once(':')?;
    let key = key.to_ascii_lowercase();
    let known = |pattern: &&str| {
        let pattern = pattern.to_ascii_lowercase();
        pattern.find(['$', '<']).map_or(pattern == key, |open| key.starts_with(&pattern[..open]))
    };
    Some(service(prefix)?.condition_keys.iter().any(known))
}

/// IAM's wildcards: `*` is any text, `?` any one character.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skip| glob(rest, &text[skip..])),
        Some((b'?', rest)) => !text.is_empty() && glob(rest, &text[1..]),
        Some((byte, rest)) => text.first() == Some(byte) && glob(rest, &text[1..]),
    }
}
