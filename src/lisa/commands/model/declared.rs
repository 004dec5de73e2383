//! The models of a configuration: what a deployment has to do for each, done by the same workflows as for any other.

use bytes::Bytes;
use lisa_api::models::{CreateModelRequest, ModelStatus, UpdateModelRequest};
use lisa_config::section::model::HostedModel;
use lisa_models::declared;
use serde_json::json;

use super::door::Door;
use super::wait::Wait;
use crate::failure::Failure;
use crate::printer::Printer;

/// A model of the configuration, and what is to be done for it.
#[derive(Debug)]
pub(in crate::commands) struct Declared {
    pub(in crate::commands) id: String,
    pub(in crate::commands) step: Step,
    /// The request that would make it as the configuration has it.
    request: CreateModelRequest,
}

/// What is to be done for a model.
#[derive(Debug)]
pub(in crate::commands) enum Step {
    /// It is made.
    Create,
    /// What has changed in the configuration is changed.
    Update(Box<UpdateModelRequest>),
    /// It came in by another door, and stays as it is.
    Adopt,
    /// Nothing.
    Nothing,
}

impl Step {
    /// In a word.
    pub(in crate::commands) const fn name(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update(_) => "update",
            Self::Adopt => "leave",
            Self::Nothing => "nothing",
        }
    }

    /// Whether nothing is asked of model management.
    pub(in crate::commands) const fn is_idle(&self) -> bool {
        matches!(self, Self::Adopt | Self::Nothing)
    }
}

impl Declared {
    /// Compares a model of the configuration with the one that is there, if it is. `built` is where hosts pull its image
    /// from if that was built or loaded here, `last` the request that was last made for it by a deployment.
    pub(in crate::commands) async fn of(
        door: &Door,
        model: &HostedModel,
        built: Option<&str>,
        last: Option<&[u8]>,
    ) -> Result<Self, Failure> {
        let id = model.model_id.to_string();
        let request = lisa_stacks::model::request(model, built).map_err(|errors| {
            let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::action(format!("`{id}` cannot be made: {}", told.join("; ")), "Correct its entry.")
        })?;
        // One that is only looked for before management is there is not there either.
        let there = door.find_if_managed(&id).await?;
        // What an older version remembered in another form was left as it is, too.
        let last = last.and_then(|last| serde_json::from_slice::<CreateModelRequest>(last).ok());
        let step = match (there, last) {
            (None, _) => Step::Create,
            (Some(_), None) => Step::Adopt,
            (Some(_), Some(last)) => match declared::change(&last, &request) {
                Ok(None) => Step::Nothing,
                Ok(Some(change)) => Step::Update(Box::new(change)),
                Err(fields) => return Err(fixed(&id, &fields)),
            },
        };
        Ok(Self { id, step, request })
    }

    /// What is remembered of it.
    pub(in crate::commands) fn memory(&self) -> Bytes {
        json!(self.request).to_string().into()
    }

    /// Begins what is to be done. It goes on without this process.
    pub(in crate::commands) async fn begin(&self, door: &Door) -> Result<(), Failure> {
        match &self.step {
            Step::Create => door.create(&json!(self.request)).await.map(drop),
            Step::Update(change) => door.update(&self.id, &json!(change)).await.map(drop),
            Step::Adopt | Step::Nothing => Ok(()),
        }
    }

    /// Waits until the model is at rest; the error is the cause where its workflow failed, now or before.
    pub(in crate::commands) async fn settled(&self, door: &Door, printer: &Printer) -> Result<(), Failure> {
        if self.step.is_idle()
            && let Some(found) = door.find(&self.id).await?
            && found.status == ModelStatus::Failed
        {
            let (id, reason) = (&self.id, found.failure_reason.unwrap_or_default());
            let help = format!("Mend the cause, then `lisa model delete {id}` and deploy again.");
            return Err(Failure::action(format!("`{id}` failed before: {reason}"), help));
        }
        Wait::always().settled(door, &self.id, printer).await.map(drop)
    }
}

/// Waits until a model that is being deleted is gone.
pub(in crate::commands) async fn gone(door: &Door, id: &str, printer: &Printer) -> Result<(), Failure> {
    Wait::always().settled(door, id, printer).await.map(drop)
}

/// Fields that stay for as long as the model is there.
fn fixed(id: &str, fields: &[String]) -> Failure {
    let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    Failure::action(
        format!("{} of the model `{id}` cannot be changed while it is there", fields.join(", ")),
        format!("`lisa model delete {id} --wait`, then deploy again. Nothing was changed."),
    )
}
