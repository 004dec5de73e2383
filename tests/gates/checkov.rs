//! checkov finds no insecure setting that is not waived.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use lisa_testkit::{Finding, Report, Tool, tool};
use serde::Deserialize;

use super::{canary, expect_rules, pass, paths, shapes_as_written};

#[derive(Deserialize)]
struct Output {
    results: Results,
    summary: Summary,
}

#[derive(Deserialize)]
struct Results {
    failed_checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Summary {
    passed: usize,
    parsing_errors: usize,
    resource_count: usize,
}

#[derive(Deserialize)]
struct Check {
    #[serde(rename = "check_id")]
    id: String,
    #[serde(rename = "check_name")]
    name: String,
    file_abs_path: String,
    /// `Type.LogicalId`.
    resource: String,
}

fn check(templates: &[PathBuf]) -> Result<Report> {
    let mut command = Tool::Checkov.command()?;
    command.args(["--framework", "cloudformation", "--output", "json", "--compact", "--quiet"]);
    command.args(["--skip-download", "--file"]).args(templates);
    let output: Output = tool::run_json(&mut command)?;
    let Summary { passed, parsing_errors, resource_count } = output.summary;
    ensure!(parsing_errors == 0, "checkov could not parse {parsing_errors} templates");
    let findings = output.results.failed_checks.into_iter().map(Finding::from).collect::<Vec<_>>();
    Ok(Report { resources: resource_count, rules: passed + findings.len(), findings })
}

impl From<Check> for Finding {
    fn from(check: Check) -> Self {
        let resource = check.resource.rsplit_once('.').map(|(_, id)| id.to_owned());
        Self { path: check.file_abs_path, rule: check.id, resource, message: check.name }
    }
}

#[test]
fn templates_are_secure() -> Result<()> {
    let (_corpus, templates, resources) = shapes_as_written()?;
    pass("checkov", &check(&paths(&templates))?, resources)
}

#[test]
fn the_canary_is_refused() -> Result<()> {
    expect_rules(&check(&[canary("insecure")])?, &["CKV_AWS_53", "CKV_AWS_28"])
}
