//! What a request to change a model does to its configuration, and what has to be done for it.
//!
//! The API asks this before it starts a workflow, so that whoever asks is told at once; the workflow asks again, since
//! the model may have changed in between.

use lisa_api::FieldError;
use lisa_api::models::{CreateModelRequest, ModelStatus, ModelType, UpdateModelRequest};
use lisa_workflow::model::{SCALE, START, STOP};

use super::carried::ChangeState;
use crate::error::Error;
use crate::row::Row;

/// What has to be done for a change, or why it cannot be.
pub(crate) fn plan(row: &Row, request: &UpdateModelRequest) -> Result<ChangeState, Error> {
    let refused =
        |why: &str| Error::Transition { id: row.id.clone(), status: row.status, why: why.to_owned() };
    let hosted = row.config.is_hosted();
    let needs_hosts =
        |field: &str| Error::field(field, "is for models that LISA hosts, which this one is not");
    let mut change = ChangeState::default();
    match (request.enabled, row.status) {
        (Some(_), _) if !hosted => return Err(needs_hosts("enabled")),
        (Some(true), ModelStatus::Stopped | ModelStatus::Failed) => change.capacity = Some(START.to_owned()),
        (Some(true), _) => return Err(refused("only a model that is `Stopped` or `Failed` can be started")),
        (Some(false), ModelStatus::InService) => change.capacity = Some(STOP.to_owned()),
        (Some(false), _) => return Err(refused("only a model that is `InService` can be stopped")),
        (None, ModelStatus::InService | ModelStatus::Stopped) => {}
        (None, _) => return Err(refused("only a model that is `InService` or `Stopped` can be changed")),
    }
    if request.auto_scaling_instance_config.is_some() {
        if !hosted {
            return Err(needs_hosts("autoScalingInstanceConfig"));
        }
        if row.status == ModelStatus::InService {
            change.capacity = Some(SCALE.to_owned());
        }
    }
    if request.container_config.is_some() {
        if !hosted {
            return Err(needs_hosts("containerConfig"));
        }
        if row.status != ModelStatus::InService {
            return Err(refused(
                "the container of a model can only be changed while it is `InService`; start it first",
            ));
        }
        change.container = true;
    }
    applied(&row.config, request).map(|_| change)
}

/// The configuration with the change in it.
pub(crate) fn applied(
    config: &CreateModelRequest,
    request: &UpdateModelRequest,
) -> Result<CreateModelRequest, Error> {
    let mut new = config.clone();
    let UpdateModelRequest { model_type, streaming, features, allowed_groups, model_description, .. } =
        request;
    new.model_type = model_type.unwrap_or(new.model_type);
    new.streaming = streaming.unwrap_or(new.streaming);
    if let Some(features) = features {
        new.features.clone_from(features);
    }
    if let Some(groups) = allowed_groups {
        new.allowed_groups.clone_from(groups);
    }
    if let Some(text) = model_description {
        new.model_description = (!text.is_empty()).then(|| text.clone());
    }
    if new.model_type == ModelType::Embedding && new.streaming {
        let message = "is `true`, but an embedding model has nothing to stream";
        return Err(Error::field("streaming", message));
    }
    if let (Some(container), Some(change)) = (&new.container_config, &request.container_config) {
        new.container_config = Some(change.applied_to(container));
    }
    if let (Some(scaling), Some(change)) =
        (&mut new.auto_scaling_config, &request.auto_scaling_instance_config)
    {
        scaling.min_capacity = change.min_capacity.unwrap_or(scaling.min_capacity);
        scaling.max_capacity = change.max_capacity.unwrap_or(scaling.max_capacity);
        scaling.desired_capacity = change.desired_capacity.or(scaling.desired_capacity);
        scaling.cooldown = change.cooldown.unwrap_or(scaling.cooldown);
        scaling.default_instance_warmup =
            change.default_instance_warmup.unwrap_or(scaling.default_instance_warmup);
        within(scaling, change.desired_capacity.is_some())?;
    }
    Ok(new)
}

/// The limits as they will be; hosts that were wanted before and no longer fit are forgotten.
fn within(scaling: &mut lisa_api::models::AutoScalingConfig, is_asked: bool) -> Result<(), Error> {
    let (least, most) = (scaling.min_capacity, scaling.max_capacity);
    let fault = |field: &str, message: String| {
        Err(Error::Invalid(vec![FieldError::new(format!("autoScalingInstanceConfig.{field}"), message)]))
    };
    if least > most {
        return fault("minCapacity", format!("is {least}, more than `maxCapacity`, which is {most}"));
    }
    match scaling.desired_capacity {
        Some(desired) if !(least..=most).contains(&desired) && is_asked => {
            fault("desiredCapacity", format!("is {desired}, allowed is {least} to {most}"))
        }
        Some(desired) if !(least..=most).contains(&desired) => {
            scaling.desired_capacity = None;
            Ok(())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn row(status: ModelStatus) -> Row {
        let text = include_str!("../../api/models/tests/create-hosted.json");
        let request: Value = serde_json::from_str(text).unwrap();
        Row { status, ..Row::new(CreateModelRequest::parse(&request).unwrap(), "e") }
    }

    fn asked(request: &Value) -> UpdateModelRequest {
        UpdateModelRequest::parse(request).unwrap()
    }

    #[test]
    fn each_status_allows_what_it_should() {
        use ModelStatus::{Creating, Failed, InService, Stopped, Updating};
        let outcome = |status, request: Value| match plan(&row(status), &asked(&request)) {
            Ok(change) => format!("{} {}", change.capacity.unwrap_or_default(), change.container),
            Err(error) => error.name().to_owned(),
        };
        let refused = "InvalidStateTransitionError";
        for (status, request, expected) in [
            (InService, json!({ "enabled": false }), "stop false"),
            (InService, json!({ "enabled": true }), refused),
            (Stopped, json!({ "enabled": true }), "start false"),
            (Failed, json!({ "enabled": true }), "start false"),
            (Stopped, json!({ "enabled": false }), refused),
            (Creating, json!({ "streaming": false }), refused),
            (Updating, json!({ "enabled": true }), refused),
            (InService, json!({ "streaming": false }), " false"),
            (InService, json!({ "autoScalingInstanceConfig": { "maxCapacity": 3 } }), "scale false"),
            (Stopped, json!({ "autoScalingInstanceConfig": { "maxCapacity": 3 } }), " false"),
            (InService, json!({ "containerConfig": { "environment": { "A": "1" } } }), " true"),
            (Stopped, json!({ "containerConfig": { "environment": { "A": "1" } } }), refused),
        ] {
            assert_eq!(outcome(status, request.clone()), expected, "{status} {request}");
        }
    }

    #[test]
    fn limits_are_judged_as_they_will_be() {
        let config = row(ModelStatus::InService).config;
        let scaled =
            |change: Value| applied(&config, &asked(&json!({ "autoScalingInstanceConfig": change })));
        assert!(scaled(json!({ "minCapacity": 2 })).unwrap_err().to_string().contains("minCapacity"));
        assert!(
            scaled(json!({ "desiredCapacity": 2 })).unwrap_err().to_string().contains("allowed is 1 to 1")
        );
        let scaling = scaled(json!({ "maxCapacity": 4, "desiredCapacity": 2 })).unwrap().auto_scaling_config;
        assert_eq!(scaling.map(|it| (it.max_capacity, it.desired_capacity)), Some((4, Some(2))));
    }

    #[test]
    fn an_empty_description_is_none() {
        let config = row(ModelStatus::InService).config;
        let told = |text: &str| applied(&config, &asked(&json!({ "modelDescription": text }))).unwrap();
        assert_eq!(told("new").model_description.as_deref(), Some("new"));
        assert_eq!(told("").model_description, None);
    }

    #[test]
    fn a_variable_is_set_or_taken_away() {
        let config = row(ModelStatus::InService).config;
        let change = json!({ "environment": { "NEW": "1", "MAX_TOTAL_TOKENS": "LISA_MARKED_FOR_DELETION" } });
        let new = applied(&config, &asked(&json!({ "containerConfig": change }))).unwrap();
        let environment = new.container_config.unwrap().environment;
        assert_eq!(environment.get("NEW").map(String::as_str), Some("1"));
        assert!(
            !environment.contains_key("MAX_TOTAL_TOKENS") && environment.contains_key("MAX_INPUT_LENGTH")
        );
    }

    #[test]
    fn an_external_model_has_no_hosts_to_change() {
        let text = include_str!("../../api/models/tests/create-external.json");
        let request: Value = serde_json::from_str(text).unwrap();
        let mut external = Row::new(CreateModelRequest::parse(&request).unwrap(), "e");
        external.status = ModelStatus::InService;
        for field in
            [json!({ "enabled": false }), json!({ "autoScalingInstanceConfig": { "minCapacity": 1 } })]
        {
            assert_eq!(plan(&external, &asked(&field)).unwrap_err().name(), "ValidationError");
        }
        assert!(plan(&external, &asked(&json!({ "allowedGroups": ["a"] }))).is_ok());
    }
}
