//! An AWS emulator takes every app through the SDK's change sets, in the order of its dependencies, and away again.
//!
//! The emulator does not know every resource type. Those are left out, by the test kit's list and by no means of the
//! product; a type that the emulator learns, or that no template uses any more, has to leave the list.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use lisa_testkit::corpus::{ParameterSource, Stack};
use lisa_testkit::emulator::Outcome;
use lisa_testkit::emulator::{unknown, view};
use lisa_testkit::{App, Corpus, Emulator};
use serde_json::{Value, json};

use super::{lisa, templates_as_written};

/// Holds what AWS publishes and the emulator does not.
const PUBLIC_STACK: &str = "public-parameters";

/// Holds what the account's owner has made before.
const ACCOUNT_STACK: &str = "account";

/// What an account has before LISA comes: a network, for configs that name one of their own.
struct Account {
    networks: Vec<String>,
    subnets: Vec<String>,
    groups: Vec<String>,
}

impl Account {
    fn prepare(emulator: &Emulator, region: &str) -> Result<Self> {
        let network = json!({ "Ref": "Network" });
        let subnet = |index: u8| {
            let zone = json!({ "Fn::Select": [index % 2, { "Fn::GetAZs": "" }] });
            let block = format!("10.0.{index}.0/24");
            let properties = json!({ "VpcId": network, "CidrBlock": block, "AvailabilityZone": zone });
            (format!("Subnet{index}"), json!({ "Type": "AWS::EC2::Subnet", "Properties": properties }))
        };
        let mut resources: serde_json::Map<String, Value> = (0..4).map(subnet).collect();
        let properties = json!({ "CidrBlock": "10.0.0.0/16" });
        resources.insert("Network".to_owned(), json!({ "Type": "AWS::EC2::VPC", "Properties": properties }));
        let properties = json!({ "GroupDescription": "there before", "VpcId": network });
        resources.insert(
            "Group".to_owned(),
            json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": properties }),
        );
        let template = json!({ "Resources": resources });
        let outcome = emulator.deploy(region, ACCOUNT_STACK, &template, &BTreeMap::new())?;
        ensure!(outcome == Outcome::Complete(6), "the account's own network: {outcome:?}");
        let ids = emulator.physical_ids(region, ACCOUNT_STACK)?;
        let of = |prefix: &str| ids.values().filter(|id| id.starts_with(prefix)).cloned().collect();
        Ok(Self { networks: of("vpc-"), subnets: of("subnet-"), groups: of("sg-") })
    }

    /// A template as the emulator can take it, with ids that are there.
    fn see(&self, template: &Value) -> Value {
        let view = view::of_known(template);
        let view = view::with_ids(&view, "vpc-", &self.networks);
        let view = view::with_ids(&view, "sg-", &self.groups);
        view::with_ids(&view, "subnet-", &self.subnets)
    }
}

/// Deploys an app's stacks in the manifest's order and returns the number of resources.
fn deploy(emulator: &Emulator, app: &App) -> Result<usize> {
    publish_for_aws(emulator, app)?;
    let account = Account::prepare(emulator, &app.region)?;
    let mut there = BTreeSet::new();
    let mut total = 0;
    for stack in &app.stacks {
        let name = &stack.deployed_name;
        let missing: Vec<_> = stack.depends_on.iter().filter(|name| !there.contains(*name)).collect();
        ensure!(missing.is_empty(), "{name} comes before {missing:?}, which it depends on");
        let template = account.see(&app.template(stack)?);
        let expected = template["Resources"].as_object().map_or(0, serde_json::Map::len);
        let outcome = emulator.deploy(&app.region, name, &template, &given(stack, &template, &account))?;
        ensure!(
            outcome == Outcome::Complete(expected),
            "{}/{name}: {outcome:?} instead of {expected}",
            app.name
        );
        there.insert(stack.name.clone());
        total += expected;
    }
    Ok(total)
}

/// Writes the Systems Manager parameters that AWS has in every account, as a stack of their own.
fn publish_for_aws(emulator: &Emulator, app: &App) -> Result<()> {
    let sources = app.stacks.iter().flat_map(|stack| stack.parameters.values());
    let names: BTreeSet<&String> = sources
        .filter_map(|source| match source {
            ParameterSource::Parameter { name, stack: None } => Some(name),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let resources: serde_json::Map<String, Value> =
        names.into_iter().enumerate().map(public_parameter).collect();
    let expected = resources.len();
    let template = json!({ "Resources": resources });
    let outcome = emulator.deploy(&app.region, PUBLIC_STACK, &template, &BTreeMap::new())?;
    ensure!(outcome == Outcome::Complete(expected), "the public parameters: {outcome:?}");
    Ok(())
}

fn public_parameter((index, name): (usize, &String)) -> (String, Value) {
    let name = format!("{}{name}", unknown::PUBLIC_PREFIX);
    let properties = json!({ "Name": name, "Type": "String", "Value": unknown::PUBLIC_VALUE });
    (format!("Public{index}"), json!({ "Type": "AWS::SSM::Parameter", "Properties": properties }))
}

/// Values for the parameters whose defaults do not hold here: look-ups in the account, and what AWS publishes.
fn given(stack: &Stack, template: &Value, account: &Account) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (id, source) in &stack.parameters {
        let is_list = template["Parameters"][id]["Type"].as_str().is_some_and(|kind| kind.contains("List"));
        let value = match source {
            ParameterSource::Parameter { stack: Some(_), .. } => continue,
            ParameterSource::Parameter { name, stack: None } => format!("{}{name}", unknown::PUBLIC_PREFIX),
            ParameterSource::Lookup {} if is_list => account.subnets.join(","),
            ParameterSource::Lookup {} => account.subnets[0].clone(),
        };
        values.insert(id.clone(), value);
    }
    values
}

fn delete(emulator: &Emulator, app: &App) -> Result<()> {
    for stack in app.stacks.iter().rev() {
        emulator.delete(&app.region, &stack.deployed_name).with_context(|| app.name.clone())?;
    }
    let mut left = emulator.stacks(&app.region)?;
    left.retain(|name| name != PUBLIC_STACK && name != ACCOUNT_STACK);
    ensure!(left.is_empty(), "{}: these stacks are left: {left:?}", app.name);
    Ok(())
}

#[test]
fn every_app_is_deployed_and_deleted() -> Result<()> {
    let corpus = Corpus::as_written(lisa())?;
    let emulator = Emulator::start()?;
    let mut resources = 0;
    for app in &corpus.apps {
        emulator.reset()?;
        resources += deploy(&emulator, app)?;
        delete(&emulator, app)?;
    }
    ensure!(resources >= 100, "only {resources} resources were deployed");
    Ok(())
}

#[test]
fn the_list_of_unknown_types_is_exact() -> Result<()> {
    let (_corpus, templates, _) = templates_as_written()?;
    let resources = templates.iter().filter_map(|template| template.body["Resources"].as_object()).flatten();
    let used: BTreeSet<&str> = resources.filter_map(|(_, resource)| resource["Type"].as_str()).collect();
    let emulator = Emulator::start()?;
    for kind in unknown::TYPES {
        ensure!(used.contains(kind), "no template uses {kind}; take it off the list");
        let template = json!({ "Resources": { "Probe": { "Type": kind, "Properties": {} } } });
        let name = format!("probe-{}", kind.to_lowercase().replace("::", "-"));
        match emulator.deploy("us-east-1", &name, &template, &BTreeMap::new())? {
            Outcome::Failed(reason) if reason.contains("Unrecognized resource types") => {}
            other => anyhow::bail!("the emulator knows {kind} by now ({other:?}); take it off the list"),
        }
    }
    Ok(())
}

#[test]
fn the_list_of_unknown_forms_is_exact() -> Result<()> {
    let emulator = Emulator::start()?;
    let metric = json!({ "Id": "all", "Expression": "SUM(METRICS())" });
    let properties = json!({
        "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 0, "Metrics": [metric],
    });
    for (kind, property) in unknown::FORMS {
        ensure!(
            *kind == "AWS::CloudWatch::Alarm" && *property == "Metrics",
            "add a probe for {kind}.{property}"
        );
        let template = json!({ "Resources": { "Probe": { "Type": kind, "Properties": properties } } });
        match emulator.deploy("us-east-1", "probe", &template, &BTreeMap::new())? {
            Outcome::Failed(reason) if reason.contains("not supported") => {}
            other => {
                anyhow::bail!("the emulator takes {kind}.{property} by now ({other:?}); take it off the list")
            }
        }
    }
    Ok(())
}

#[test]
fn the_list_of_unknown_attributes_is_exact() -> Result<()> {
    let emulator = Emulator::start()?;
    for (kind, attribute, _) in unknown::ATTRIBUTES {
        let properties = match *kind {
            "AWS::EC2::VPC" => json!({ "CidrBlock": "10.0.0.0/16" }),
            "AWS::RDS::DBInstance" => json!({
                "AllocatedStorage": "20", "DBInstanceClass": "db.t4g.micro", "Engine": "postgres",
                "ManageMasterUserPassword": true, "MasterUsername": "postgres",
            }),
            other => anyhow::bail!("add a probe for {other}"),
        };
        let value = json!({ "Fn::GetAtt": ["Owner", attribute] });
        let parameter =
            json!({ "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": value } });
        let owner = json!({ "Type": kind, "Properties": properties });
        let template = json!({ "Resources": { "Owner": owner, "Probe": parameter } });
        let outcome = emulator.deploy("us-east-1", "probe", &template, &BTreeMap::new())?;
        let refused =
            matches!(&outcome, Outcome::Failed(reason) if reason.contains("does not exist in schema"));
        ensure!(refused, "the emulator knows {kind}.{attribute}; take it off the list: {outcome:?}");
        emulator.reset()?;
    }
    Ok(())
}

#[test]
fn a_wrong_template_is_refused() -> Result<()> {
    let emulator = Emulator::start()?;
    let parameter = json!({ "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/nothing/is/here" });
    let table = json!({ "Type": "AWS::DynamoDB::Table", "Properties": { "TableName": { "Ref": "Name" } } });
    let template = json!({ "Parameters": { "Name": parameter }, "Resources": { "Table": table } });
    let outcome = emulator.deploy("us-east-1", "canary", &template, &BTreeMap::new())?;
    ensure!(matches!(outcome, Outcome::Failed(_)), "a parameter that is not there was accepted: {outcome:?}");
    Ok(())
}
