//! parliament knows every action of every IAM policy in the templates, and that it fits the resources it is allowed on.

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

/// Returns one line per complaint.
fn judge(policies: &[Policy]) -> Result<Vec<String>> {
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
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(complaint).collect()
}

fn complaint(line: &str) -> Result<String> {
    let found: Value = serde_json::from_str(line).with_context(|| format!("parliament printed `{line}`"))?;
    let file = found["location"]["filepath"].as_str().unwrap_or_default();
    let policy = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
    Ok(format!("{policy}: {} {}", found["issue"], found["detail"]))
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
