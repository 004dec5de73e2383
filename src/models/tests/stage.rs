//! A world in memory: stacks, hosts, engines and images that behave as AWS's do, and fail at any call when told to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use lisa_api::models::{ApiKey, ModelStatus};
use lisa_api::tables::MODELS;
use lisa_deploy::ports::cloudformation::{ResourceStatus, StackEvent};
use lisa_deploy::status::StackStatus;
use lisa_store::Database;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::error::Error;
use crate::local::Runner;
use crate::ports::{
    Catalog, Clock, ContainerView, Deployment, EcrImage, Fleet, Group, Limits, Models, NewStack, Reply,
    Service, StackView, Stacks, TaskView,
};
use crate::rows::ModelTable;
use crate::tasks::{Place, Tasks};
use crate::world::World;
use crate::{Management, row::Row};

/// A configuration as the `models` stack keeps it.
pub(super) const CONFIG: &str = r#"{"accountNumber":"123456789012","region":"us-east-1","deploymentName":"demo",
    "appName":"lisa","deploymentStage":"prod","s3BucketModels":"weights","deployChat":false,"deployRag":false,
    "deployUi":false,"restApiConfig":{"internetFacing":false}}"#;

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is throttled: nothing is done.
    Throttled,
    /// It is done, and its answer is lost.
    Lost,
    /// It is refused.
    Refused,
}

#[derive(Clone, Debug)]
pub(super) struct FakeStack {
    pub(super) description: String,
    pub(super) status: StackStatus,
    pub(super) template: Value,
    /// Polls until it has arrived.
    pub(super) polls: u32,
}

/// Everything that there is, and how it behaves.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fault of its own")]
pub(super) struct State {
    pub(super) stacks: BTreeMap<String, FakeStack>,
    pub(super) group: Group,
    pub(super) definitions: Vec<Value>,
    pub(super) service: Service,
    pub(super) images: BTreeSet<String>,
    pub(super) offers: bool,
    pub(super) weights: bool,
    /// Answers that the engine owes before it is well.
    pub(super) engine_polls: u32,
    pub(super) dead: Vec<TaskView>,
    pub(super) words: Vec<String>,
    pub(super) stack_fails: Option<String>,
    pub(super) rollout_fails: bool,
    pub(super) activity: Option<String>,
    pub(super) deletion_fails: bool,
    pub(super) external: u16,
    pub(super) calls: Vec<&'static str>,
    pub(super) fault: Option<(usize, Fault)>,
    pub(super) posted: Vec<(String, Value)>,
    /// Keys of models elsewhere.
    pub(super) keys: BTreeMap<String, String>,
    time: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            stacks: BTreeMap::new(),
            group: Group { min: 0, max: 0, desired: 0, hosts: 0, healthy: 0 },
            definitions: Vec::new(),
            service: Service::default(),
            images: BTreeSet::new(),
            offers: true,
            weights: true,
            engine_polls: 1,
            dead: Vec::new(),
            words: Vec::new(),
            stack_fails: None,
            rollout_fails: false,
            activity: None,
            deletion_fails: false,
            external: 200,
            calls: Vec::new(),
            fault: None,
            posted: Vec::new(),
            keys: BTreeMap::new(),
            time: 1_000_000,
        }
    }
}

/// The world but for the table and the workflows.
#[derive(Clone, Debug, Default)]
pub(super) struct Fake(Arc<Mutex<State>>);

impl Fake {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Notes a call and does it, unless it is the one that goes wrong.
    fn call<T>(
        &self,
        name: &'static str,
        work: impl FnOnce(&mut State) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut state = self.state();
        state.calls.push(name);
        let fault = state.fault.filter(|(index, _)| state.calls.len() == index + 1).map(|(_, fault)| fault);
        match fault {
            None => work(&mut state),
            Some(Fault::Throttled) => Err(Error::Throttled(format!("`{name}` was throttled"))),
            Some(Fault::Lost) => {
                let _ = work(&mut state);
                Err(Error::Unavailable(format!("`{name}` got no answer")))
            }
            Some(Fault::Refused) => Err(Error::Refused {
                code: "AccessDeniedException".to_owned(),
                message: format!("`{name}` was refused with AccessDeniedException: not allowed"),
            }),
        }
    }
}

impl Clock for Fake {
    fn now(&self) -> (u64, u32) {
        let mut state = self.state();
        state.time += 1;
        (state.time, 0)
    }
}

#[async_trait]
impl Stacks for Fake {
    async fn create(&self, stack: &NewStack) -> Result<Option<String>, Error> {
        self.call("CreateStack", |state| {
            if state.stacks.contains_key(&stack.name) {
                return Ok(None);
            }
            let template: Value = serde_json::from_str(&stack.template).unwrap();
            let description = template["Description"].as_str().unwrap().to_owned();
            let status = StackStatus::CreateInProgress;
            state.stacks.insert(stack.name.clone(), FakeStack { description, status, template, polls: 2 });
            state.group = Group { min: 1, max: 1, desired: 1, hosts: 1, healthy: 1 };
            let environment = json!([{ "name": "AWS_REGION", "value": "us-east-1" }]);
            let engine = json!({ "name": "engine", "environment": environment, "command": [] });
            state.definitions = vec![json!({ "containerDefinitions": [engine] })];
            state.service.definition = "definition:0".to_owned();
            Ok(Some(format!("arn:aws:cloudformation:us-east-1:1:stack/{}/1", stack.name)))
        })
    }

    async fn describe(&self, stack: &str) -> Result<Option<StackView>, Error> {
        self.call("DescribeStacks", |state| {
            let fails = state.stack_fails.is_some();
            let deletion_fails = state.deletion_fails;
            let name = name_of(stack);
            let Some(found) = state.stacks.get_mut(&name) else { return Ok(None) };
            found.polls = found.polls.saturating_sub(1);
            if found.polls == 0 {
                found.status = match found.status {
                    StackStatus::CreateInProgress if fails => StackStatus::RollbackInProgress,
                    StackStatus::CreateInProgress => StackStatus::CreateComplete,
                    StackStatus::DeleteInProgress if deletion_fails => StackStatus::DeleteFailed,
                    StackStatus::DeleteInProgress => StackStatus::DeleteComplete,
                    other => other,
                };
            }
            let (status, description) = (found.status, found.description.clone());
            if status == StackStatus::DeleteComplete {
                state.stacks.remove(&name);
                return Ok(None);
            }
            let outputs = [
                ("autoScalingGroup", "group"),
                ("cluster", "demo-cluster"),
                ("service", "service"),
                ("modelEndpointUrl", "http://engine.local"),
            ];
            let outputs = outputs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let done = status == StackStatus::CreateComplete;
            Ok(Some(StackView {
                id: format!("arn:aws:cloudformation:us-east-1:1:stack/{name}/1"),
                description,
                status,
                reason: None,
                outputs: if done { outputs.into() } else { BTreeMap::new() },
            }))
        })
    }

    async fn events(&self, stack: &str) -> Result<Vec<StackEvent>, Error> {
        self.call("DescribeStackEvents", |state| {
            let reason = state.stack_fails.clone();
            let name = name_of(stack);
            let event = |id: &str, kind: &str, status: &str, reason: Option<String>| StackEvent {
                id: String::new(),
                at: UNIX_EPOCH,
                logical_id: id.to_owned(),
                physical_id: String::new(),
                kind: kind.to_owned(),
                status: ResourceStatus::new(status),
                reason,
                token: None,
            };
            let stack_kind = "AWS::CloudFormation::Stack";
            let begun = event(&name, stack_kind, "CREATE_IN_PROGRESS", None);
            let failed = reason.map(|reason| {
                event("Hosts", "AWS::AutoScaling::AutoScalingGroup", "CREATE_FAILED", Some(reason))
            });
            let gone = state.deletion_fails.then(|| {
                event(
                    "Cluster",
                    "AWS::ECS::Cluster",
                    "DELETE_FAILED",
                    Some("the cluster has tasks".to_owned()),
                )
            });
            Ok([begun].into_iter().chain(failed).chain(gone).collect())
        })
    }

    async fn resource(&self, stack: &str, _: &str) -> Result<Option<String>, Error> {
        self.call("DescribeStackResource", |state| {
            Ok(state.stacks.contains_key(&name_of(stack)).then(|| "group".to_owned()))
        })
    }

    async fn delete(&self, stack: &str, _: &str, _: &str) -> Result<(), Error> {
        self.call("DeleteStack", |state| {
            if let Some(found) = state.stacks.get_mut(&name_of(stack)) {
                found.status = StackStatus::DeleteInProgress;
                found.polls = 2;
            }
            Ok(())
        })
    }
}

fn name_of(stack: &str) -> String {
    match stack.split_once(":stack/") {
        Some((_, rest)) => rest.split('/').next().unwrap().to_owned(),
        None => stack.to_owned(),
    }
}

#[async_trait]
impl Fleet for Fake {
    async fn group(&self, _: &str) -> Result<Option<Group>, Error> {
        self.call("DescribeAutoScalingGroups", |state| {
            if state.activity.is_none() {
                state.group.hosts = state.group.desired;
                state.group.healthy = state.group.desired;
            }
            Ok(Some(state.group))
        })
    }

    async fn set_group(&self, _: &str, limits: &Limits) -> Result<(), Error> {
        self.call("UpdateAutoScalingGroup", |state| {
            let group = &mut state.group;
            group.min = limits.min.unwrap_or(group.min);
            group.max = limits.max.unwrap_or(group.max);
            group.desired = limits.desired.unwrap_or(group.desired.clamp(group.min, group.max));
            Ok(())
        })
    }

    async fn failed_activity(&self, _: &str, _: u64) -> Result<Option<String>, Error> {
        self.call("DescribeScalingActivities", |state| Ok(state.activity.clone()))
    }

    async fn service(&self, _: &str, _: &str) -> Result<Option<Service>, Error> {
        self.call("DescribeServices", |state| Ok(Some(state.service.clone())))
    }

    async fn tasks(&self, _: &str, stopped: bool) -> Result<Vec<TaskView>, Error> {
        self.call("DescribeTasks", |state| Ok(if stopped { state.dead.clone() } else { Vec::new() }))
    }

    async fn definition(&self, arn: &str) -> Result<Value, Error> {
        self.call("DescribeTaskDefinition", |state| {
            let index: usize = arn.rsplit(':').next().unwrap().parse().unwrap();
            Ok(state.definitions[index].clone())
        })
    }

    async fn register(&self, definition: &Value) -> Result<String, Error> {
        self.call("RegisterTaskDefinition", |state| {
            state.definitions.push(definition.clone());
            Ok(format!("definition:{}", state.definitions.len() - 1))
        })
    }

    async fn roll(&self, _: &str, _: &str, definition: &str) -> Result<(), Error> {
        self.call("UpdateService", |state| {
            let fails = state.rollout_fails;
            let old = std::mem::replace(&mut state.service.definition, definition.to_owned());
            let new = Deployment {
                is_primary: !fails,
                definition: definition.to_owned(),
                state: if fails { "FAILED" } else { "COMPLETED" }.to_owned(),
                reason: if fails { "the circuit breaker was triggered" } else { "" }.to_owned(),
                failed: 0,
            };
            state.service.deployments = vec![new];
            if fails {
                state.service.definition = old;
            }
            Ok(())
        })
    }

    async fn words(&self, _: &str, _: &str) -> Result<Vec<String>, Error> {
        self.call("GetLogEvents", |state| Ok(state.words.clone()))
    }
}

#[async_trait]
impl Catalog for Fake {
    async fn offers(&self, _: &str) -> Result<Option<bool>, Error> {
        self.call("DescribeInstanceTypeOfferings", |state| Ok(Some(state.offers)))
    }

    async fn has_objects(&self, _: &str, _: &str) -> Result<bool, Error> {
        self.call("ListObjects", |state| Ok(state.weights))
    }

    async fn has_image(&self, image: &EcrImage) -> Result<bool, Error> {
        self.call("DescribeImages", |state| Ok(state.images.contains(&image.version)))
    }

    async fn parameters(&self, _: &[String]) -> Result<Vec<String>, Error> {
        self.call("GetParameters", |_| Ok(vec![CONFIG.to_owned()]))
    }
}

#[async_trait]
impl Models for Fake {
    async fn get(&self, url: &str) -> Result<Reply, String> {
        let answered = self.call("GET", |state| {
            let up = state.group.healthy > 0 && state.engine_polls == 0;
            state.engine_polls = state.engine_polls.saturating_sub(1);
            let status = if up { 200 } else { 503 };
            Ok(Reply { status, body: url.to_owned() })
        });
        answered.map_err(|error| error.to_string())
    }

    async fn post(&self, url: &str, _: Option<&str>, body: &Value) -> Result<Reply, String> {
        let answered = self.call("POST", |state| {
            state.posted.push((url.to_owned(), body.clone()));
            Ok(Reply { status: state.external, body: "answer".to_owned() })
        });
        answered.map_err(|error| error.to_string())
    }

    async fn bedrock(&self, path: &str, body: &Value) -> Result<(), Error> {
        self.call("InvokeModel", |state| {
            state.posted.push((path.to_owned(), body.clone()));
            if state.external == 200 {
                return Ok(());
            }
            let message = "no access to the model".to_owned();
            Err(Error::Refused { code: "AccessDeniedException".to_owned(), message })
        })
    }

    async fn sagemaker(&self, endpoint: &str, body: &Value) -> Result<(), Error> {
        self.call("InvokeEndpoint", |state| {
            state.posted.push((endpoint.to_owned(), body.clone()));
            Ok(())
        })
    }

    async fn key(&self, model: &str) -> Result<Option<String>, Error> {
        self.call("GetSecretValue", |state| Ok(state.keys.get(model).cloned()))
    }

    async fn make_key(&self, model: &str, key: &ApiKey) -> Result<bool, Error> {
        self.call("CreateSecret", |state| {
            let is_new = !state.keys.contains_key(model);
            state.keys.entry(model.to_owned()).or_insert_with(|| key.expose().to_owned());
            Ok(is_new)
        })
    }

    async fn keep_key(&self, model: &str, key: &ApiKey) -> Result<(), Error> {
        self.call("PutSecretValue", |state| {
            state.keys.insert(model.to_owned(), key.expose().to_owned());
            Ok(())
        })
    }

    async fn remove_key(&self, model: &str) -> Result<(), Error> {
        self.call("DeleteSecret", |state| {
            state.keys.remove(model);
            Ok(())
        })
    }

    fn key_place(&self, model: &str) -> String {
        format!("demo-lisa-prod-model-{model}")
    }
}

/// A deployment.
pub(super) struct Stage {
    pub(super) fake: Fake,
    pub(super) runner: Runner,
    pub(super) world: World,
    pub(super) tasks: Tasks,
    pub(super) management: Management,
    _folder: TempDir,
}

impl Stage {
    pub(super) fn set() -> Self {
        Self::with_runner(Runner::new(|_| Duration::ZERO))
    }

    pub(super) fn with_runner(runner: Runner) -> Self {
        let folder = TempDir::new().unwrap();
        let table = Database::open(folder.path()).unwrap().table(&MODELS).unwrap();
        let fake = Fake::default();
        let world = World {
            rows: Arc::new(ModelTable::new(Arc::new(table))),
            stacks: Arc::new(fake.clone()),
            fleet: Arc::new(fake.clone()),
            catalog: Arc::new(fake.clone()),
            models: Arc::new(fake.clone()),
            workflows: Arc::new(runner.clone()),
            can_host: true,
            clock: Arc::new(fake.clone()),
        };
        let tasks = Tasks::new(world.clone(), place());
        runner.with_tasks(tasks.clone());
        let management = Management::new(world.clone());
        Self { fake, runner, world, tasks, management, _folder: folder }
    }

    pub(super) async fn row(&self, id: &str) -> Option<Row> {
        self.world.rows.get(id).await.unwrap()
    }

    pub(super) async fn status(&self, id: &str) -> Option<ModelStatus> {
        self.row(id).await.map(|row| row.status)
    }

    /// The reason that the row tells.
    pub(super) async fn reason(&self, id: &str) -> String {
        self.row(id).await.and_then(|row| row.reason).unwrap_or_default()
    }

    /// Waits until the workflow that holds the model has ended; returns the states that it entered.
    pub(super) async fn settled(&self, id: &str) -> Vec<String> {
        let Some(execution) = self.row(id).await.and_then(|row| row.execution) else { return Vec::new() };
        self.runner.ended(&execution).await;
        self.runner.trace(&execution)
    }

    /// A hosted model in service.
    pub(super) async fn in_service(&self) {
        self.management.create(&hosted(), None).await.unwrap();
        self.settled("mistral-vllm").await;
        assert_eq!(
            self.status("mistral-vllm").await,
            Some(ModelStatus::InService),
            "{}",
            self.reason("mistral-vllm").await
        );
    }
}

pub(super) fn place() -> Place {
    Place {
        region: Some("us-east-1".to_owned()),
        deployment: "demo".to_owned(),
        bucket: "weights".to_owned(),
        config_parameters: vec!["config".to_owned()],
        stack_role: "arn:aws:iam::123456789012:role/stack".to_owned(),
        weights_digest: Some(format!("sha256:{}", "a".repeat(64))),
    }
}

/// The documented request for a hosted model.
pub(super) fn hosted() -> Value {
    serde_json::from_str(include_str!("../../api/models/tests/create-hosted.json")).unwrap()
}

/// The documented request for a model elsewhere.
pub(super) fn external() -> Value {
    serde_json::from_str(include_str!("../../api/models/tests/create-external.json")).unwrap()
}

/// A task that died.
pub(super) fn death(at: u64) -> TaskView {
    TaskView {
        id: "t1".to_owned(),
        reason: "Essential container in task exited".to_owned(),
        at,
        containers: vec![ContainerView { name: "engine".to_owned(), exit: Some(1), reason: String::new() }],
    }
}
