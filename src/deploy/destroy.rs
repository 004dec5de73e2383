//! The removal of a deployment: what will go, in which order, what stays and where, and what must be decided first.
//!
//! [`plan`] looks and changes nothing; [`run`] removes. A run that was killed is taken up by running again: stacks are
//! found by name as long as they are there, followed by id from then on, and what is gone is gone.

mod attempt;
mod contents;
mod render;
mod run;
mod scope;

use std::collections::{BTreeMap, BTreeSet};

use lisa_config::Config;
use lisa_stacks::Stack;
use serde::Serialize;

use crate::ports::{Call, CallError, CallErrorKind, World};
use crate::retry::Caller;
use crate::status::StackStatus;

pub use contents::{Left, Thing};
pub use run::{Emptied, Leave, Options, Removed, run};

use contents::Contents;
use scope::Found;

/// What is to be removed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// Its stacks, the models' among them.
    pub stacks: &'a [Stack],
    /// Short names of the stacks to remove; empty for all.
    pub only: &'a BTreeSet<String>,
}

/// What a removal would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Removal {
    /// The stacks, in the order in which they go.
    pub stacks: Vec<Doomed>,
    /// What stays, as `removalPolicy` says.
    pub kept: Vec<Kept>,
    /// Buckets and repositories that must be empty before their stack can go.
    pub stores: Vec<Store>,
    /// Keys and secrets, which AWS deletes for good after a waiting period.
    pub ending: Vec<Thing>,
    /// What is protected from deletion by a property of its own.
    pub guarded: Vec<Thing>,
}

/// A stack that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Doomed {
    /// The short name.
    pub name: String,
    /// The name in CloudFormation.
    pub deployed_name: String,
    /// The stack's ARN, by which it is also found after its deletion.
    pub id: String,
    /// Its status.
    pub status: StackStatus,
    /// Whether it is protected from deletion.
    pub protected: bool,
    /// Short names of the stacks that must be gone first.
    pub after: BTreeSet<String>,
}

/// What stays of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// The resource.
    #[serde(flatten)]
    pub thing: Thing,
    /// What is left of it.
    pub left: Left,
}

/// A bucket or repository that is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Store {
    /// The resource.
    #[serde(flatten)]
    pub thing: Thing,
    /// How many objects or images it holds; older versions of objects are not counted.
    pub items: usize,
    /// Whether its stack deletes what is in it.
    pub empties_itself: bool,
}

/// Why a removal cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Stacks need what was asked for, and would stay.
    #[error("`{stack}` is needed by `{}`; name them too, or remove the whole deployment", by.join("`, `"))]
    Needed {
        /// The stack that was asked for.
        stack: String,
        /// The stacks that need it.
        by: Vec<String>,
    },
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// What a removal would do.
///
/// # Errors
///
/// A call failed, or other stacks need one that was asked for.
pub async fn plan(world: &World, wanted: &Wanted<'_>, caller: &Caller<'_>) -> Result<Removal, PlanError> {
    let observed = caller.call(|| world.cloudformation.stacks()).await?;
    let found = scope::of(wanted.config, wanted.stacks, observed);
    let mut first = scope::gone_first(wanted.stacks, &found);
    selected(&mut first, wanted.only)?;
    let mut removal = Removal::default();
    for name in scope::in_order(&first) {
        let Some(stack) = found.iter().find(|found| found.name == name) else { continue };
        removal.stacks.push(doomed(stack, &first[&name]));
        add_contents(world, caller, stack, &mut removal).await?;
    }
    Ok(removal)
}

/// Only what is asked for, if anything is; nothing of it may be needed by what stays.
fn selected(
    first: &mut BTreeMap<String, BTreeSet<String>>,
    only: &BTreeSet<String>,
) -> Result<(), PlanError> {
    if only.is_empty() {
        return Ok(());
    }
    first.retain(|name, _| only.contains(name));
    for (stack, after) in first {
        let by: Vec<String> = after.difference(only).cloned().collect();
        if !by.is_empty() {
            return Err(PlanError::Needed { stack: stack.clone(), by });
        }
    }
    Ok(())
}

fn doomed(found: &Found, after: &BTreeSet<String>) -> Doomed {
    let stack = &found.stack;
    Doomed {
        name: found.name.clone(),
        deployed_name: stack.name.clone(),
        id: stack.id.clone(),
        status: stack.status,
        protected: stack.protected,
        after: after.clone(),
    }
}

async fn add_contents(world: &World, caller: &Caller<'_>, found: &Found, removal: &mut Removal) -> Call<()> {
    let id = found.stack.id.as_str();
    let template = caller.call(|| world.cloudformation.template(id)).await?;
    let resources = caller.call(|| world.cloudformation.resources(id)).await?;
    let contents = Contents::of(&found.name, &template, &resources);
    removal.kept.extend(contents.kept.into_iter().map(|(thing, left)| Kept { thing, left }));
    removal.ending.extend(contents.ending);
    removal.guarded.extend(contents.guarded);
    for (thing, empties_itself) in contents.stores {
        let items = items(world, caller, &thing).await?;
        removal.stores.push(Store { thing, items, empties_itself });
    }
    Ok(())
}

/// How much is in a bucket or repository.
async fn items(world: &World, caller: &Caller<'_>, thing: &Thing) -> Call<usize> {
    let name = thing.physical_id.as_str();
    if is_bucket(thing) {
        return match caller.call(|| world.objects.list(name, "")).await {
            // It was deleted by hand, and only its stack does not know.
            Err(error) if error.kind == CallErrorKind::NotFound => Ok(0),
            listed => Ok(listed?.len()),
        };
    }
    Ok(caller.call(|| world.registry.images(name)).await?.len())
}

/// Whether a protected resource holds nothing: a removal that was agreed to ends its protection by itself.
fn is_load_balancer(thing: &Thing) -> bool {
    thing.kind == "AWS::ElasticLoadBalancingV2::LoadBalancer"
}

fn is_bucket(thing: &Thing) -> bool {
    thing.kind == "AWS::S3::Bucket"
}
