//! Step Functions, which runs the workflows of a deployment in AWS.

use async_trait::async_trait;
use lisa_signed::Signed;
use lisa_signed::service::STEP_FUNCTIONS;
use serde_json::{Value, json};

use super::{Deployment, unless};
use crate::error::Error;
use crate::ports::{Ran, Workflow, Workflows};

pub(super) struct StepFunctions {
    pub(super) signed: Signed,
    pub(super) deployment: Deployment,
}

#[async_trait]
impl Workflows for StepFunctions {
    async fn start(&self, workflow: Workflow, name: &str, input: &Value) -> Result<String, Error> {
        let asked = json!({
            "stateMachineArn": self.deployment.machine(workflow),
            "name": name,
            "input": input.to_string(),
        });
        let answer = self.signed.json(&STEP_FUNCTIONS, "StartExecution", &asked).await;
        let answer =
            unless(answer, &["ExecutionAlreadyExists"])?.ok_or_else(|| Error::Exists(name.to_owned()))?;
        let arn = answer["executionArn"].as_str();
        arn.map(str::to_owned).ok_or_else(|| Error::Broken("`states:StartExecution` told no ARN".to_owned()))
    }

    async fn describe(&self, execution: &str) -> Result<Option<Ran>, Error> {
        let asked = json!({ "executionArn": execution });
        let answer = self.signed.json(&STEP_FUNCTIONS, "DescribeExecution", &asked).await;
        // A name that is no ARN is one that another runner gave.
        let Some(answer) = unless(answer, &["ExecutionDoesNotExist", "InvalidArn"])? else { return Ok(None) };
        let is_running = matches!(answer["status"].as_str(), Some("RUNNING" | "PENDING_REDRIVE"));
        let failed = matches!(answer["status"].as_str(), Some("FAILED" | "TIMED_OUT" | "ABORTED"));
        let cause = answer["cause"].as_str().map(words).filter(|_| failed);
        Ok(Some(Ran { is_running, cause: cause.or_else(|| failed.then(String::new)) }))
    }

    async fn stop(&self, execution: &str, why: &str) -> Result<(), Error> {
        let asked = json!({ "executionArn": execution, "error": "Interrupted", "cause": why });
        let answer = self.signed.json(&STEP_FUNCTIONS, "StopExecution", &asked).await;
        unless(answer, &["ExecutionDoesNotExist"]).map(drop)
    }
}

/// A cause is words, or what Lambda reports of a function's error, in JSON.
fn words(cause: &str) -> String {
    let reported: Option<Value> = serde_json::from_str(cause).ok();
    let told = reported.as_ref().and_then(|reported| reported["errorMessage"].as_str());
    told.unwrap_or(cause).to_owned()
}
