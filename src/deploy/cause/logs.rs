//! Where a container's last words are: the log group that a service's task writes to, by the template.

use serde_json::Value as Json;

use super::{Around, LogHint};
use crate::cause::remedies::Entry;

/// The log group of the failed service, where the remedy is to read it.
pub(super) fn hint(entry: &Entry, service: &str, around: Around<'_>) -> Option<LogHint> {
    let template = around.stack.filter(|_| entry.reads_log)?.template.to_json();
    let resources = &template["Resources"];
    let task = target(&resources[service]["Properties"]["TaskDefinition"])?;
    let containers = resources[task]["Properties"]["ContainerDefinitions"].as_array()?;
    let group = containers.iter().map(|container| &container["LogConfiguration"]["Options"]["awslogs-group"]);
    let name = group.filter_map(|group| name(resources, group)).next_back()?;
    Some(LogHint { group: name.to_owned() })
}

/// The group's name: a literal, or that of the group which is referred to.
fn name<'a>(resources: &'a Json, group: &'a Json) -> Option<&'a str> {
    let named = || resources[target(group)?]["Properties"]["LogGroupName"].as_str();
    group.as_str().or_else(named)
}

fn target(reference: &Json) -> Option<&str> {
    reference["Ref"].as_str()
}
