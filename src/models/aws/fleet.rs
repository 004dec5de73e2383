//! Auto Scaling, ECS and the containers' logs.

use async_trait::async_trait;
use lisa_signed::service::{AUTO_SCALING, ECS, LOGS};
use lisa_signed::{Element, Signed};
use serde_json::{Map, Value, json};

use super::unless;
use crate::error::Error;
use crate::ports::{ContainerView, Deployment, Fleet, Group, Limits, Service, TaskView};

/// Tasks that are looked at: ECS describes as many in one call.
const TASKS: u32 = 100;

/// Lines of a log that are read.
const LINES: u32 = 40;

/// What a described task definition has and a new one must not.
const READ_ONLY: [&str; 9] = [
    "compatibilities",
    "deregisteredAt",
    "registeredAt",
    "registeredBy",
    "requiresAttributes",
    "revision",
    "status",
    "taskDefinitionArn",
    "deleteRequestedAt",
];

pub(super) struct Hosts {
    pub(super) signed: Signed,
}

#[async_trait]
impl Fleet for Hosts {
    async fn group(&self, name: &str) -> Result<Option<Group>, Error> {
        let parameters = [("AutoScalingGroupNames.member.1", name)];
        let answer = self.signed.query(&AUTO_SCALING, "DescribeAutoScalingGroups", &parameters).await?;
        let found = answer.items("DescribeAutoScalingGroupsResult/AutoScalingGroups").first().map(group);
        Ok(found)
    }

    async fn set_group(&self, name: &str, limits: &Limits) -> Result<(), Error> {
        let numbers = [
            ("MinSize", limits.min),
            ("MaxSize", limits.max),
            ("DesiredCapacity", limits.desired),
            ("DefaultCooldown", limits.cooldown),
            ("DefaultInstanceWarmup", limits.warmup),
        ];
        let numbers: Vec<(&str, String)> =
            numbers.into_iter().filter_map(|(field, number)| Some((field, number?.to_string()))).collect();
        let mut parameters = vec![("AutoScalingGroupName", name)];
        parameters.extend(numbers.iter().map(|(field, number)| (*field, number.as_str())));
        self.signed.query(&AUTO_SCALING, "UpdateAutoScalingGroup", &parameters).await?;
        Ok(())
    }

    async fn failed_activity(&self, name: &str, since: u64) -> Result<Option<String>, Error> {
        let parameters = [("AutoScalingGroupName", name), ("MaxRecords", "10")];
        let answer = self.signed.query(&AUTO_SCALING, "DescribeScalingActivities", &parameters).await?;
        let activities = answer.items("DescribeScalingActivitiesResult/Activities");
        let failed = activities.iter().find(|activity| {
            let began = activity.text_at("StartTime").and_then(seconds).unwrap_or_default();
            activity.text_at("StatusCode") == Some("Failed") && began >= since
        });
        let said = failed.and_then(|activity| activity.text_at("StatusMessage"));
        Ok(said.map(str::to_owned))
    }

    async fn service(&self, cluster: &str, service: &str) -> Result<Option<Service>, Error> {
        let asked = json!({ "cluster": cluster, "services": [service] });
        let answer = self.signed.json(&ECS, "DescribeServices", &asked).await;
        let answer = unless(answer, &["ClusterNotFoundException"])?.unwrap_or_default();
        let found = answer["services"].as_array().and_then(|services| services.first());
        Ok(found.filter(|service| service["status"] != "INACTIVE").map(service_view))
    }

    async fn tasks(&self, cluster: &str, stopped: bool) -> Result<Vec<TaskView>, Error> {
        let status = if stopped { "STOPPED" } else { "RUNNING" };
        let asked = json!({ "cluster": cluster, "desiredStatus": status, "maxResults": TASKS });
        let listed = self.signed.json(&ECS, "ListTasks", &asked).await;
        let listed = unless(listed, &["ClusterNotFoundException"])?.unwrap_or_default();
        if listed["taskArns"].as_array().is_none_or(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let asked = json!({ "cluster": cluster, "tasks": listed["taskArns"] });
        let answer = self.signed.json(&ECS, "DescribeTasks", &asked).await?;
        Ok(answer["tasks"].as_array().into_iter().flatten().map(task_view).collect())
    }

    async fn definition(&self, arn: &str) -> Result<Value, Error> {
        let asked = json!({ "taskDefinition": arn, "include": ["TAGS"] });
        let answer = self.signed.json(&ECS, "DescribeTaskDefinition", &asked).await?;
        let mut definition = answer["taskDefinition"].clone();
        if answer["tags"].as_array().is_some_and(|tags| !tags.is_empty()) {
            definition["tags"] = answer["tags"].clone();
        }
        Ok(definition)
    }

    async fn register(&self, definition: &Value) -> Result<String, Error> {
        let fields = definition.as_object().cloned().unwrap_or_default();
        let kept: Map<String, Value> =
            fields.into_iter().filter(|(name, _)| !READ_ONLY.contains(&name.as_str())).collect();
        let answer = self.signed.json(&ECS, "RegisterTaskDefinition", &Value::Object(kept)).await?;
        let arn = answer["taskDefinition"]["taskDefinitionArn"].as_str();
        arn.map(str::to_owned)
            .ok_or_else(|| Error::Broken("`ecs:RegisterTaskDefinition` told no ARN".to_owned()))
    }

    async fn roll(&self, cluster: &str, service: &str, definition: &str) -> Result<(), Error> {
        let asked = json!({ "cluster": cluster, "service": service, "taskDefinition": definition });
        self.signed.json(&ECS, "UpdateService", &asked).await?;
        Ok(())
    }

    async fn words(&self, group: &str, stream: &str) -> Result<Vec<String>, Error> {
        let asked = json!({
            "logGroupName": group,
            "logStreamName": stream,
            "limit": LINES,
            "startFromHead": false,
        });
        let answer = self.signed.json(&LOGS, "GetLogEvents", &asked).await;
        let answer =
            unless(answer, &["ResourceNotFoundException", "InvalidParameterException"])?.unwrap_or_default();
        let events = answer["events"].as_array().into_iter().flatten();
        Ok(events.filter_map(|event| event["message"].as_str()).map(str::to_owned).collect())
    }
}

fn group(group: &Element) -> Group {
    let number = |path: &str| group.text_at(path).and_then(|text| text.parse().ok()).unwrap_or_default();
    let hosts = group.items("Instances");
    let is_well = |host: &&Element| {
        host.text_at("LifecycleState") == Some("InService") && host.text_at("HealthStatus") == Some("Healthy")
    };
    let count = |hosts: usize| u32::try_from(hosts).unwrap_or(u32::MAX);
    Group {
        min: number("MinSize"),
        max: number("MaxSize"),
        desired: number("DesiredCapacity"),
        hosts: count(hosts.len()),
        healthy: count(hosts.iter().filter(is_well).count()),
    }
}

fn service_view(service: &Value) -> Service {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let deployment = |deployment: &Value| Deployment {
        is_primary: deployment["status"] == "PRIMARY",
        definition: text(&deployment["taskDefinition"]),
        state: text(&deployment["rolloutState"]),
        reason: text(&deployment["rolloutStateReason"]),
        failed: deployment["failedTasks"]
            .as_u64()
            .and_then(|count| count.try_into().ok())
            .unwrap_or_default(),
    };
    Service {
        definition: text(&service["taskDefinition"]),
        deployments: service["deployments"].as_array().into_iter().flatten().map(deployment).collect(),
    }
}

fn task_view(task: &Value) -> TaskView {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let container = |container: &Value| ContainerView {
        name: text(&container["name"]),
        exit: container["exitCode"].as_i64(),
        reason: text(&container["reason"]),
    };
    let times = [&task["stoppedAt"], &task["createdAt"]];
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time since 1970 in seconds"
    )]
    let at = times.into_iter().find_map(Value::as_f64).map_or(0, |seconds| seconds as u64);
    TaskView {
        id: task["taskArn"].as_str().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default().to_owned(),
        reason: text(&task["stoppedReason"]),
        at,
        containers: task["containers"].as_array().into_iter().flatten().map(container).collect(),
    }
}

/// Seconds since 1970 of a time as Auto Scaling writes it: `2026-11-27T12:00:00Z`, with or without parts of a second.
fn seconds(text: &str) -> Option<u64> {
    let time: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(time.as_second()).ok()
}
