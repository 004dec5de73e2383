//! The world of model management behind traits: each method is one call, and nothing here tries a call twice.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lisa_api::models::ApiKey;
use lisa_deploy::ports::cloudformation::StackEvent;
use lisa_deploy::status::StackStatus;
use serde_json::Value;

use crate::error::Error;
use crate::row::Row;

/// The table of models.
#[async_trait]
pub trait Rows: Send + Sync {
    /// A model's row, as it is now.
    async fn get(&self, id: &str) -> Result<Option<Row>, Error>;

    /// Rows after a place, and the place to go on from; a row that cannot be read is left out.
    async fn page(&self, limit: u32, after: Option<&str>) -> Result<(Vec<Row>, Option<String>), Error>;

    /// Writes a row whose revision is one more than that of the row that is there; none, or one without, counts as 0.
    /// Returns whether it was.
    async fn put(&self, row: &Row) -> Result<bool, Error>;

    /// Takes a row away if it still has this revision. Returns whether it had.
    async fn remove(&self, id: &str, revision: u64) -> Result<bool, Error>;
}

/// CloudFormation, for the stacks of models.
#[async_trait]
pub trait Stacks: Send + Sync {
    /// Asks for a stack; `None` where there is one of this name already.
    async fn create(&self, stack: &NewStack) -> Result<Option<String>, Error>;

    /// A stack by its name or ARN; `None` where there is none, or where it is deleted.
    async fn describe(&self, stack: &str) -> Result<Option<StackView>, Error>;

    /// A stack's events, oldest first.
    async fn events(&self, stack: &str) -> Result<Vec<StackEvent>, Error>;

    /// The physical id of a resource; `None` where there is no such stack or resource.
    async fn resource(&self, stack: &str, logical_id: &str) -> Result<Option<String>, Error>;

    /// Asks for a stack's deletion by a role.
    async fn delete(&self, stack: &str, role: &str, token: &str) -> Result<(), Error>;
}

/// A stack to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStack {
    /// Its name.
    pub name: String,
    /// Its template.
    pub template: String,
    /// The role that CloudFormation makes it by.
    pub role: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Makes a repeated call harmless.
    pub token: String,
}

/// A stack as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackView {
    /// Its ARN.
    pub id: String,
    /// What its template says of itself.
    pub description: String,
    /// Its status.
    pub status: StackStatus,
    /// Why it has that status.
    pub reason: Option<String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
}

/// Hosts and containers of models.
#[async_trait]
pub trait Fleet: Send + Sync {
    /// An Auto Scaling group; `None` where there is none.
    async fn group(&self, name: &str) -> Result<Option<Group>, Error>;

    /// Changes a group. One that is not there is refused.
    async fn set_group(&self, name: &str, limits: &Limits) -> Result<(), Error>;

    /// What the group said of its latest activity that failed since a time in seconds, if one did.
    async fn failed_activity(&self, name: &str, since: u64) -> Result<Option<String>, Error>;

    /// A service; `None` where there is none.
    async fn service(&self, cluster: &str, service: &str) -> Result<Option<Service>, Error>;

    /// The tasks of a cluster: those that have stopped lately, or those that run.
    async fn tasks(&self, cluster: &str, stopped: bool) -> Result<Vec<TaskView>, Error>;

    /// A task definition with its tags, as ECS writes it.
    async fn definition(&self, arn: &str) -> Result<Value, Error>;

    /// Registers a task definition; returns its ARN.
    async fn register(&self, definition: &Value) -> Result<String, Error>;

    /// Points a service at a task definition.
    async fn roll(&self, cluster: &str, service: &str, definition: &str) -> Result<(), Error>;

    /// The last lines of a log stream, oldest first; none where there is no such stream.
    async fn words(&self, group: &str, stream: &str) -> Result<Vec<String>, Error>;
}

/// An Auto Scaling group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Fewest hosts.
    pub min: u32,
    /// Most hosts.
    pub max: u32,
    /// Hosts that are wanted.
    pub desired: u32,
    /// Hosts that there are.
    pub hosts: u32,
    /// Hosts that are in service and healthy.
    pub healthy: u32,
}

/// What a group is changed to; what is not given stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Fewest hosts.
    pub min: Option<u32>,
    /// Most hosts.
    pub max: Option<u32>,
    /// Hosts that are wanted.
    pub desired: Option<u32>,
    /// Seconds between two changes.
    pub cooldown: Option<u32>,
    /// Seconds until a host counts.
    pub warmup: Option<u32>,
}

/// A service of ECS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// The task definition that it runs.
    pub definition: String,
    /// Its deployments, the current one first.
    pub deployments: Vec<Deployment>,
}

/// A deployment of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// Whether it is the one that the service is taken to.
    pub is_primary: bool,
    /// The task definition.
    pub definition: String,
    /// `COMPLETED`, `FAILED` or `IN_PROGRESS`.
    pub state: String,
    /// Why it has that state.
    pub reason: String,
    /// Tasks that could not be started.
    pub failed: u32,
}

/// A task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskView {
    /// The last part of its ARN.
    pub id: String,
    /// Why it stopped.
    pub reason: String,
    /// When it stopped or, of one that runs, was made, in seconds.
    pub at: u64,
    /// Its containers.
    pub containers: Vec<ContainerView>,
}

/// A container of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerView {
    /// Its name.
    pub name: String,
    /// What its process ended with, where it has ended.
    pub exit: Option<i64>,
    /// Why it could not be started.
    pub reason: String,
}

/// What must be there before a model is made.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Whether the region offers an instance type; `None` where it does not tell.
    async fn offers(&self, instance_type: &str) -> Result<Option<bool>, Error>;

    /// Whether a bucket has any object whose key begins so.
    async fn has_objects(&self, bucket: &str, prefix: &str) -> Result<bool, Error>;

    /// Whether a repository of ECR has an image, by tag or by digest.
    async fn has_image(&self, image: &EcrImage) -> Result<bool, Error>;

    /// Values of parameters, in the order of their names.
    async fn parameters(&self, names: &[String]) -> Result<Vec<String>, Error>;
}

/// An image in ECR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcrImage {
    /// The account whose registry it is in.
    pub account: String,
    /// The repository's name.
    pub repository: String,
    /// A tag, or a digest `sha256:…`.
    pub version: String,
}

/// Models elsewhere, and engines: what answers to requests.
#[async_trait]
pub trait Models: Send + Sync {
    /// Gets a document; the error says why no answer came.
    async fn get(&self, url: &str) -> Result<Reply, String>;

    /// Posts JSON, with a key as bearer where there is one; the error says why no answer came.
    async fn post(&self, url: &str, key: Option<&str>, body: &Value) -> Result<Reply, String>;

    /// Asks Bedrock, by a path below its endpoint.
    async fn bedrock(&self, path: &str, body: &Value) -> Result<(), Error>;

    /// Asks an endpoint of SageMaker.
    async fn sagemaker(&self, endpoint: &str, body: &Value) -> Result<(), Error>;

    /// The key of a model elsewhere; `None` where it has none.
    async fn key(&self, model: &str) -> Result<Option<String>, Error>;

    /// Keeps the key of a model elsewhere that has none yet; returns `false`, and changes nothing, where it has one.
    async fn make_key(&self, model: &str, key: &ApiKey) -> Result<bool, Error>;

    /// Keeps the key of a model elsewhere, in place of one that it has.
    async fn keep_key(&self, model: &str, key: &ApiKey) -> Result<(), Error>;

    /// Removes the key of a model elsewhere; one that is not there is removed already.
    async fn remove_key(&self, model: &str) -> Result<(), Error>;

    /// What the place is called that a model's key is kept in.
    fn key_place(&self, model: &str) -> String;
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The beginning of the body.
    pub body: String,
}

impl Reply {
    /// Whether it says success.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// A workflow of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Workflow {
    /// Brings a model into service.
    Create,
    /// Changes, starts or stops a model.
    Update,
    /// Takes a model away.
    Delete,
}

impl Workflow {
    /// Its short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Whatever runs the workflows.
#[async_trait]
pub trait Workflows: Send + Sync {
    /// Starts an execution and returns what it is known by. The same name and input again is the same execution; a name
    /// that was used with another input, or whose execution has ended, is [`Error::Exists`].
    async fn start(&self, workflow: Workflow, name: &str, input: &Value) -> Result<String, Error>;

    /// How an execution stands; `None` where there is no such execution.
    async fn describe(&self, execution: &str) -> Result<Option<Ran>, Error>;

    /// Stops an execution. One that has ended is left as it is.
    async fn stop(&self, execution: &str, why: &str) -> Result<(), Error>;
}

/// How an execution stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Whether it is still going on.
    pub is_running: bool,
    /// Why it failed, if it did.
    pub cause: Option<String>,
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Seconds since 1970, and the nanoseconds of the second.
    fn now(&self) -> (u64, u32);
}
