//! The hosted models of the configuration, which model management makes: looked at before the first change, brought up
//! once what they stand on is there. Stacks of theirs are no part of a deployment: to deploy one again would start what
//! somebody has stopped.

use lisa_deploy::declared::Memory;
use lisa_stacks::{App, Asset, Naming, StackName, model::ModelSpec};

use super::super::model::{Declared, Door, Step};
use super::Run;
use crate::failure::Failure;

/// Whether a stack is that of a model, by its short name.
pub(super) fn is_of_model(stack: &str) -> bool {
    StackName::parse(stack).is_none()
}

/// What is to be done for each model of this run.
pub(super) async fn plan(run: &Run<'_>, app: &App) -> Result<Vec<Declared>, Failure> {
    let config = &run.session.input.config;
    if let Some(why) = StackName::Models.why_off(config) {
        if config.hosted_models().next().is_some() {
            run.session.note(format!("hosted models are not brought up, since {why}"));
        }
        return Ok(Vec::new());
    }
    let (engine, world, door) = (run.session.engine(), run.session.world(), door(run));
    let (bucket, deployment) = place(run);
    let memory = Memory { bucket: &bucket, deployment: &deployment };
    let mut models = Vec::new();
    for (index, model) in config.hosted_models().enumerate() {
        let stack = ModelSpec::from_config(index, model).stack_name();
        if !run.chosen.contains(&stack) {
            continue;
        }
        let last = memory.last(world, &engine.caller(), model.model_id.as_str()).await;
        let last = last.map_err(|error| Failure::call(&error))?;
        models.push(Declared::of(&door, model, image(run, app, &stack).as_deref(), last.as_deref()).await?);
    }
    Ok(models)
}

/// Brings the models up, side by side, and waits until each is at rest.
pub(super) async fn bring_up(run: &Run<'_>, models: &[Declared]) -> Result<(), Failure> {
    let (engine, world, door) = (run.session.engine(), run.session.world(), door(run));
    let (bucket, deployment) = place(run);
    let memory = Memory { bucket: &bucket, deployment: &deployment };
    for model in models {
        if matches!(model.step, Step::Adopt) {
            run.session.note(format!("the model `{}` was there already, and is left as it is", model.id));
        }
        model.begin(&door).await?;
        if !matches!(model.step, Step::Nothing) {
            let kept = memory.keep(world, &engine.caller(), &model.id, model.memory()).await;
            kept.map_err(|error| Failure::call(&error))?;
        }
    }
    for model in models {
        model.settled(&door, run.session.printer).await?;
    }
    Ok(())
}

fn door(run: &Run<'_>) -> Door {
    Door::of(&run.session.input.config, &run.session.connection.session)
}

/// The bucket and the prefix that a deployment remembers things under.
fn place(run: &Run<'_>) -> (String, String) {
    let config = &run.session.input.config;
    (Naming::new(config).asset_bucket(), config.deployment_prefix.to_string())
}

/// Where hosts pull an image from that was built or loaded for a model, by the short name of its stack.
fn image(run: &Run<'_>, app: &App, stack: &str) -> Option<String> {
    let config = &run.session.input.config;
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
