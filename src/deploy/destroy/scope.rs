//! Which stacks belong to a deployment, and in which order they can go: what nothing else needs goes first.

use std::collections::{BTreeMap, BTreeSet};

use lisa_config::Config;
use lisa_names::ModelId;
use lisa_stacks::shared::Shared;
use lisa_stacks::{Naming, Stack, StackName};

use crate::ports::cloudformation::ObservedStack;

/// A stack of the deployment that is there.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The short name.
    pub name: String,
    /// The stack.
    pub stack: ObservedStack,
}

/// The deployment's stacks among those of the account: by the names that the configuration gives, also to what it
/// leaves out by now, and the models' that came in by another door.
pub(super) fn of(config: &Config, stacks: &[Stack], observed: Vec<ObservedStack>) -> Vec<Found> {
    let naming = Naming::new(config);
    let own = StackName::ALL.iter().map(|stack| (naming.stack(stack.short()), stack.short().to_owned()));
    let mut names: BTreeMap<String, String> = own.collect();
    names.extend(stacks.iter().map(|stack| (stack.deployed_name.clone(), stack.name.clone())));
    let found = observed.into_iter().filter_map(|stack| {
        let name = names.get(&stack.name).cloned().or_else(|| model(&naming, &stack))?;
        Some(Found { name, stack })
    });
    found.collect()
}

/// The short name of a model's stack of this deployment. Its name alone proves nothing, for the name of one deployment
/// may begin with that of another; what it reads does: the security group of this deployment's models.
fn model(naming: &Naming, stack: &ObservedStack) -> Option<String> {
    let id = stack.name.strip_prefix(naming.deployment())?.strip_prefix('-')?;
    let group = Shared::ModelSecurityGroupId;
    let reads = stack.parameters.get(group.id())?;
    let identifier = ModelId::new(id).map_or_else(|_| id.to_owned(), |id| id.identifier());
    (*reads == naming.parameter(group.key())).then(|| format!("model-{}", identifier.to_lowercase()))
}

/// The stacks that must be gone before each of `found` can go, by short name.
pub(super) fn gone_first(stacks: &[Stack], found: &[Found]) -> BTreeMap<String, BTreeSet<String>> {
    let needed = |name: &str| -> BTreeSet<String> {
        let known = stacks.iter().find(|stack| stack.name == name);
        let known = known.map(|stack| stack.depends_on.iter().cloned().collect());
        match StackName::parse(name) {
            Some(own) => known.unwrap_or_else(|| all_before(own)),
            None => of_model(known.unwrap_or_default()),
        }
    };
    let mut first: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for stack in found {
        first.entry(stack.name.clone()).or_default();
        for needed in needed(&stack.name) {
            first.entry(needed).or_default().insert(stack.name.clone());
        }
    }
    first.retain(|name, _| found.iter().any(|found| found.name == *name));
    first
}

/// What a stack may need that the configuration does not describe any more: everything before it.
fn all_before(own: StackName) -> BTreeSet<String> {
    let before = StackName::ALL.into_iter().take_while(|stack| *stack != own);
    before.map(|stack| stack.short().to_owned()).collect()
}

/// What a model's stack needs, whichever door the model came in by. Without `models` it could not even be deleted: the
/// role that CloudFormation does it with is there.
fn of_model(mut known: BTreeSet<String>) -> BTreeSet<String> {
    let needed = [StackName::Network, StackName::Core, StackName::Models];
    known.extend(needed.map(|stack| stack.short().to_owned()));
    known
}

/// Whether a short name is that of a model's stack.
fn is_model(name: &str) -> bool {
    StackName::parse(name).is_none()
}

/// The names in an order in which each comes after those that must be gone first: models first of all.
pub(super) fn in_order(first: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut order: Vec<String> = Vec::new();
    while order.len() < first.len() {
        let ready = |after: &BTreeSet<String>| after.iter().all(|name| order.contains(name));
        let next = first.iter().filter(|(name, after)| !order.contains(name) && ready(after));
        let mut next: Vec<String> = next.map(|(name, _)| name.clone()).collect();
        next.sort_by_key(|name| !is_model(name));
        if next.is_empty() {
            // A cycle cannot come of a configuration's stacks; if one does, any order is as good.
            order.extend(first.keys().filter(|name| !order.contains(name)).cloned().collect::<Vec<_>>());
        }
        order.extend(next);
    }
    order
}
