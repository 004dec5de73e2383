//! The command itself on the emulator, with the full example and what is really shipped: `lisa deploy` from nothing to
//! functions, a gateway and a page that answer, again without a change, with a changed configuration, and `lisa destroy`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use lisa_stacks::Naming;
use lisa_testkit::emulator::Outcome;
use serde_json::{Value, json};

use super::operator::{Operator, REGION, Said};
use super::stage::{config, text};
use super::{FULL, differing};

const ACCOUNT: &str = "012345678901";

/// A change of the configuration that changes some stacks.
const CHANGE: [(&str, &str); 1] = [(
    "healthCheckConfig:\n        path: /health\n        interval: 60",
    "healthCheckConfig:\n        path: /health\n        interval: 61",
)];

/// What moves or changes something.
const CHANGES: [&str; 6] =
    ["PutObject", "UploadPart", "ExecuteChangeSet", "CreateStack", "PUT manifests", "PUT blobs"];

#[test]
fn the_full_example_is_deployed_left_alone_changed_and_taken_away() -> Result<()> {
    let operator = Operator::new(ACCOUNT, &text(FULL, &[])?)?;
    let planned = operator.lisa(&["deploy", "--plan-only"])?;
    ensure!(planned.code() == Some(7) && planned.count("ExecuteChangeSet") == 0, "only looked: {planned}");
    let asked = operator.lisa(&["deploy"])?;
    ensure!(asked.code() == Some(2), "without a terminal nobody can agree: {asked}");

    let first = operator.does(&["deploy", "--yes", "--output", "json"])?;
    ensure!(first.count("PUT manifests") == 2, "images of the gateway and of what brings weights: {first}");
    everything_answers(&operator, &first.json()?)?;

    let second = operator.does(&["deploy", "--yes"])?;
    for action in CHANGES {
        ensure!(second.count(action) == 0, "a second run does no {action}: {second}");
    }
    ensure!(
        operator.lisa(&["diff", "--exit-code"])?.code() == Some(0),
        "what is deployed is what is written"
    );

    a_change_changes_only_its_stacks(&operator)?;

    let misnamed = operator.lisa(&["destroy", "--yes", "prod", "--empty"])?;
    ensure!(misnamed.code() == Some(2), "{misnamed}");
    operator.destroys("demo", 1).map(drop)
}

/// The parts that a readiness gate asks, and behind the API each function as its callers see it.
fn everything_answers(operator: &Operator, report: &Value) -> Result<()> {
    let ready: Vec<_> = report["readiness"].as_array().into_iter().flatten().collect();
    let is_ready = ready.iter().all(|part| part["ready"] == json!(true));
    ensure!(ready.len() == 3 && is_ready, "the gateway, the API and the page: {ready:?}");
    let written = operator.reads("lisa.out/outputs.json")?;
    ensure!(serde_json::from_str::<Value>(&written)?["api"] == report["api"], "{written}");

    let token = operator.does(&["token", "create", "--user", "ada", "--output", "json"])?.json()?;
    let token = token["token"].as_str().context("a token")?;
    let api = report["api"].as_str().context("an API")?;
    for path in ["/models", "/session", "/repository"] {
        let (status, body) = operator.asks(api, path, Some(token))?;
        ensure!(status == 200 && serde_json::from_str::<Value>(&body).is_ok(), "{path}: {status} {body}");
        let (status, body) = operator.asks(api, path, Some("nobody"))?;
        ensure!(status == 401 || status == 403, "{path} without a token: {status} {body}");
    }
    let (status, page) = operator.asks(api, "/", None)?;
    ensure!(status == 200 && page.contains("env.js"), "the page: {status} {page}");
    let (status, settings) = operator.asks(api, "/env.js", None)?;
    ensure!(
        status == 200 && settings.contains("https://login.example.com"),
        "its settings: {status} {settings}"
    );
    Ok(())
}

fn a_change_changes_only_its_stacks(operator: &Operator) -> Result<()> {
    let expected = differing(&config(FULL, &[])?, &config(FULL, &CHANGE)?)?;
    operator.writes(&text(FULL, &CHANGE)?)?;
    let seen = operator.lisa(&["diff", "--exit-code"])?;
    ensure!(seen.code() == Some(7) && seen.to_string().contains("HealthCheckIntervalSeconds"), "{seen}");
    let third: Said = operator.does(&["deploy", "--yes"])?;
    ensure!(third.count("ExecuteChangeSet") == expected.len(), "only {expected:?}: {third}");
    ensure!(third.count("PutObject") == expected.len(), "only their templates: {third}");
    Ok(())
}

#[test]
fn a_failure_is_rolled_back_and_the_command_says_why_first() -> Result<()> {
    let operator = Operator::new(ACCOUNT, &text(FULL, &[])?)?;
    let name = Naming::new(&config(FULL, &[])?).parameter("registeredRepositories");
    let theirs = json!({ "Type": "AWS::SSM::Parameter", "Properties": { "Name": name, "Type": "String", "Value": "1" } });
    let template = json!({ "Resources": { "Theirs": theirs } });
    let taken = operator.emulator.deploy(REGION, "somebody-elses", &template, &BTreeMap::new())?;
    ensure!(taken == Outcome::Complete(1), "{taken:?}");

    let failed = operator.lisa(&["deploy", "--yes"])?;
    ensure!(failed.code() == Some(5), "{failed}");
    let told = String::from_utf8_lossy(&failed.output.stderr).into_owned();
    let mut lines =
        told.lines().skip_while(|line| !line.starts_with("rag/RegisteredRepositoriesParameter: "));
    let (first, remedy) = (lines.next().context("a cause")?, lines.next().context("a remedy")?);
    ensure!(first.contains("already exists"), "{failed}");
    ensure!(remedy.starts_with("  ") && remedy.ends_with('.'), "{failed}");
    Ok(())
}
