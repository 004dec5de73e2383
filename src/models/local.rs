//! The workflows in this process: for local mode, where no Step Functions is, and for tests of every crash.
//!
//! An execution lives as long as the process. A model that another process left in mid-change is marked as failed by
//! [`Runner::recover`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lisa_signed::{Session, Wire};
use lisa_store::Table;
use lisa_workflow::{End, ErrorName, Execution, StateMachine, StateName, Step, TaskError, model};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::aws;
use crate::error::Error;
use crate::ports::{Ran, Workflow, Workflows};
use crate::rows::ModelTable;
use crate::tasks::{Place, Tasks};
use crate::world::World;

/// How fast time passes for workflows: tests have none.
pub type Pace = fn(u32) -> Duration;

/// Seconds as they are.
pub fn real_time(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

/// Runs workflows in this process. A clone runs the same ones.
#[derive(Clone)]
pub struct Runner {
    shared: Arc<Inner>,
}

struct Inner {
    /// Made after the runner, since the tasks' world has the runner in it.
    tasks: OnceLock<Tasks>,
    pace: Pace,
    executions: Mutex<BTreeMap<String, Record>>,
}

/// What is known of an execution.
struct Record {
    input: Value,
    ran: Ran,
    trace: Vec<StateName>,
    stop: watch::Sender<Option<String>>,
}

/// What local workflows know of a deployment: there is none, so that only models elsewhere can come into service.
pub fn place() -> Place {
    Place {
        region: None,
        deployment: "local".to_owned(),
        bucket: String::new(),
        config_parameters: Vec::new(),
        stack_role: String::new(),
        weights_digest: None,
    }
}

/// The world of a machine without an account: rows in an embedded table, workflows in this process.
pub fn world(rows: Arc<dyn Table>, runner: &Runner, wire: Wire) -> World {
    let session = Session::without_account(wire.clone());
    let secret_key = aws::SecretKey::Arn(String::new());
    let nowhere = aws::Deployment { table: String::new(), machines: Default::default(), secret_key };
    World {
        rows: Arc::new(ModelTable::new(rows)),
        workflows: Arc::new(runner.clone()),
        models: aws::models_elsewhere(wire),
        can_host: false,
        ..aws::world(&session, nowhere)
    }
}

impl Runner {
    /// A runner that can do nothing until it has its tasks.
    pub fn new(pace: Pace) -> Self {
        let inner = Inner { tasks: OnceLock::new(), pace, executions: Mutex::default() };
        Self { shared: Arc::new(inner) }
    }

    /// Gives the runner its tasks, once.
    pub fn with_tasks(&self, tasks: Tasks) {
        // A second time changes nothing: the first tasks may be at work.
        let _ = self.shared.tasks.set(tasks);
    }

    /// Marks every model as failed that a process before this one left in mid-change.
    pub async fn recover(&self) -> Result<(), Error> {
        let Some(tasks) = self.shared.tasks.get() else { return Ok(()) };
        let mut place: Option<String> = None;
        loop {
            let (rows, next) = tasks.world.rows.page(100, place.as_deref()).await?;
            for row in rows.into_iter().filter(|row| row.status.is_changing()) {
                let execution = row.execution.clone().unwrap_or_default();
                if !self.locked().contains_key(&execution) {
                    tasks.ended(ended(&execution, &row.id, "ABORTED", "LISA was stopped")).await?;
                }
            }
            place = next;
            if place.is_none() {
                return Ok(());
            }
        }
    }

    /// The states that an execution has entered so far, in order.
    pub fn trace(&self, execution: &str) -> Vec<String> {
        let executions = self.locked();
        let trace = executions.get(execution).map(|record| record.trace.as_slice()).unwrap_or_default();
        trace.iter().map(ToString::to_string).collect()
    }

    /// Waits until an execution has ended.
    pub async fn ended(&self, execution: &str) {
        while self.locked().get(execution).is_some_and(|record| record.ran.is_running) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Record>> {
        self.shared.executions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self, mut execution: Execution, id: String, mut stop: watch::Receiver<Option<String>>) {
        let walked = async {
            loop {
                self.note(&id, &execution);
                match execution.step() {
                    Step::Run { invocation, timeout_seconds } => {
                        let outcome = self.task(invocation, timeout_seconds).await;
                        execution.finish(outcome);
                    }
                    Step::Wait { seconds, .. } => tokio::time::sleep((self.shared.pace)(seconds)).await,
                    Step::End(end) => {
                        self.note(&id, &execution);
                        let failure = &execution.state()["failure"];
                        let cause = failure["Cause"].as_str().unwrap_or_default().to_owned();
                        return (end == End::Failed).then_some(cause);
                    }
                }
            }
        };
        let outcome = tokio::select! {
            cause = walked => Ok(cause),
            told = stop.wait_for(Option::is_some) => Err(told.ok().and_then(|why| why.clone()).unwrap_or_default()),
        };
        let was_stopped = outcome.is_err();
        let cause = match outcome {
            Ok(cause) => cause,
            Err(why) => Some(why),
        };
        let model = {
            let mut executions = self.locked();
            let Some(record) = executions.get_mut(&id) else { return };
            record.ran = Ran { is_running: false, cause: cause.clone() };
            record.input["model_id"].as_str().unwrap_or_default().to_owned()
        };
        // What EventBridge does for Step Functions.
        if let (Some(cause), Some(tasks)) = (cause, self.shared.tasks.get()) {
            let status = if was_stopped { "ABORTED" } else { "FAILED" };
            if let Err(error) = tasks.ended(ended(&id, &model, status, &cause)).await {
                tracing::error!(reason = %error, model, "the end of a workflow could not be written down");
            }
        }
    }

    fn note(&self, id: &str, execution: &Execution) {
        if let Some(record) = self.locked().get_mut(id) {
            record.trace = execution.trace().to_vec();
        }
    }

    async fn task(&self, invocation: lisa_workflow::Invocation, limit: u32) -> Result<Value, TaskError> {
        let Some(tasks) = self.shared.tasks.get() else {
            return Err(TaskError {
                name: "NotReady".to_owned(),
                cause: "nothing can run tasks yet".to_owned(),
            });
        };
        let late = |_| TaskError { name: ErrorName::Timeout.as_str().to_owned(), cause: String::new() };
        let limit = Duration::from_secs(limit.into());
        tokio::time::timeout(limit, tasks.run_in_process(invocation)).await.map_err(late)?
    }
}

/// The event that EventBridge would send.
fn ended(execution: &str, model: &str, status: &str, cause: &str) -> Value {
    json!({
        "detail-type": "Step Functions Execution Status Change",
        "detail": {
            "executionArn": execution,
            "status": status,
            "cause": cause,
            "input": json!({ "model_id": model }).to_string(),
        },
    })
}

fn machine(workflow: Workflow) -> StateMachine {
    match workflow {
        Workflow::Create => model::create(),
        Workflow::Update => model::update(),
        Workflow::Delete => model::delete(),
    }
}

#[async_trait]
impl Workflows for Runner {
    async fn start(&self, workflow: Workflow, name: &str, input: &Value) -> Result<String, Error> {
        let id = format!("local:{}:{name}", workflow.name());
        let (stop, told) = watch::channel(None);
        {
            let mut executions = self.locked();
            if let Some(known) = executions.get(&id) {
                let is_same = known.ran.is_running && known.input == *input;
                return if is_same { Ok(id) } else { Err(Error::Exists(name.to_owned())) };
            }
            let ran = Ran { is_running: true, cause: None };
            let record = Record { input: input.clone(), ran, trace: Vec::new(), stop };
            executions.insert(id.clone(), record);
        }
        let execution = Execution::new(machine(workflow), id.clone(), input.clone());
        tokio::spawn(self.clone().run(execution, id.clone(), told));
        Ok(id)
    }

    async fn describe(&self, execution: &str) -> Result<Option<Ran>, Error> {
        Ok(self.locked().get(execution).map(|record| record.ran.clone()))
    }

    async fn stop(&self, execution: &str, why: &str) -> Result<(), Error> {
        if let Some(record) = self.locked().get(execution) {
            // Nobody listens to an execution that has ended.
            let _ = record.stop.send(Some(why.to_owned()));
        }
        Ok(())
    }
}
