//! A model's stack: its configuration read, its template made, by the same function as `lisa model synth`.

use lisa_api::models::CreateModelRequest;
use lisa_config::{Config, Options, Overrides, Source};
use lisa_stacks::{Assets, Naming, Stack};

use super::Tasks;
use crate::error::Error;
use crate::row::Parts;

/// The image that brings the weights.
const WEIGHTS: &str = "lisa-weights";

/// The configuration that models' stacks are made from.
pub(super) async fn config(tasks: &Tasks) -> Result<Config, Error> {
    let pieces = tasks.world.catalog.parameters(&tasks.place.config_parameters).await?;
    let source = Source { name: "the deployment's configuration".to_owned(), text: pieces.concat() };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default());
    let told = |problems: lisa_config::Problems| {
        let first = problems.0.first().map(|problem| problem.message.clone()).unwrap_or_default();
        Error::Broken(format!(
            "the configuration that the deployment keeps for models cannot be read: {first}. Deploy the stack `models` \
             again."
        ))
    };
    loaded.map(|loaded| loaded.config).map_err(told)
}

/// The stack of a model.
pub(super) fn stack(tasks: &Tasks, config: &Config, request: &CreateModelRequest) -> Result<Stack, Error> {
    let assets = match tasks.place.weights_digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"))
    {
        Some(digest) => Assets::not_built().with(WEIGHTS, digest),
        None => Assets::not_built(),
    };
    lisa_stacks::model::synthesize(config, request, &assets)
        .map_err(|errors| Error::hopeless("TemplateRefused", errors.to_string()))
}

/// Names of what a model's stack makes, those that are known before it does.
pub(super) fn parts(config: &Config, stack: &Stack, request: &CreateModelRequest) -> Parts {
    let naming = Naming::new(config);
    let identifier: String = request.model_id.chars().filter(char::is_ascii_alphanumeric).collect();
    Parts {
        stack: stack.deployed_name.clone(),
        cluster: naming.model_cluster(&identifier),
        logs: naming.log_group(&stack.name),
        ..Parts::default()
    }
}

/// What a model's stack says of itself: by this it is told from any other stack of its name.
pub(super) fn description(id: &str) -> String {
    format!("LISA: the model {id}")
}
