//! parliament knows every action of every IAM policy in the templates, and that it fits the resources it is allowed on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use lisa_testkit::{Resolver, Template, Tool, tool};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{canary, templates_as_written};

/// A policy that hangs on a role, with a name for messages.
struct Policy {
    name: String,
    document: Value,
}

/// Every identity policy of a template. Trust and resource policies have another grammar, which parliament lacks.
fn policies(template: &Template) -> Vec<Policy> {
    let Template { path, body, published, .. } = template;
    let resolver = Resolver::new(body, published);
    let stack = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut policies = Vec::new();
    for (id, resource) in body["Resources"].as_object().into_iter().flatten() {
        let properties = &resource["Properties"];
        let documents: Vec<&Value> = match resource["Type"].as_str() {
            Some("AWS::IAM::Role") => {
                let inline = properties["Policies"].as_array().into_iter().flatten();
                inline.map(|policy| &policy["PolicyDocument"]).collect()
            }
            Some("AWS::IAM::ManagedPolicy" | "AWS::IAM::Policy" | "AWS::IAM::RolePolicy") => {
                vec![&properties["PolicyDocument"]]
            }
            _ => Vec::new(),
        };
        for (index, document) in documents.into_iter().enumerate() {
            policies
                .push(Policy { name: format!("{stack}-{id}-{index}"), document: resolver.resolve(document) });
        }
    }
    policies
}

/// What parliament says of one statement.
struct Complaint {
    policy: String,
    issue: String,
    detail: Value,
}

impl Complaint {
    fn parse(line: &str) -> Result<Self> {
        let found: Value =
            serde_json::from_str(line).with_context(|| format!("parliament printed `{line}`"))?;
        let file = found["location"]["filepath"].as_str().unwrap_or_default();
        let policy = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let issue = found["issue"].as_str().unwrap_or_default().to_owned();
        Ok(Self { policy, issue, detail: found["detail"].clone() })
    }

    /// Which of the resources that an action takes are not in the statement, by action.
    fn unmatched(&self) -> Unmatched {
        let mut unmatched = Unmatched::new();
        for pair in self.detail.as_array().into_iter().flatten() {
            let [action, format] =
                ["action", "required_format"].map(|key| pair[key].as_str().unwrap_or_default());
            unmatched.entry(action.to_owned()).or_default().insert(format.to_owned());
        }
        unmatched
    }
}

/// Action to the ARN patterns of resources.
type Unmatched = BTreeMap<String, BTreeSet<String>>;

/// Actions that have come to take a resource since parliament's list was made; `schemas/iam` has the newer one.
const TAKE_A_RESOURCE_BY_NOW: &[&str] = &["ecs:CreateCapacityProvider"];

/// Actions that have come since then.
const KNOWN_BY_NOW: &[&str] = &["Unknown action bedrock:CountTokens"];

const MISMATCH: &str = "RESOURCE_MISMATCH";

/// Returns one line per complaint.
///
/// parliament wants a resource of every kind that an action takes, though most take one kind or another. Here an action
/// is wrong if no resource of any kind is there: if as much is missing as for a resource that fits nothing.
fn judge(policies: &[Policy]) -> Result<Vec<String>> {
    let complaints = ask(policies)?;
    let mismatches: Vec<Unmatched> =
        complaints.iter().filter(|complaint| complaint.issue == MISMATCH).map(Complaint::unmatched).collect();
    let everything = everything_taken(&mismatches.iter().flat_map(BTreeMap::keys).collect())?;
    let mut lines = Vec::new();
    for complaint in &complaints {
        let Complaint { policy, issue, detail } = complaint;
        if detail.as_str().is_some_and(|detail| KNOWN_BY_NOW.contains(&detail)) {
            continue;
        }
        if complaint.issue != MISMATCH {
            lines.push(format!("{policy}: {issue} {detail}"));
            continue;
        }
        let mut wrong = complaint.unmatched();
        wrong.retain(|action, kinds| everything.get(action) == Some(kinds));
        wrong.retain(|action, _| !TAKE_A_RESOURCE_BY_NOW.contains(&action.as_str()));
        lines.extend(
            wrong.into_iter().map(|(action, kinds)| format!("{policy}: {MISMATCH} {action} takes {kinds:?}")),
        );
    }
    Ok(lines)
}

/// All kinds of resource that the actions take.
fn everything_taken(actions: &BTreeSet<&String>) -> Result<Unmatched> {
    if actions.is_empty() {
        return Ok(Unmatched::new());
    }
    let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "arn:aws:nothing:::here" });
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let complaints = ask(&[Policy { name: "everything".to_owned(), document }])?;
    Ok(complaints
        .iter()
        .filter(|complaint| complaint.issue == MISMATCH)
        .flat_map(Complaint::unmatched)
        .collect())
}

fn ask(policies: &[Policy]) -> Result<Vec<Complaint>> {
    let directory = TempDir::with_prefix("lisa-policies-")?;
    for (index, policy) in policies.iter().enumerate() {
        let path = directory.path().join(format!("{index:04}-{}.json", policy.name));
        // parliament finds no match for `*/*`, which IAM reads like `*` where every name has a slash.
        fs::write(path, policy.document.to_string().replace(":*/*\"", ":*\""))?;
    }
    let mut command = Tool::Parliament.command()?;
    command.args(["--json", "--include_policy_extension", "json", "--directory"]).arg(directory.path());
    let output = tool::run(&mut command)?;
    ensure!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)?.lines().map(Complaint::parse).collect()
}

#[test]
fn policies_are_sound() -> Result<()> {
    let (_corpus, templates, _) = templates_as_written()?;
    let policies: Vec<Policy> = templates.iter().flat_map(policies).collect();
    assert!(policies.len() >= 10, "only {} policies were found", policies.len());
    let complaints = judge(&policies)?;
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
    Ok(())
}

#[test]
fn the_canary_is_refused() -> Result<()> {
    let path = canary("insecure");
    let body = serde_json::from_str(&fs::read_to_string(&path)?)?;
    let template = Template { path, region: "us-east-1".to_owned(), body, published: Arc::default() };
    let complaints = judge(&policies(&template))?;
    assert!(complaints.iter().any(|text| text.contains("UNKNOWN_ACTION")), "{complaints:?}");
    Ok(())
}

#[test]
fn an_action_must_fit_its_resource() -> Result<()> {
    let statement = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket" });
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let complaints = judge(&[Policy { name: "mismatch".to_owned(), document }])?;
    assert!(complaints.iter().any(|text| text.contains("RESOURCE_MISMATCH")), "{complaints:?}");
    Ok(())
}
