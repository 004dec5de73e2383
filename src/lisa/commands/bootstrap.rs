//! `lisa bootstrap`: the bucket and the repositories that the deployments of an account and region share.

use std::collections::BTreeSet;

use clap::Args;
use lisa_cfn::Format;
use lisa_deploy::outcome::StackOutcome;
use lisa_deploy::plan::{Losses, Purpose};
use lisa_deploy::ports::cloudformation::TemplateSource;
use lisa_deploy::target::Target;
use lisa_stacks::bootstrap::{self, Named};
use lisa_stacks::{Naming, Stack};

use super::deploy::failed;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::printer::Printer;
use crate::world::{self, Session};

const EXAMPLES: &str = "Examples:
  lisa bootstrap
  lisa synth --stack bootstrap --stdout    what it makes";

/// Make the bucket and repositories that deployments share
///
/// They are a stack like any other, named by `bootstrapQualifier`, and outlive every deployment. `lisa deploy` makes
/// sure of them by itself. What `assetBucket` and `imageRepositoryPrefix` name is used as it is.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bootstrap {}

impl Bootstrap {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let exit = world::run(async {
            let session = Session::open(&input, printer).await?;
            let ended = ensure(&session).await;
            session.progress.finish();
            ended
        })?;
        printer.note(&format!("bucket {}", Naming::new(&input.config).asset_bucket()));
        Ok(exit)
    }
}

/// Makes sure of the stack. What its earlier self left in the account is used as it is.
pub(crate) async fn ensure(session: &Session<'_>) -> Result<Exit, Failure> {
    let Some(stack) = wanted(session).await? else {
        session.note("the asset bucket and the repositories are there already");
        return Ok(Exit::Done);
    };
    let text = stack.template.to_text(Format::Json);
    let target = Target::of(&stack, TemplateSource::Body(text.clone()), text, [].into());
    let engine = session.engine();
    let plan = engine.prepare(vec![target], &BTreeSet::new(), Purpose::Deploy).await;
    let outcome = match plan {
        Ok(plan) => engine.carry_out(plan, Losses::None).await,
        Err(outcome) => outcome,
    };
    match outcome.stacks.get(bootstrap::NAME) {
        Some(StackOutcome::Done { .. }) => Ok(Exit::Done),
        Some(StackOutcome::Detached { .. } | StackOutcome::Cancelled { .. }) => Ok(Exit::Interrupted),
        _ => Err(failed(session, &outcome, &[stack]).await),
    }
}

/// The stack as it is to be: without what is in the account and in no stack of this name.
pub(super) async fn wanted(session: &Session<'_>) -> Result<Option<Stack>, Failure> {
    let (config, world, engine) = (&session.input.config, session.world(), session.engine());
    let caller = engine.caller();
    let name = Naming::new(config).bootstrap_stack();
    let observed =
        caller.call(|| world.cloudformation.stack(&name)).await.map_err(|error| Failure::call(&error))?;
    let mut own = BTreeSet::new();
    if observed.is_some() {
        let resources = caller.call(|| world.cloudformation.resources(&name)).await;
        let resources = resources.map_err(|error| Failure::call(&error))?;
        own.extend(resources.into_iter().map(|resource| resource.logical_id));
    }
    let mut there = BTreeSet::new();
    for (logical_id, named) in bootstrap::named(config) {
        if own.contains(logical_id) {
            continue;
        }
        let found = match &named {
            Named::Bucket(name) => caller.call(|| world.objects.bucket_exists(name)).await,
            Named::Repository(name) => {
                caller.call(|| world.registry.repository(name)).await.map(|repository| repository.is_some())
            }
        };
        if found.map_err(|error| Failure::call(&error))? {
            there.insert(logical_id.to_owned());
        }
    }
    bootstrap::stack(config, &there).map_err(|errors| session.input.refused(errors))
}
