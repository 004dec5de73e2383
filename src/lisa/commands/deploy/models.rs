//! The hosted models of the configuration, which model management makes: looked at before the first change, brought up
//! once what they stand on is there. Stacks of theirs are no part of a deployment: to deploy one again would start what
//! somebody has stopped.

use std::collections::BTreeSet;

use lisa_config::Config;
use lisa_deploy::declared::Memory;
use lisa_stacks::{App, Asset, Naming, StackName, model::ModelSpec};

use super::super::model::{Declared, Door, Step};
use super::Run;
use crate::failure::Failure;
use crate::world::Session;

/// Whether a stack is that of a model, by its short name.
pub(in crate::commands) fn is_of_model(stack: &str) -> bool {
    StackName::parse(stack).is_none()
}

/// What is to be done for each model whose stack is chosen, by the stack's short name; the error is why a model cannot be
/// made as the configuration has it.
pub(in crate::commands) async fn look(
    session: &Session<'_>,
    chosen: &BTreeSet<String>,
    app: &App,
) -> Result<Vec<(String, Result<Declared, Failure>)>, Failure> {
    let config = &session.input.config;
    if let Some(why) = StackName::Models.why_off(config) {
        if config.hosted_models().next().is_some() {
            session.note(format!("hosted models are not brought up, since {why}"));
        }
        return Ok(Vec::new());
    }
    let (engine, door) = (session.engine(), door(session));
    let (bucket, deployment) = place(config);
    let memory = Memory { bucket: &bucket, deployment: &deployment };
    let mut models = Vec::new();
    for (index, model) in config.hosted_models().enumerate() {
        let stack = ModelSpec::from_config(index, model).stack_name();
        if !chosen.contains(&stack) {
            continue;
        }
        let last = memory.last(session.world(), &engine.caller(), model.model_id.as_str()).await;
        let last = last.map_err(|error| Failure::call(&error))?;
        let image = image(config, app, &stack);
        let declared = Declared::of(&door, model, image.as_deref(), last.as_deref()).await;
        models.push((stack, declared));
    }
    Ok(models)
}

/// The same where no model may stand in the way.
pub(super) async fn plan(run: &Run<'_>, app: &App) -> Result<Vec<Declared>, Failure> {
    let models = look(run.session, &run.chosen, app).await?;
    models.into_iter().map(|(_, model)| model).collect()
}

/// Brings the models up, side by side, and waits until each is at rest. The error is the first cause; the others are told
/// before it.
pub(super) async fn bring_up(run: &Run<'_>, models: &[Declared]) -> Result<(), Failure> {
    let session = run.session;
    let (engine, world, door) = (session.engine(), session.world(), door(session));
    let (bucket, deployment) = place(&session.input.config);
    let memory = Memory { bucket: &bucket, deployment: &deployment };
    for model in models {
        if matches!(model.step, Step::Adopt) {
            session.note(format!("the model `{}` was there already, and is left as it is", model.id));
        }
        model.begin(&door).await?;
        if !matches!(model.step, Step::Nothing) {
            let kept = memory.keep(world, &engine.caller(), &model.id, model.memory()).await;
            kept.map_err(|error| Failure::call(&error))?;
        }
    }
    let mut first = Ok(());
    for model in models {
        match model.settled(&door, session.printer).await {
            Err(failure) if first.is_err() => session.note(failure.message()),
            settled => first = first.and(settled),
        }
    }
    first
}

fn door(session: &Session<'_>) -> Door {
    Door::of(&session.input.config, &session.connection.session)
}

/// The bucket and the prefix that a deployment remembers things under.
fn place(config: &Config) -> (String, String) {
    (Naming::new(config).asset_bucket(), config.deployment_prefix.to_string())
}

/// Where hosts pull an image from that was built or loaded for a model, by the short name of its stack.
fn image(config: &Config, app: &App, stack: &str) -> Option<String> {
    let host =
        format!("{}.dkr.ecr.{}.{}", config.account_number, config.region, config.partition.dns_suffix());
    let stack = app.stacks.iter().find(|known| known.name == stack)?;
    stack.assets.iter().find_map(|asset| match asset {
        Asset::Image { name, repository, digest } if *name == stack.name => {
            Some(format!("{host}/{repository}@{digest}"))
        }
        _ => None,
    })
}
