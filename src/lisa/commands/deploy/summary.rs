//! What a deployment would do, in words and as data: where, which stacks, what is replaced, what is lost.

use std::fmt;

use lisa_config::Config;
use lisa_deploy::plan::{Plan, PlannedStack, Step};
use lisa_deploy::ports::account::Identity;
use lisa_deploy::ports::cloudformation::{ChangeAction, Replacement};
use serde::Serialize;

use super::super::model::Declared;
use crate::printer::Count;

/// What would be done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    account: String,
    caller: String,
    region: String,
    deployment: String,
    stacks: Vec<Line>,
    /// What model management does once the stacks are there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<Model>,
    /// Whether nothing would be done.
    #[serde(skip)]
    pub(super) is_empty: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    model_id: String,
    step: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    stack: String,
    deployed_name: String,
    step: &'static str,
    added: usize,
    changed: usize,
    removed: usize,
    /// Resources that are made anew.
    replaced: Vec<Resource>,
    /// Resources whose data is lost, or may be.
    loses_data: Vec<Resource>,
    /// Stacks that change before: what is read of them may change more.
    after: Vec<String>,
    /// How many resources the stack has then.
    resources: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    logical_id: String,
    kind: String,
    /// Whether it is known only when it happens.
    perhaps: bool,
}

impl Summary {
    pub(super) fn of(caller: &Identity, config: &Config, plan: &Plan, models: &[Declared]) -> Self {
        let model = |model: &Declared| Model { model_id: model.id.clone(), step: model.step.name() };
        Self {
            account: caller.account.clone(),
            caller: caller.arn.clone(),
            region: config.region.to_string(),
            deployment: config.deployment_name.to_string(),
            stacks: plan.stacks.iter().map(Line::of).collect(),
            models: models.iter().map(model).collect(),
            is_empty: plan.is_empty() && models.iter().all(|model| model.step.is_idle()),
        }
    }

    /// The question that a person answers.
    pub(super) fn question(&self) -> String {
        let Self { account, region, deployment, .. } = self;
        let replaced: usize = self.stacks.iter().map(|line| line.replaced.len()).sum();
        let replaced = match replaced {
            0 => String::new(),
            _ => format!(", replacing {}", Count(replaced, "resource")),
        };
        format!("Deploy `{deployment}` to account {account} in {region}{replaced}? [y/N] ")
    }
}

/// How many resources a template has.
fn resources(template: &str) -> usize {
    let template: serde_json::Value = serde_json::from_str(template).unwrap_or_default();
    template["Resources"].as_object().map_or(0, serde_json::Map::len)
}

impl Line {
    fn of(planned: &PlannedStack) -> Self {
        let changes = || planned.changes.iter().flatten();
        let count = |action| changes().filter(|change| change.resource.action == action).count();
        let resource = |change: &lisa_deploy::plan::Change| Resource {
            logical_id: change.resource.logical_id.clone(),
            kind: change.resource.kind.clone(),
            perhaps: change.resource.replacement == Replacement::Conditional,
        };
        let is_replaced = |change: &&lisa_deploy::plan::Change| {
            change.resource.action == ChangeAction::Modify
                && change.resource.replacement != Replacement::Never
        };
        Self {
            stack: planned.target.name.clone(),
            deployed_name: planned.target.deployed_name.clone(),
            step: match planned.step {
                Step::Create => "create",
                Step::Recreate => "recreate",
                Step::Update => "update",
                Step::Repair => "repair",
                Step::Wait => "wait",
                Step::Nothing => "nothing",
                Step::Refused(_) => "refused",
            },
            added: count(ChangeAction::Add),
            changed: count(ChangeAction::Modify),
            removed: count(ChangeAction::Remove),
            replaced: changes().filter(is_replaced).map(resource).collect(),
            loses_data: changes().filter(|change| change.loses_data).map(resource).collect(),
            after: planned.after.clone(),
            resources: resources(&planned.target.content.text),
        }
    }

    fn says(&self) -> String {
        let counts = [(self.added, "added"), (self.changed, "changed"), (self.removed, "removed")];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let mut parts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        if matches!(self.step, "create" | "recreate") {
            parts.push(Count(self.resources, "resource").to_string());
        }
        if !self.after.is_empty() && self.step != "create" {
            parts.push(format!("perhaps more after {}", self.after.join(", ")));
        }
        parts.join(", ")
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, caller, region, deployment, stacks, models, is_empty: _ } = self;
        writeln!(f, "{deployment} in account {account}, {region}, as {caller}:")?;
        let width = stacks.iter().map(|line| line.stack.len()).max().unwrap_or_default();
        for line in stacks {
            let text = format!("  {:8}  {:width$}  {}", line.step, line.stack, line.says());
            writeln!(f, "{}", text.trim_end())?;
        }
        for Model { model_id, step } in models {
            writeln!(f, "  {step:8}  model {model_id}")?;
        }
        section(f, "replaced by new ones:", stacks, |line| &line.replaced)?;
        section(f, "DATA IS LOST of:", stacks, |line| &line.loses_data)
    }
}

fn section(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    lines: &[Line],
    of: impl Fn(&Line) -> &Vec<Resource>,
) -> fmt::Result {
    let resources = lines.iter().flat_map(|line| of(line).iter().map(|resource| (&line.stack, resource)));
    let mut resources = resources.peekable();
    if resources.peek().is_some() {
        writeln!(f, "{title}")?;
    }
    for (stack, Resource { logical_id, kind, perhaps }) in resources {
        let perhaps = if *perhaps { ", perhaps" } else { "" };
        writeln!(f, "  {stack}/{logical_id} ({kind}{perhaps})")?;
    }
    Ok(())
}
