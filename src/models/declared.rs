//! Models that a configuration declares: what has changed of one since it was last asked for.
//!
//! Only that is asked of model management. What somebody has changed there since, such as a model that was stopped or has
//! other limits of its hosts, stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use lisa_api::models::{
    AutoScalingInstanceConfig, ContainerChange, ContainerConfig, CreateModelRequest, REMOVED,
    UpdateModelRequest,
};
use serde_json::{Value, json};

use crate::tasks::change::applied;

/// What has to be asked so that a model which was made by `before` is as `now` says; `None` where nothing has changed.
///
/// # Errors
///
/// The fields that no update changes, such as `instanceType`: for these the model has to be made anew.
pub fn change(
    before: &CreateModelRequest,
    now: &CreateModelRequest,
) -> Result<Option<UpdateModelRequest>, Vec<String>> {
    let asked = asked(before, now);
    if asked == UpdateModelRequest::default() {
        return if before == now { Ok(None) } else { Err(differing(before, now)) };
    }
    match applied(before, &asked) {
        Ok(reached) if as_declared(&reached, now) == *now => Ok(Some(asked)),
        Ok(reached) => Err(differing(&reached, now)),
        Err(_) => Err(differing(before, now)),
    }
}

/// What was reached, as the declaration would say it: one that names no `desiredCapacity` wants as many hosts as it has
/// at least.
fn as_declared(reached: &CreateModelRequest, now: &CreateModelRequest) -> CreateModelRequest {
    let mut reached = reached.clone();
    if let (Some(scaling), Some(wanted)) = (&mut reached.auto_scaling_config, &now.auto_scaling_config)
        && wanted.desired_capacity.is_none()
        && scaling.desired_capacity == Some(wanted.min_capacity.max(1))
    {
        scaling.desired_capacity = None;
    }
    reached
}

/// The update of every field that one can change and that differs.
fn asked(before: &CreateModelRequest, now: &CreateModelRequest) -> UpdateModelRequest {
    let scaling = before.auto_scaling_config.as_ref().zip(now.auto_scaling_config.as_ref());
    let scaling = scaling.map(|(before, now)| AutoScalingInstanceConfig {
        min_capacity: changed(&before.min_capacity, &now.min_capacity),
        max_capacity: changed(&before.max_capacity, &now.max_capacity),
        desired_capacity: changed(&before.desired_capacity, &now.desired_capacity)
            .map(|desired| desired.unwrap_or(now.min_capacity.max(1))),
        cooldown: changed(&before.cooldown, &now.cooldown),
        default_instance_warmup: changed(&before.default_instance_warmup, &now.default_instance_warmup),
    });
    let container = before.container_config.as_ref().zip(now.container_config.as_ref());
    let container = container.map(|(before, now)| asked_of_container(before, now));
    UpdateModelRequest {
        auto_scaling_instance_config: scaling.filter(|it| *it != AutoScalingInstanceConfig::default()),
        enabled: None,
        model_type: changed(&before.model_type, &now.model_type),
        streaming: changed(&before.streaming, &now.streaming),
        model_description: changed(&before.model_description, &now.model_description)
            .map(Option::unwrap_or_default),
        allowed_groups: changed(&before.allowed_groups, &now.allowed_groups),
        features: changed(&before.features, &now.features),
        container_config: container.filter(|it| *it != ContainerChange::default()),
    }
}

fn asked_of_container(before: &ContainerConfig, now: &ContainerConfig) -> ContainerChange {
    let (old, new) = (&before.health_check_config, &now.health_check_config);
    let set = now.environment.iter().filter(|(name, value)| before.environment.get(*name) != Some(*value));
    let gone = before.environment.keys().filter(|name| !now.environment.contains_key(*name));
    let mut environment: BTreeMap<String, String> =
        set.map(|(name, value)| (name.clone(), value.clone())).collect();
    environment.extend(gone.map(|name| (name.clone(), REMOVED.to_owned())));
    ContainerChange {
        environment: (!environment.is_empty()).then_some(environment),
        shared_memory_size: changed(&before.shared_memory_size, &now.shared_memory_size),
        health_check_command: changed(&old.command, &new.command),
        health_check_interval: changed(&old.interval, &new.interval),
        health_check_timeout: changed(&old.timeout, &new.timeout),
        health_check_start_period: changed(&old.start_period, &new.start_period),
        health_check_retries: changed(&old.retries, &new.retries),
    }
}

fn changed<T: PartialEq + Clone>(before: &T, now: &T) -> Option<T> {
    (before != now).then(|| now.clone())
}

/// The paths of the fields that differ, as the configuration writes them.
fn differing(one: &CreateModelRequest, other: &CreateModelRequest) -> Vec<String> {
    let mut paths = Vec::new();
    compare("", &json!(one), &json!(other), &mut paths);
    paths
}

fn compare(path: &str, one: &Value, other: &Value, paths: &mut Vec<String>) {
    match (one, other) {
        (one, other) if one == other => {}
        (Value::Object(fields), Value::Object(others)) => {
            let names: BTreeSet<&String> = fields.keys().chain(others.keys()).collect();
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&path, &one[name], &other[name], paths);
            }
        }
        _ => paths.push(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn request(changes: &[(&str, Value)]) -> CreateModelRequest {
        let text = include_str!("../api/models/tests/create-hosted.json");
        let mut request: Value = serde_json::from_str(text).unwrap();
        for (path, value) in changes {
            *request.pointer_mut(path).unwrap() = value.clone();
        }
        CreateModelRequest::parse(&request).unwrap()
    }

    #[test]
    fn what_did_not_change_is_not_asked_for() {
        assert_eq!(change(&request(&[]), &request(&[])), Ok(None));
    }

    #[test]
    fn only_what_changed_is_asked_for() {
        let now = request(&[
            ("/autoScalingConfig/maxCapacity", json!(3)),
            ("/containerConfig/environment", json!({ "MAX_INPUT_LENGTH": "1024", "NEW": "1" })),
        ]);
        let asked = json!(change(&request(&[]), &now).unwrap().unwrap());
        assert_eq!(asked["autoScalingInstanceConfig"], json!({ "maxCapacity": 3 }));
        let environment = asked["containerConfig"]["environment"].as_object().unwrap();
        assert_eq!(environment["NEW"], "1");
        assert_eq!(environment["MAX_TOTAL_TOKENS"], REMOVED);
        assert_eq!(asked.as_object().unwrap().len(), 2, "{asked}");
    }

    #[test]
    fn what_is_declared_no_more_is_taken_back() {
        let mut before = request(&[("/autoScalingConfig/maxCapacity", json!(3))]);
        let now = before.clone();
        before.model_description = Some("old".to_owned());
        before.auto_scaling_config.as_mut().unwrap().desired_capacity = Some(3);
        let now = CreateModelRequest { model_description: None, ..now };
        let asked = json!(change(&before, &now).unwrap().unwrap());
        let expected =
            json!({ "modelDescription": "", "autoScalingInstanceConfig": { "desiredCapacity": 1 } });
        assert_eq!(asked, expected);
        assert!(UpdateModelRequest::parse(&asked).is_ok());
    }

    #[test]
    fn what_no_update_changes_is_named() {
        let now = request(&[("/instanceType", json!("g5.2xlarge")), ("/streaming", json!(false))]);
        assert_eq!(change(&request(&[]), &now), Err(vec!["instanceType".to_owned()]));
        let image = json!("vllm/vllm-openai:v0.6.3");
        let now = request(&[("/containerConfig/baseImage/baseImage", image)]);
        let named = change(&request(&[]), &now).unwrap_err();
        assert_eq!(named, ["containerConfig.image.baseImage"]);
    }
}
