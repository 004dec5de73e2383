//! The tasks that change, start or stop a model.

use lisa_api::models::{AutoScalingConfig, ModelStatus};
use lisa_workflow::model::{SCALE, START, STOP, UpdateTask};
use serde_json::{Map, Value, json};

use super::carried::{CapacityState, RolloutState};
use super::create::{change, held};
use super::{Carried, Tasks, change as changes, engine, failure, template};
use crate::alter::{Decision, alter};
use crate::error::Error;
use crate::ports::Limits;
use crate::row::Row;

/// Runs one of them.
pub(super) async fn run(
    tasks: &Tasks,
    task: UpdateTask,
    execution: &str,
    carried: Carried,
) -> Result<Carried, Error> {
    match task {
        UpdateTask::Validate => validate(tasks, execution, carried).await,
        UpdateTask::MarkUpdating => mark(tasks, execution, carried).await,
        UpdateTask::SetCapacity => set_capacity(tasks, execution, carried).await,
        UpdateTask::PollCapacity => poll_capacity(tasks, execution, carried).await,
        UpdateTask::RegisterTaskDefinition => register_definition(tasks, execution, carried).await,
        UpdateTask::RollService => roll(tasks, execution, carried).await,
        UpdateTask::PollRollout => poll_rollout(tasks, execution, carried).await,
        UpdateTask::ProbeEngine => {
            let row = held(tasks, execution, &carried.model_id).await?;
            let mut carried = carried;
            row.url.trim_end_matches("/v1").clone_into(&mut carried.engine().url);
            engine::probe(tasks, carried, &row.config, &row.parts).await
        }
        UpdateTask::SaveChange => save(tasks, execution, carried).await,
        UpdateTask::RecordFailure => {
            failure::record(tasks, execution, &carried).await?;
            Ok(carried)
        }
        UpdateTask::ReleaseCapacity => {
            // Where the row is another execution's, so are the hosts.
            if held(tasks, execution, &carried.model_id).await.is_ok() {
                failure::release(tasks, &carried).await?;
            }
            Ok(carried)
        }
    }
}

async fn validate(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let request = carried.updates()?;
    let row = tasks.world.rows.get(&carried.model_id).await?;
    let mut row = row.ok_or_else(|| Error::NotFound(carried.model_id.clone()))?;
    if row.is_held_by(execution) {
        row.status = row.before.unwrap_or(row.status);
    }
    let change = changes::plan(&row, &request)?;
    if change.capacity.is_some() && tasks.world.fleet.group(&row.parts.group).await?.is_none() {
        let group = &row.parts.group;
        return Err(Error::hopeless(
            "HostsMissing",
            format!("there is no Auto Scaling group `{group}`; delete the model, then create it again"),
        ));
    }
    carried.change = Some(change);
    Ok(carried)
}

async fn mark(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let capacity = carried.change.as_ref().and_then(|change| change.capacity.as_deref());
    let status = match capacity {
        Some(START) => ModelStatus::Starting,
        Some(STOP) => ModelStatus::Stopping,
        _ => ModelStatus::Updating,
    };
    let (id, request) = (carried.model_id.clone(), carried.updates()?);
    let decide = |row: Option<Row>| match row {
        None => Decision::Refuse(Error::NotFound(id.clone())),
        Some(row) if row.is_held_by(execution) => Decision::Keep,
        // What was planned for may no longer be.
        Some(row) => match changes::plan(&row, &request) {
            Err(error) => Decision::Refuse(error),
            Ok(_) => Decision::write(Row {
                before: Some(row.status),
                status,
                execution: Some(execution.to_owned()),
                ..row
            }),
        },
    };
    alter(&*tasks.world.rows, &*tasks.world.clock, &id, decide).await?;
    carried.marked = true;
    Ok(carried)
}

/// The limits of the hosts, as an update wants them.
fn limits(capacity: &str, scaling: &AutoScalingConfig) -> Limits {
    if capacity == STOP {
        return Limits { min: Some(0), max: Some(0), desired: Some(0), ..Limits::default() };
    }
    let wanted = scaling.desired_capacity.unwrap_or(scaling.min_capacity);
    // A model that is started with no host would never answer.
    let desired = (capacity == START || scaling.desired_capacity.is_some())
        .then_some(wanted.max(u32::from(capacity == START)).min(scaling.max_capacity.max(1)));
    Limits {
        min: Some(scaling.min_capacity),
        max: Some(scaling.max_capacity.max(desired.unwrap_or_default())),
        desired,
        cooldown: Some(scaling.cooldown),
        warmup: Some(scaling.default_instance_warmup),
    }
}

async fn set_capacity(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let row = held(tasks, execution, &carried.model_id).await?;
    let config = changes::applied(&row.config, &carried.updates()?)?;
    let capacity = carried.change.as_ref().and_then(|change| change.capacity.clone()).unwrap_or_default();
    let missing = || Error::Broken(format!("model `{}` is hosted and has no limits of its hosts", row.id));
    let scaling = config.auto_scaling_config.ok_or_else(missing)?;
    tasks.world.fleet.set_group(&row.parts.group, &limits(&capacity, &scaling)).await?;
    let since = tasks.world.clock.now().0;
    carried.capacity = Some(CapacityState { since, ..CapacityState::default() });
    Ok(carried)
}

async fn poll_capacity(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let row = held(tasks, execution, &carried.model_id).await?;
    let name = &row.parts.group;
    let found = tasks.world.fleet.group(name).await?;
    let gone = || Error::hopeless("HostsMissing", format!("the Auto Scaling group `{name}` has gone"));
    let group = found.ok_or_else(gone)?;
    let mut state = carried.capacity.take().unwrap_or_default();
    let failed = tasks.world.fleet.failed_activity(name, state.since).await?;
    state.reached = if group.desired == 0 { group.hosts == 0 } else { group.healthy >= group.desired };
    if let Some(said) = failed.filter(|_| !state.reached) {
        if !is_shortage(&said) {
            return Err(Error::hopeless("HostsFailed", format!("the hosts could not be had: {said}")));
        }
        state.said = said;
    }
    carried.capacity = Some(state);
    Ok(carried)
}

/// Whether EC2 has none of the type just now, which may pass while the workflow waits.
fn is_shortage(said: &str) -> bool {
    ["InsufficientInstanceCapacity", "sufficient", "capacity"].iter().any(|word| said.contains(word))
}

async fn register_definition(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let row = held(tasks, execution, &carried.model_id).await?;
    let fleet = &tasks.world.fleet;
    let service = fleet.service(&row.parts.cluster, &row.parts.service).await?;
    let gone = || Error::hopeless("ServiceMissing", format!("there is no service `{}`", row.parts.service));
    let current = fleet.definition(&service.ok_or_else(gone)?.definition).await?;
    let config = template::config(tasks).await?;
    let wanted = changes::applied(&row.config, &carried.updates()?)?;
    let settings = |request| {
        lisa_stacks::model::engine_settings(&config, request)
            .map_err(|errors| Error::hopeless("TemplateRefused", errors.to_string()))
    };
    let (old, new) = (settings(&row.config)?, settings(&wanted)?);
    let definition = rewritten(current, &old, &new);
    let definition = fleet.register(&definition).await?;
    carried.rollout = Some(RolloutState { definition, done: false });
    Ok(carried)
}

/// The task definition with the engine's new settings. What only CloudFormation knew when it was first made stays.
fn rewritten(
    mut definition: Value,
    old: &lisa_stacks::model::EngineSettings,
    new: &lisa_stacks::model::EngineSettings,
) -> Value {
    let containers = definition["containerDefinitions"].as_array_mut().into_iter().flatten();
    for container in containers.filter(|container| container["name"] == lisa_stacks::model::ENGINE) {
        let kept = container["environment"].as_array().into_iter().flatten().filter_map(|variable| {
            let name = variable["name"].as_str()?;
            let is_ours = old.environment.contains_key(name) || new.environment.contains_key(name);
            (!is_ours).then(|| (name.to_owned(), variable["value"].clone()))
        });
        let mut environment: Map<String, Value> = kept.collect();
        environment.extend(new.environment.iter().map(|(name, value)| (name.clone(), json!(value))));
        let listed = environment.into_iter().map(|(name, value)| json!({ "name": name, "value": value }));
        container["environment"] = listed.collect();
        let mut set = |name: &str, value: Option<Value>| match (value, container.as_object_mut()) {
            (Some(value), Some(fields)) => drop(fields.insert(name.to_owned(), value)),
            (None, Some(fields)) => drop(fields.remove(name)),
            (_, None) => {}
        };
        set("entryPoint", new.entry_point.as_ref().map(|words| json!(words)));
        set("command", new.command.as_ref().map(|words| json!(words)));
        set(
            "healthCheck",
            new.health_check.as_ref().map(|check| {
                json!({
                    "command": check.command,
                    "interval": check.interval,
                    "timeout": check.timeout,
                    "retries": check.retries,
                    "startPeriod": check.start_period,
                })
            }),
        );
        if new.shared_memory_size > 0 {
            container["linuxParameters"]["sharedMemorySize"] = json!(new.shared_memory_size);
        }
    }
    definition
}

async fn roll(tasks: &Tasks, execution: &str, carried: Carried) -> Result<Carried, Error> {
    let parts = held(tasks, execution, &carried.model_id).await?.parts;
    let definition = carried.rollout.as_ref().map(|state| state.definition.clone()).unwrap_or_default();
    tasks.world.fleet.roll(&parts.cluster, &parts.service, &definition).await?;
    Ok(carried)
}

async fn poll_rollout(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let parts = held(tasks, execution, &carried.model_id).await?.parts;
    let mut state = carried.rollout.take().unwrap_or_default();
    let service = tasks.world.fleet.service(&parts.cluster, &parts.service).await?.unwrap_or_default();
    let primary = service.deployments.iter().find(|deployment| deployment.is_primary);
    let own = service.deployments.iter().find(|deployment| deployment.definition == state.definition);
    let is_back = primary.is_some_and(|primary| primary.definition != state.definition);
    let has_failed = own.is_some_and(|own| own.state == "FAILED");
    if is_back || has_failed {
        let reason = own.map(|own| own.reason.as_str()).filter(|reason| !reason.is_empty());
        let reason = reason.unwrap_or("ECS went back to the old settings");
        let words = engine::last_words(tasks, &parts).await?.map(|words| format!("\n{words}"));
        let words = words.unwrap_or_default();
        return Err(Error::hopeless(
            "RolloutFailed",
            format!("the new settings do not work: {reason}{words}"),
        ));
    }
    state.done = own.is_some_and(|own| own.state == "COMPLETED");
    carried.rollout = Some(state);
    Ok(carried)
}

async fn save(tasks: &Tasks, execution: &str, carried: Carried) -> Result<Carried, Error> {
    let request = carried.updates()?;
    let capacity = carried.change.as_ref().and_then(|change| change.capacity.as_deref());
    let row = held(tasks, execution, &carried.model_id).await?;
    // A second run finds the row as the first one left it.
    let Some(before) = row.before else { return Ok(carried) };
    let config = changes::applied(&row.config, &request)?;
    let status = match capacity {
        Some(START | SCALE) => ModelStatus::InService,
        Some(STOP) => ModelStatus::Stopped,
        _ => before,
    };
    change(tasks, execution, &carried.model_id, |row| {
        row.config.clone_from(&config);
        row.status = status;
        row.before = None;
        row.reason = None;
    })
    .await?;
    Ok(carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_follow_what_is_asked() {
        let scaling = |least, most, wanted| AutoScalingConfig {
            min_capacity: least,
            max_capacity: most,
            desired_capacity: wanted,
            cooldown: 420,
            default_instance_warmup: 180,
            block_device_volume_size: None,
            metric_config: lisa_api::models::MetricConfig::default(),
        };
        let of = |capacity: &str, scaling: &AutoScalingConfig| {
            let limits = limits(capacity, scaling);
            (limits.min.unwrap(), limits.max.unwrap(), limits.desired)
        };
        assert_eq!(of(STOP, &scaling(2, 5, None)), (0, 0, Some(0)));
        assert_eq!(of(START, &scaling(2, 5, None)), (2, 5, Some(2)));
        assert_eq!(of(START, &scaling(0, 5, None)), (0, 5, Some(1)));
        assert_eq!(of(START, &scaling(1, 5, Some(3))), (1, 5, Some(3)));
        assert_eq!(of(SCALE, &scaling(2, 5, None)), (2, 5, None));
        assert_eq!(of(SCALE, &scaling(2, 5, Some(4))), (2, 5, Some(4)));
    }

    #[test]
    fn a_definition_keeps_what_is_not_the_engine_s() {
        let settings = |environment: &[(&str, &str)], command: &[&str]| lisa_stacks::model::EngineSettings {
            entry_point: None,
            command: Some(command.iter().map(|word| (*word).to_owned()).collect()),
            environment: environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            shared_memory_size: 64,
            health_check: None,
        };
        let current = json!({ "containerDefinitions": [
            { "name": "weights", "environment": [{ "name": "A", "value": "1" }] },
            { "name": "engine", "image": "i", "healthCheck": { "command": ["CMD", "x"] }, "environment": [
                { "name": "AWS_REGION", "value": "us-east-1" },
                { "name": "GONE", "value": "1" },
                { "name": "KEPT", "value": "old" },
            ] },
        ] });
        let (old, new) =
            (settings(&[("GONE", "1"), ("KEPT", "old")], &["a"]), settings(&[("KEPT", "new")], &["b"]));
        let written = rewritten(current, &old, &new);
        assert_eq!(written["containerDefinitions"][0]["environment"][0]["value"], "1");
        let engine = &written["containerDefinitions"][1];
        let environment = json!([
            { "name": "AWS_REGION", "value": "us-east-1" },
            { "name": "KEPT", "value": "new" },
        ]);
        assert_eq!((&engine["environment"], &engine["command"]), (&environment, &json!(["b"])));
        assert_eq!(engine["linuxParameters"]["sharedMemorySize"], 64);
        assert!(engine.get("healthCheck").is_none() && engine["image"] == "i");
    }
}
