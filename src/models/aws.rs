//! The ports of model management on AWS: signed calls, one each, and their answers in the workflows' terms.

mod catalog;
mod fleet;
mod models;
mod stacks;
mod workflows;

use std::sync::Arc;

use lisa_signed::{Session, Signed, Why};

use crate::error::Error;
use crate::ports::Workflow;
use crate::world::{SystemClock, World};

/// What the ports have to know of the deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The table of models.
    pub table: String,
    /// The ARN of a workflow's state machine, by the order of [`Workflow`].
    pub machines: [String; 3],
    /// The key that encrypts secrets.
    pub secret_key: SecretKey,
}

/// A key of KMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretKey {
    /// By its ARN.
    Arn(String),
    /// By the name of the SSM parameter that holds its ARN.
    Parameter(String),
}

impl Deployment {
    fn machine(&self, workflow: Workflow) -> &str {
        let [create, update, delete] = &self.machines;
        match workflow {
            Workflow::Create => create,
            Workflow::Update => update,
            Workflow::Delete => delete,
        }
    }
}

/// The world of a deployment in AWS.
pub fn world(session: &Session, deployment: Deployment) -> World {
    let signed = Signed::new(session);
    World {
        rows: crate::rows::in_dynamodb(&signed, &deployment.table),
        stacks: Arc::new(stacks::CloudFormation { signed: signed.clone() }),
        fleet: Arc::new(fleet::Hosts { signed: signed.clone() }),
        catalog: Arc::new(catalog::Account {
            signed: signed.clone(),
            region: session.region().map(str::to_owned),
        }),
        models: Arc::new(models::Endpoints {
            signed: Some(signed.clone()),
            wire: session.wire().clone(),
            table: deployment.table.clone(),
            secret_key: deployment.secret_key.clone(),
        }),
        workflows: Arc::new(workflows::StepFunctions { signed, deployment }),
        can_host: true,
        clock: Arc::new(SystemClock),
    }
}

/// What answers to requests on a machine without an account: servers with a URL, without keys.
pub(crate) fn models_elsewhere(wire: lisa_signed::Wire) -> Arc<dyn crate::ports::Models> {
    let secret_key = SecretKey::Arn(String::new());
    Arc::new(models::Endpoints { signed: None, wire, table: String::new(), secret_key })
}

/// Codes of refusals that pass by themselves. Source: the retry behaviour of AWS's SDKs, "throttling errors".
const THROTTLING: [&str; 15] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
    "RequestTimeout",
];

impl From<lisa_signed::Error> for Error {
    fn from(error: lisa_signed::Error) -> Self {
        let message = error.to_string();
        match error.why {
            Why::Refused if THROTTLING.contains(&error.code.as_str()) || error.status == Some(429) => {
                Self::Throttled(message)
            }
            Why::Refused if error.status.is_some_and(|status| status >= 500) => Self::Unavailable(message),
            Why::Refused => Self::Refused { code: error.code, message },
            Why::Unanswered => Self::Unavailable(message),
            Why::NoCredentials | Why::Unreadable | Why::Unmakeable => Self::Broken(message),
        }
    }
}

/// `None` where the refusal has one of these codes.
fn unless<T>(result: Result<T, lisa_signed::Error>, codes: &[&str]) -> Result<Option<T>, Error> {
    match result {
        Err(error) if codes.contains(&error.code.as_str()) => Ok(None),
        result => Ok(Some(result?)),
    }
}
