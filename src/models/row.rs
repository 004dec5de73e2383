//! A model's row in the table: what the API shows of it, what the gateway routes by, and what its workflows keep.
//!
//! The attributes up to `failure_reason` are upstream's, so that a table of it is read as it is. What is not known here
//! stays as it is.

use lisa_api::models::{CreateModelRequest, LisaModel, ModelStatus};
use serde_json::{Map, Value, json};

use crate::error::Error;

/// A model's row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The model's id: the key.
    pub id: String,
    /// The request that made it, changed by updates.
    pub config: CreateModelRequest,
    /// Where it is in its life.
    pub status: ModelStatus,
    /// The execution that is at work on it, or was last: nobody else may write to the row.
    pub execution: Option<String>,
    /// The execution that was at work when the one of a delete took over.
    pub previous: Option<String>,
    /// The status from which an update began.
    pub before: Option<ModelStatus>,
    /// Why the last workflow failed.
    pub reason: Option<String>,
    /// Where requests go: the engine's load balancer with `/v1`, or the URL of an external model; else empty.
    pub url: String,
    /// What the model's stack has made.
    pub parts: Parts,
    /// Seconds since 1970 at the last change.
    pub modified: u64,
    /// Grows with each change: what a writer has read must be what is there.
    pub revision: u64,
    /// Attributes that are not known here.
    pub rest: Map<String, Value>,
}

/// Names of what a hosted model's stack has made; empty where they are not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The stack's name.
    pub stack: String,
    /// The stack's ARN.
    pub stack_id: String,
    /// The Auto Scaling group.
    pub group: String,
    /// The cluster.
    pub cluster: String,
    /// The service's ARN.
    pub service: String,
    /// The group of the containers' logs.
    pub logs: String,
}

/// The attributes of [`Parts`], in the order of its fields.
const PARTS: [&str; 6] = [
    "cloudformation_stack_name",
    "cloudformation_stack_arn",
    "auto_scaling_group",
    "ecs_cluster",
    "ecs_service",
    "log_group",
];

impl Parts {
    fn texts(&self) -> [&String; 6] {
        [&self.stack, &self.stack_id, &self.group, &self.cluster, &self.service, &self.logs]
    }
}

impl Row {
    /// The row of a model that is about to be made.
    pub fn new(config: CreateModelRequest, execution: &str) -> Self {
        Self {
            id: config.model_id.clone(),
            config,
            status: ModelStatus::Creating,
            execution: Some(execution.to_owned()),
            previous: None,
            before: None,
            reason: None,
            url: String::new(),
            parts: Parts::default(),
            modified: 0,
            revision: 0,
            rest: Map::new(),
        }
    }

    /// Whether this execution is the one at work on the model.
    pub fn is_held_by(&self, execution: &str) -> bool {
        self.execution.as_deref() == Some(execution)
    }

    /// The model as the API shows it.
    pub fn shown(&self) -> LisaModel {
        let mut request = self.config.clone();
        if request.model_url.is_none() && !self.url.is_empty() {
            request.model_url = Some(self.url.clone());
        }
        let failure_reason = self.reason.clone().filter(|_| self.status == ModelStatus::Failed);
        LisaModel { request, status: self.status, failure_reason }
    }

    /// The item that the table holds.
    pub fn to_item(&self) -> Map<String, Value> {
        let mut item = self.rest.clone();
        let mut put = |name: &str, value: Value| item.insert(name.to_owned(), value);
        put("model_id", json!(self.id));
        put("model_config", without_nulls(json!(self.config)));
        put("model_status", json!(self.status));
        put("last_modified_date", json!(self.modified));
        put("model_url", json!(self.url));
        put("revision", json!(self.revision));
        for (name, text) in PARTS.iter().zip(self.parts.texts()) {
            put(name, json!(text));
        }
        let optional = [
            ("execution", self.execution.as_deref()),
            ("previous_execution", self.previous.as_deref()),
            ("status_before", self.before.map(ModelStatus::as_str)),
            ("failure_reason", self.reason.as_deref()),
        ];
        for (name, text) in optional.into_iter().filter_map(|(name, text)| Some((name, text?))) {
            put(name, json!(text));
        }
        item
    }

    /// Reads an item of the table.
    pub fn from_item(mut item: Map<String, Value>) -> Result<Self, Error> {
        let mut text = |name: &str| match item.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let id =
            text("model_id").ok_or_else(|| Error::Broken("a row of the model table has no id".to_owned()))?;
        let broken =
            |what: &str| Error::Broken(format!("the row of model `{id}` has no `{what}` that is known"));
        let status = |text: Option<String>| text.and_then(|text| ModelStatus::from_text(&text));
        let model_status = status(text("model_status")).ok_or_else(|| broken("model_status"))?;
        let before = status(text("status_before"));
        let [execution, previous, reason] =
            ["execution", "previous_execution", "failure_reason"].map(&mut text);
        let url = text("model_url").unwrap_or_default();
        let [stack, stack_id, group, cluster, service, logs] =
            PARTS.map(|name| text(name).unwrap_or_default());
        let config = item.remove("model_config").unwrap_or_default();
        let config = serde_json::from_value(config).map_err(|_| broken("model_config"))?;
        let mut number = |name: &str| item.remove(name).and_then(|value| value.as_u64()).unwrap_or_default();
        let (modified, revision) = (number("last_modified_date"), number("revision"));
        let parts = Parts { stack, stack_id, group, cluster, service, logs };
        Ok(Self {
            id,
            config,
            status: model_status,
            execution,
            previous,
            before,
            reason,
            url,
            parts,
            modified,
            revision,
            rest: item,
        })
    }
}

/// Fields that hold nothing are left out, as upstream's rows do.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let text = include_str!("../api/models/tests/create-hosted.json");
        let request: Value = serde_json::from_str(text).unwrap();
        let mut row = Row::new(CreateModelRequest::parse(&request).unwrap(), "execution");
        row.parts.group = "group".to_owned();
        row.before = Some(ModelStatus::InService);
        row.revision = 7;
        row.rest.insert("litellm_id".to_owned(), json!("other"));
        row
    }

    #[test]
    fn a_row_is_read_back_from_its_item_with_what_is_not_known() {
        let item = row().to_item();
        assert_eq!(item["model_config"]["modelName"], "mistralai/Mistral-7B-Instruct-v0.2");
        assert_eq!(Row::from_item(item).unwrap(), row());
    }

    #[test]
    fn a_row_of_upstream_is_read() {
        let item = json!({
            "model_id": "titan",
            "model_status": "InService",
            "model_config": { "modelId": "titan", "modelName": "bedrock/titan", "modelType": "textgen" },
            "model_url": "",
            "last_modified_date": 1_700_000_000,
            "litellm_id": "4711",
        });
        let row = Row::from_item(item.as_object().unwrap().clone()).unwrap();
        assert_eq!((row.revision, row.modified, row.execution), (0, 1_700_000_000, None));
        assert_eq!(row.rest["litellm_id"], "4711");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (wrong, named) in [
            (json!({}), "has no id"),
            (json!({ "model_id": "m", "model_status": "Odd" }), "`model_status`"),
            (json!({ "model_id": "m", "model_status": "Failed" }), "`model_config`"),
        ] {
            let error = Row::from_item(wrong.as_object().unwrap().clone()).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_reason_is_shown_of_a_failed_model_alone() {
        let mut row = row();
        row.reason = Some("it broke".to_owned());
        assert_eq!(row.shown().failure_reason, None);
        row.status = ModelStatus::Failed;
        assert_eq!(row.shown().failure_reason.as_deref(), Some("it broke"));
    }
}
