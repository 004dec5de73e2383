//! What can be asked of model management, whichever way: by the API's routes, or by the command line with credentials.
//!
//! It reads the table and starts workflows, and writes nothing itself but the keys of models elsewhere, which must not travel
//! with an execution. It answers when the row shows what was asked for, or when the workflow has said why it cannot be.

use std::time::Duration;

use lisa_api::models::{
    ApiKey, CreateModelRequest, DeleteModelResponse, LisaModel, ListModelsResponse, ModelStatus,
    UpdateModelRequest,
};
use lisa_names::InstanceType;
use serde_json::{Value, json};

use crate::error::Error;
use crate::ports::Workflow;
use crate::row::Row;
use crate::tasks::{change, elsewhere};
use crate::world::World;

/// For how long an answer waits for the workflow's first steps. API Gateway gives up after 29 seconds.
const PATIENCE: Duration = Duration::from_secs(8);

/// Between two looks.
const PACE: Duration = Duration::from_millis(100);

/// Models of one answer where the request does not say: as many as fit into one of Lambda's.
pub const PAGE: u32 = 1000;

/// Bytes of a request: it travels with the execution, which may carry 256 KB.
const LARGEST: usize = 96 * 1024;

/// Bytes of an idempotency key.
const LONGEST_KEY: usize = 128;

/// Who asks, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Whether they administer the deployment.
    pub is_admin: bool,
    /// The groups that they are in.
    pub groups: Vec<String>,
}

impl Asker {
    /// Somebody who may do everything.
    pub const ADMIN: Self = Self { is_admin: true, groups: Vec::new() };

    /// Whether they may know of the model.
    pub fn sees(&self, row: &Row) -> bool {
        let groups = &row.config.allowed_groups;
        self.is_admin || groups.is_empty() || groups.iter().any(|group| self.groups.contains(group))
    }

    /// The model as they may see it: what an engine is started with may hold secrets.
    fn shown(&self, row: &Row) -> LisaModel {
        let mut shown = row.shown();
        if !self.is_admin
            && let Some(container) = &mut shown.request.container_config
        {
            container.environment.clear();
        }
        shown
    }
}

/// Model management in a world.
#[derive(Clone, Debug)]
pub struct Management {
    world: World,
}

impl Management {
    /// Model management in this world.
    pub const fn new(world: World) -> Self {
        Self { world }
    }

    /// Models that may be seen, by their ids: all, or at most `limit` after a place.
    pub async fn list(
        &self,
        asker: &Asker,
        limit: Option<u32>,
        after: Option<&str>,
    ) -> Result<ListModelsResponse, Error> {
        let limit = limit.unwrap_or(PAGE);
        let (mut models, mut place) = (Vec::new(), after.map(str::to_owned));
        loop {
            let left = limit - u32::try_from(models.len()).unwrap_or(limit);
            let (rows, next) = self.world.rows.page(left, place.as_deref()).await?;
            models.extend(rows.iter().filter(|row| asker.sees(row)).map(|row| asker.shown(row)));
            place = next;
            if place.is_none() || models.len() >= limit as usize {
                break;
            }
        }
        models.sort_by(|one, other| one.request.model_id.cmp(&other.request.model_id));
        Ok(ListModelsResponse { models, next_token: place })
    }

    /// The types that LISA can size a model's tasks for, sorted: a request to create a model takes these. None where no
    /// model can be hosted.
    pub fn instance_types(&self) -> Vec<&'static str> {
        let known = self.world.can_host.then(InstanceType::known).unwrap_or_default();
        known.iter().map(|facts| facts.name).collect()
    }

    /// A model.
    pub async fn get(&self, asker: &Asker, id: &str) -> Result<LisaModel, Error> {
        let row = self.world.rows.get(id).await?.filter(|row| asker.sees(row));
        row.map(|row| asker.shown(&row)).ok_or_else(|| Error::NotFound(id.to_owned()))
    }

    /// Makes a model. The same key and request again is the same model.
    pub async fn create(&self, request: &Value, key: Option<&str>) -> Result<LisaModel, Error> {
        let parsed = CreateModelRequest::parse(request).map_err(Error::Invalid)?;
        if !parsed.is_hosted() && elsewhere::Elsewhere::of(&parsed).is_none() {
            return Err(elsewhere::unreachable());
        }
        if parsed.is_hosted() && !self.world.can_host {
            return Err(Error::Input(
                "no model can be hosted here, since there is no AWS account; leave out `instanceType` and the other fields \
                 of a hosted model, and give the `modelUrl` of a server that runs the model"
                    .to_owned(),
            ));
        }
        let secret = api_key(request)?;
        if secret.is_some() && !takes_key(&parsed) {
            return Err(Error::Invalid(vec![ApiKey::unused()]));
        }
        let input = json!({ "model_id": parsed.model_id, "request": parsed });
        let name = self.name(&parsed.model_id, key, &input)?;
        if let Some(row) = self.world.rows.get(&parsed.model_id).await? {
            let is_same = key.is_some() && row.execution.as_deref().is_some_and(|arn| ends_with(arn, &name));
            return if is_same { Ok(row.shown()) } else { Err(Error::Exists(parsed.model_id)) };
        }
        // What travels with an execution stands in its history for all who may read that, so the key goes another way.
        if let Some(secret) = &secret
            && !self.world.models.make_key(&parsed.model_id, secret).await?
        {
            let place = self.world.models.key_place(&parsed.model_id);
            return Err(Error::KeyExists { id: parsed.model_id, place });
        }
        let has_key = secret.is_some();
        let used = |error| match error {
            Error::Exists(_) => Error::Input(
                "the idempotency key was used for another request, or for a model that is gone".to_owned(),
            ),
            error => error,
        };
        let started = self.world.workflows.start(Workflow::Create, &name, &input).await.map_err(used);
        let execution = match started {
            Ok(execution) => execution,
            Err(error) => return Err(self.not_made(&parsed.model_id, has_key, error).await),
        };
        // There was no row before: whoever's it is now has won.
        match self.wait(&execution, &parsed.model_id, |row| row.is_some()).await {
            Ok(Some(row)) if row.is_held_by(&execution) => Ok(row.shown()),
            Ok(Some(_)) => {
                let error = Error::Exists(parsed.model_id.clone());
                Err(self.not_made(&parsed.model_id, has_key, error).await)
            }
            // The workflow is slow to begin, which its row will show.
            Ok(None) => Ok(Row::new(parsed, &execution).shown()),
            // The workflow has ended without a row of its own.
            Err(error @ Error::Input(_)) => Err(self.not_made(&parsed.model_id, has_key, error).await),
            Err(error) => Err(error),
        }
    }

    /// Why a model was not made; the key that was written for it goes again.
    async fn not_made(&self, id: &str, has_key: bool, error: Error) -> Error {
        if !has_key {
            return error;
        }
        match self.world.models.remove_key(id).await {
            Ok(()) => error,
            Err(why) => {
                let place = self.world.models.key_place(id);
                Error::KeyLeft { place, error: Box::new(error), why: Box::new(why) }
            }
        }
    }

    /// Changes, starts or stops a model; the answer is the model as it was before.
    pub async fn update(&self, id: &str, request: &Value) -> Result<LisaModel, Error> {
        let secret = api_key(request)?;
        // A key alone is no change that a workflow has to make.
        let is_all = secret.is_some() && request.as_object().is_some_and(|fields| fields.len() == 1);
        let parsed =
            if is_all { Ok(UpdateModelRequest::default()) } else { UpdateModelRequest::parse(request) };
        let parsed = parsed.map_err(Error::Invalid)?;
        let row = self.world.rows.get(id).await?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        if !is_all {
            change::plan(&row, &parsed)?;
        }
        if let Some(secret) = &secret {
            self.rotate(&row, secret).await?;
        }
        if is_all {
            return Ok(row.shown());
        }
        let input = json!({ "model_id": id, "request": parsed });
        let name = self.name(id, None, &input)?;
        let execution = self.world.workflows.start(Workflow::Update, &name, &input).await?;
        self.wait(&execution, id, |row| row.is_none_or(|row| row.is_held_by(&execution))).await?;
        Ok(row.shown())
    }

    /// Another key for a model elsewhere; the gateway takes it within a minute.
    async fn rotate(&self, row: &Row, key: &ApiKey) -> Result<(), Error> {
        if !takes_key(&row.config) {
            return Err(Error::Invalid(vec![ApiKey::unused()]));
        }
        if row.status == ModelStatus::Deleting {
            return Err(Error::Input(format!("`{}` is being deleted", row.id)));
        }
        self.world.models.keep_key(&row.id, key).await
    }

    /// Starts or stops a model.
    pub async fn enable(&self, id: &str, enabled: bool) -> Result<LisaModel, Error> {
        self.update(id, &json!({ "enabled": enabled })).await
    }

    /// Takes a model away, whatever its status.
    pub async fn delete(&self, id: &str) -> Result<DeleteModelResponse, Error> {
        let row = self.world.rows.get(id).await?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        let input = json!({ "model_id": id });
        let name = self.name(id, None, &input)?;
        let execution = self.world.workflows.start(Workflow::Delete, &name, &input).await?;
        let has_hosts = row.config.is_hosted();
        // A model without hosts is gone in a moment.
        let seen = |row: Option<&Row>| row.is_none_or(|row| has_hosts && row.is_held_by(&execution));
        let left = self.wait(&execution, id, seen).await?;
        let message = if left.is_none() {
            format!("Model {id} has been deleted successfully.")
        } else {
            format!("Model {id} is being deleted.")
        };
        Ok(DeleteModelResponse { model: Some(row.shown()), status: "success".to_owned(), message })
    }

    /// How a model stands, for whoever waits for it: its status and why it failed.
    pub async fn standing(&self, id: &str) -> Result<Option<(ModelStatus, Option<String>)>, Error> {
        Ok(self.world.rows.get(id).await?.map(|row| (row.status, row.reason)))
    }

    /// Waits until the row shows that the workflow has begun; the error is the reason why it did not.
    async fn wait(
        &self,
        execution: &str,
        id: &str,
        seen: impl Fn(Option<&Row>) -> bool,
    ) -> Result<Option<Row>, Error> {
        let rounds = PATIENCE.as_millis() / PACE.as_millis();
        for _ in 0..rounds {
            let row = self.world.rows.get(id).await?;
            if seen(row.as_ref()) {
                return Ok(row);
            }
            let ran = self.world.workflows.describe(execution).await?.unwrap_or_default();
            if !ran.is_running {
                return match ran.cause {
                    // The row says it, if it is this execution's.
                    Some(_) if row.as_ref().is_some_and(|row| row.is_held_by(execution)) => Ok(row),
                    Some(cause) => Err(Error::Input(cause)),
                    None => self.world.rows.get(id).await,
                };
            }
            tokio::time::sleep(PACE).await;
        }
        self.world.rows.get(id).await
    }

    /// A name for an execution: the model's, and a hash of what makes it this one.
    fn name(&self, id: &str, key: Option<&str>, input: &Value) -> Result<String, Error> {
        let text = input.to_string();
        if text.len() > LARGEST {
            return Err(Error::field("", format!("has {} bytes, allowed are {LARGEST}", text.len())));
        }
        if key.is_some_and(|key| key.is_empty() || key.len() > LONGEST_KEY) {
            let message = format!("`Idempotency-Key` has to have 1 to {LONGEST_KEY} characters");
            return Err(Error::Input(message));
        }
        let unique = match key {
            Some(key) => format!("{id}\n{key}"),
            None => format!("{id}\n{:?}\n{text}", self.world.clock.now()),
        };
        let hash = lisa_stacks::hex_digest(unique.as_bytes());
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
        let start: String = id.chars().take(40).map(plain).collect();
        Ok(format!("{start}-{}", &hash[..24]))
    }
}

fn api_key(request: &Value) -> Result<Option<ApiKey>, Error> {
    ApiKey::of(request).map_err(|error| Error::Invalid(vec![error]))
}

/// Whether a model is one that is asked with a key of its own.
fn takes_key(model: &CreateModelRequest) -> bool {
    !model.is_hosted() && model.model_url.is_some()
}

/// Whether an execution has this name: in Step Functions it is the last part of its ARN.
fn ends_with(execution: &str, name: &str) -> bool {
    execution.rsplit(':').next() == Some(name)
}
