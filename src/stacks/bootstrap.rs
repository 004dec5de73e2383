//! The `bootstrap` stack: what the deployments of an account and region share, and what must be there before any of
//! them: the bucket of templates and packages, the repositories of LISA's images, and the key of both.
//!
//! It stands beside the application: it is named by `bootstrapQualifier` alone, depends on nothing else of the
//! configuration, and outlives every deployment.

mod buckets;
mod repositories;

use std::collections::BTreeSet;

use lisa_cfn::aws::kms;
use lisa_cfn::iam::key_policy;
use lisa_cfn::{Handle, Resource};
use lisa_config::Config;

use crate::app::refused;
use crate::assets::Assets;
use crate::builder::{Context, StackBuilder};
use crate::error::SynthErrors;
use crate::naming::Naming;
use crate::stack::Stack;

/// The short name, as on the command line.
pub const NAME: &str = "bootstrap";

/// What the stack is, in words.
pub const WHAT: &str = "asset bucket and image repositories, shared by deployments";

/// The repositories of images: one for each image that LISA builds of its own binaries, and one for all that the
/// configuration has built, loaded or copied.
pub const IMAGES: [&str; 3] = ["lisa-serve", "lisa-weights", OTHER_IMAGES];

/// The repository of every image that is not of LISA's own binaries.
pub const OTHER_IMAGES: &str = "images";

/// The resources that have names of their own, by logical id, with their physical names: those that may be there
/// before the stack is. What the configuration says to exist is not among them.
pub fn named(config: &Config) -> Vec<(&'static str, Named)> {
    let naming = Naming::new(config);
    let buckets = [("AssetBucket", naming.asset_bucket()), ("AccessLogBucket", buckets::logs(&naming))];
    let buckets = buckets.into_iter().filter(|_| config.asset_bucket.is_none());
    let buckets = buckets.map(|(id, name)| (id, Named::Bucket(name)));
    let repositories = repositories::all(&naming).into_iter();
    let repositories = repositories.filter(|_| config.image_repository_prefix.is_none());
    buckets.chain(repositories.map(|(id, name)| (id, Named::Repository(name)))).collect()
}

/// A resource with a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A bucket.
    Bucket(String),
    /// A repository of images.
    Repository(String),
}

/// Makes the stack; `None` where everything in it exists already. `there` holds logical ids of [`named`] resources
/// that are in the account but in no stack, as after the deletion of an earlier one: they are used as they are.
///
/// # Errors
///
/// What CloudFormation would refuse.
pub fn stack(config: &Config, there: &BTreeSet<String>) -> Result<Option<Stack>, SynthErrors> {
    let wanted: BTreeSet<&str> = named(config).into_iter().map(|(id, _)| id).collect();
    let wanted = wanted.into_iter().filter(|id| !there.contains(*id)).collect::<BTreeSet<_>>();
    if wanted.is_empty() {
        return Ok(None);
    }
    let (assets, naming) = (Assets::not_built(), Naming::new(config));
    let context = Context { config, naming, assets: &assets };
    let name = context.naming.bootstrap_stack();
    let description = "LISA: bucket and repositories that the deployments of this account and region share";
    let mut stack = StackBuilder::named(&context, NAME.to_owned(), name, description);
    let key = key(&mut stack);
    buckets::add(&mut stack, &key, &wanted);
    repositories::add(&mut stack, &key, &wanted);
    let mut stack = stack.finish();
    // One deployment's tags would be taken off by the next.
    stack.tags.retain(|key, _| !DEPLOYMENT_TAGS.contains(&key.as_str()));
    let errors = refused(config, &stack);
    if errors.is_empty() { Ok(Some(stack)) } else { Err(SynthErrors(errors)) }
}

/// The tags that tell one deployment from another.
const DEPLOYMENT_TAGS: [&str; 4] = ["deploymentPrefix", "deploymentName", "deploymentStage", "version"];

/// Adds the key of bucket and repositories. The account's principals use it as their IAM policies say.
fn key(stack: &mut StackBuilder<'_>) -> Handle<kms::Key> {
    let key = kms::Key::new()
        .description(format!("{}: encrypts assets", stack.naming().bootstrap_stack()))
        .enable_key_rotation(true)
        .pending_window_in_days(30)
        .key_policy(key_policy([]));
    keep(stack, "AssetKey", key)
}

/// Adds a resource that no deployment's end takes away, but a failed first creation does.
fn keep<R: Resource>(stack: &mut StackBuilder<'_>, id: &str, resource: R) -> Handle<R> {
    let handle = stack.add(id, resource);
    stack.template.options(&handle).retain_except_on_create();
    handle
}
