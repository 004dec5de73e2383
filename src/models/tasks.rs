//! The tasks of the models' workflows, and what becomes of a model whose workflow ended without its own end.
//!
//! The tasks' function is invoked with a task of a workflow, or with EventBridge's word that an execution ended, which has
//! a `detail-type`. Every task may run twice: the second run finds the first one's work. A task writes to a model's row
//! only while its execution holds it.

mod carried;
pub(crate) mod change;
mod create;
mod delete;
pub(crate) mod elsewhere;
mod ended;
mod engine;
mod failure;
mod template;
mod update;

use lisa_api::settings::ModelsSettings;
use lisa_service::{Events, Failure};
use lisa_workflow::{Invocation, TaskError, TaskName};
use serde::Deserialize;
use serde_json::{Value, json};

pub use self::carried::Carried;
use self::ended::Ended;
use crate::error::Error;
use crate::world::World;

/// Runs tasks.
#[derive(Clone, Debug)]
pub struct Tasks {
    pub(crate) world: World,
    pub(crate) place: Place,
}

/// What tasks know of the deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The region, where it is known.
    pub region: Option<String>,
    /// The deployment's name, which the names of models' stacks begin with.
    pub deployment: String,
    /// The bucket of weights.
    pub bucket: String,
    /// Names of the parameters that make the configuration.
    pub config_parameters: Vec<String>,
    /// The role that CloudFormation makes stacks by.
    pub stack_role: String,
    /// The digest of the image of `lisa-weights`, `sha256:…`.
    pub weights_digest: Option<String>,
}

impl Place {
    /// The place that a function's environment tells of.
    pub fn new(settings: &ModelsSettings, region: Option<&str>) -> Self {
        let parameters = settings.config_parameter.split(',').map(str::trim).filter(|name| !name.is_empty());
        Self {
            region: region.map(str::to_owned),
            deployment: settings.common.deployment_name.clone(),
            bucket: settings.model_bucket.clone(),
            config_parameters: parameters.map(str::to_owned).collect(),
            stack_role: settings.stack_role_arn.clone(),
            weights_digest: settings.weights_image_digest.clone(),
        }
    }
}

/// An event of the function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Event {
    /// An execution failed, was aborted or timed out.
    Ended(Ended),
    /// A workflow runs a task.
    Task(Invocation),
}

/// Handles the events of the tasks' function.
pub fn events(tasks: Tasks) -> Events {
    Events::new(move |event: Event| {
        let tasks = tasks.clone();
        async move {
            let done = match event {
                Event::Ended(ended) => ended::handle(&tasks, &ended).await.map(|()| Value::Null),
                Event::Task(invocation) => tasks.run(invocation).await,
            };
            done.map_err(|error| Failure::new(error.name(), error.to_string()))
        }
    })
}

impl Tasks {
    /// Tasks in a world.
    pub const fn new(world: World, place: Place) -> Self {
        Self { world, place }
    }

    /// Runs a task; the answer is the state to go on with.
    pub async fn run(&self, invocation: Invocation) -> Result<Value, Error> {
        let Invocation { task, execution, state } = invocation;
        let carried: Carried = serde_json::from_value(state)
            .map_err(|error| Error::Broken(format!("what the execution carries cannot be read: {error}")))?;
        tracing::info!(model = carried.model_id, task = task.as_str(), "runs a task");
        let carried = match task {
            TaskName::Create(task) => create::run(self, task, &execution, carried).await?,
            TaskName::Update(task) => update::run(self, task, &execution, carried).await?,
            TaskName::Delete(task) => delete::run(self, task, &execution, carried).await?,
        };
        Ok(json!(carried))
    }

    /// As [`Self::run`], with errors as workflows know them.
    pub async fn run_in_process(&self, invocation: Invocation) -> Result<Value, TaskError> {
        self.run(invocation).await.map_err(TaskError::from)
    }

    /// Handles EventBridge's word that an execution ended.
    pub async fn ended(&self, event: Value) -> Result<(), Error> {
        let ended = serde_json::from_value(event)
            .map_err(|error| Error::Broken(format!("the event cannot be read: {error}")))?;
        ended::handle(self, &ended).await
    }
}
