//! What an update of a model changes in its engine's container: arguments, environment, memory, health check.

use std::collections::BTreeMap;

use lisa_api::models::CreateModelRequest;
use lisa_config::Config;
use lisa_config::section::container::ContainerHealthCheck;
use serde_json::Value as Json;

use super::spec::ModelSpec;
use super::{StackName, tasks};
use crate::assets::Assets;
use crate::builder::{Context, StackBuilder};
use crate::error::SynthErrors;
use crate::naming::Naming;

/// The settings of an engine's container, as its stack writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineSettings {
    /// In place of the image's own entry point; none to keep it.
    pub entry_point: Option<Vec<String>>,
    /// Arguments; none to keep the image's own.
    pub command: Option<Vec<String>>,
    /// The environment, without what only CloudFormation knows.
    pub environment: BTreeMap<String, String>,
    /// `/dev/shm` in MiB.
    pub shared_memory_size: u32,
    /// The health check; none for upstream's placeholder, which checks nothing.
    pub health_check: Option<ContainerHealthCheck>,
}

/// The container in which the engine runs.
pub const ENGINE: &str = super::service::ENGINE;

/// The settings of the engine of a model that the management API was asked for.
///
/// # Errors
///
/// As for [`super::synthesize`].
pub fn engine_settings(config: &Config, request: &CreateModelRequest) -> Result<EngineSettings, SynthErrors> {
    let spec = ModelSpec::from_request(request)?;
    let assets = Assets::not_built();
    let context = Context { config, naming: Naming::new(config), assets: &assets };
    let stack = StackBuilder::new(&context, StackName::Models, "");
    let (start, environment) = tasks::started(&stack, &spec);
    let known = environment.into_iter().filter_map(|(name, value)| match value.into_json() {
        Json::String(text) => Some((name, text)),
        _ => None,
    });
    let check = &spec.container.health_check_config;
    Ok(EngineSettings {
        entry_point: start.entry_point,
        command: start.command,
        environment: known.collect(),
        shared_memory_size: spec.container.shared_memory_size,
        health_check: (!check.is_placeholder()).then(|| check.clone()),
    })
}
