//! cfn-lint finds no error and no warning, in any region whose resource schemas it really knows.
//!
//! For the isolated partitions and the European Sovereign Cloud it judges by us-east-1's schemas, so it is asked about
//! their configs as they are when moved to a region that it knows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use lisa_testkit::{Corpus, Finding, Report, Template, Tool, finding, tool};
use serde::Deserialize;

use super::{canary, expect_rules, lisa, paths};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Match {
    filename: String,
    message: String,
    rule: Rule,
    location: Location,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Location {
    path: Option<Vec<serde_json::Value>>,
}

fn lint(region: &str, templates: &[PathBuf]) -> Result<Report> {
    let mut command = Tool::CfnLint.command()?;
    // An empty configuration: one of the user's own must not change the verdict.
    command
        .args(["--format", "json", "--regions", region, "--config-file", "/dev/null", "--"])
        .args(templates);
    let matches: Vec<Match> = tool::run_json(&mut command)?;
    let findings = matches.into_iter().map(Finding::from).collect();
    Ok(Report { findings, ..Report::default() })
}

impl From<Match> for Finding {
    fn from(found: Match) -> Self {
        let path = found.location.path.unwrap_or_default();
        let resource = match path.as_slice() {
            [section, id, ..] if section == "Resources" => id.as_str().map(str::to_owned),
            _ => None,
        };
        Self { path: found.filename, rule: found.rule.id, resource, message: found.message }
    }
}

/// Lints templates together with the canary: the run that finds nothing else must have found that.
pub(super) fn expect_clean(region: &str, templates: &[Template]) -> Result<()> {
    ensure!(templates.iter().all(|template| template.region == region), "a template is not of {region}");
    let canary = canary("cfn-lint");
    let mut linted = paths(templates);
    linted.push(canary.clone());
    let report = lint(region, &linted)?;
    let is_canary = |finding: &Finding| Path::new(&finding.path) == canary;
    ensure!(report.findings.iter().any(is_canary), "cfn-lint overlooked the canary");
    let found: Vec<_> = report.findings.iter().filter(|finding| !is_canary(finding)).collect();
    ensure!(found.is_empty(), "{} findings in {region}:\n{}", found.len(), finding::list(found));
    Ok(())
}

/// Moves every config to the region, whichever partition it was written for. Those that the region has to refuse are
/// given by name, each with a part of what is said; all others are linted.
fn expect_every_config_is_clean(region: &str, refused: &[(&str, &str)]) -> Result<()> {
    let corpus = Corpus::moved_to(lisa(), region)?;
    let expected: BTreeSet<&str> = refused.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = corpus.refused.keys().map(String::as_str).collect();
    ensure!(found == expected, "refused in {region}: {:#?}", corpus.refused);
    for (name, why) in refused {
        let said = &corpus.refused[*name];
        ensure!(said.contains(why), "{name} is refused for something else than `{why}`:\n{said}");
    }
    expect_clean(region, &corpus.distinct_templates()?)
}

#[test]
fn commercial_templates_are_clean() -> Result<()> {
    expect_every_config_is_clean("us-east-1", &[])
}

#[test]
fn gov_cloud_templates_are_clean() -> Result<()> {
    expect_every_config_is_clean("us-gov-west-1", &[("examples-models", "does not offer `g5.2xlarge`")])
}

#[test]
fn china_templates_are_clean() -> Result<()> {
    expect_every_config_is_clean("cn-north-1", &[("valid-models-to-deploy", "does not offer `g6.xlarge`")])
}

#[test]
fn the_canary_is_refused() -> Result<()> {
    expect_rules(&lint("us-east-1", &[canary("cfn-lint")])?, &["E3002", "W3005"])
}
