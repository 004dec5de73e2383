//! A whole deployment on an AWS emulator: made, made again, changed, failed, taken away.
//!
//! The engine works over the real adapters; a proxy leaves out of each template what the emulator does not know, and keeps
//! a log of every request.

mod command;
mod iam;
mod models;
mod operator;
mod stage;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use lisa_config::Config;
use lisa_deploy::cause::{Around, Cause};
use lisa_deploy::outcome::{Meaning, Outcome, StackOutcome};
use lisa_deploy::ports::cloudformation::TemplateSource;
use lisa_deploy::target::Target;
use lisa_stacks::{Assets, synthesize};
use lisa_testkit::emulator::proxy::Passed;
use serde_json::json;

use self::stage::{Stage, config};

/// Upstream's example in full, with its blanks filled in.
const FULL: &str = "tests/configs/valid/upstream-example-filled.yaml";

/// What a change of the configuration would change, by the templates.
fn differing(one: &Config, other: &Config) -> Result<BTreeSet<String>> {
    let assets = Assets::not_built();
    let [one, other] = [one, other].map(|config| synthesize(config, &assets));
    let (one, other) = (one.context("the first config")?, other.context("the second config")?);
    let pairs = one.stacks.iter().zip(&other.stacks);
    let differ = pairs.filter(|(one, other)| one.template.to_json() != other.template.to_json());
    Ok(differ.map(|(stack, _)| stack.name.clone()).collect())
}

fn changed(outcome: &Outcome) -> BTreeSet<String> {
    let changed = |end: &StackOutcome| matches!(end, StackOutcome::Done { changed: true, .. });
    outcome.stacks.iter().filter(|(_, end)| changed(end)).map(|(name, _)| name.clone()).collect()
}

fn count(passed: &[Passed], action: &str) -> usize {
    passed.iter().filter(|request| request.action == action).count()
}

#[test]
fn a_deployment_is_made_left_alone_changed_and_taken_away() -> Result<()> {
    let config_as_written = config(FULL, &[])?;
    let stage = Stage::set(&config_as_written)?;
    let first = stage.deploy(&config_as_written)?;
    ensure!(first.meaning() == Meaning::Done, "{first:?}");
    let all: BTreeSet<String> = first.stacks.keys().cloned().collect();
    ensure!(changed(&first) == all && all.len() >= 7, "every stack was made: {all:?}");
    ensure!(
        count(&stage.proxy.take_passed(), "ExecuteChangeSet") == all.len() + 1,
        "and the bootstrap stack"
    );

    let second = stage.deploy(&config_as_written)?;
    ensure!(second.meaning() == Meaning::Done && changed(&second).is_empty(), "{second:?}");
    let passed = stage.proxy.take_passed();
    for action in ["PutObject", "UploadPart", "ExecuteChangeSet", "CreateStack"] {
        ensure!(count(&passed, action) == 0, "a second run does no {action}: {passed:?}");
    }

    let other = config(
        FULL,
        &[(
            "healthCheckConfig:\n        path: /health\n        interval: 60",
            "healthCheckConfig:\n        path: /health\n        interval: 61",
        )],
    )?;
    let expected = differing(&config_as_written, &other)?;
    ensure!(!expected.is_empty() && expected.len() < all.len(), "a change of some stacks: {expected:?}");
    let third = stage.deploy(&other)?;
    ensure!(third.meaning() == Meaning::Done && changed(&third) == expected, "{expected:?}: {third:?}");
    let passed = stage.proxy.take_passed();
    ensure!(count(&passed, "ExecuteChangeSet") == expected.len(), "only these: {passed:?}");
    ensure!(count(&passed, "PutObject") == expected.len(), "only their templates: {passed:?}");

    let removed = stage.destroy(&other)?;
    ensure!(removed.outcome.meaning() == Meaning::Done, "{removed:?}");
    let left = stage.stacks()?;
    ensure!(left.len() == 1, "what deployments share stays, and nothing else: {left:?}");
    Ok(())
}

#[test]
fn a_failure_is_rolled_back_and_its_cause_is_the_resource() -> Result<()> {
    let config = config(FULL, &[])?;
    let stage = Stage::set(&config)?;
    let refused = "arn:aws:lambda:us-east-1:012345678901:function:nobody-made-this";
    let template = json!({ "Resources": {
        "Queue": { "Type": "AWS::SQS::Queue" },
        "Refused": { "Type": "Custom::Refused", "DependsOn": "Queue", "Properties": { "ServiceToken": refused } },
    } })
    .to_string();
    let mut target = Target::named("serve", "failing");
    target.content.text.clone_from(&template);
    target.content.template = TemplateSource::Body(template);
    let outcome = stage.carry_out(vec![target])?;
    ensure!(outcome.meaning() == Meaning::RolledBack, "{outcome:?}");
    let failure = outcome.failures().next().context("a failure")?;
    let cause = Cause::of(failure, Around { config: Some(&config), stack: None });
    ensure!(cause.logical_id.as_deref() == Some("Refused"), "{cause:?}");
    ensure!(!cause.reason.is_empty() && !cause.remedy.text.is_empty(), "{cause:?}");
    Ok(())
}
