//! cfn-lint finds no error and no warning, in any region whose resource schemas it really knows.
//!
//! For the isolated partitions it judges by another partition's schemas, so it is not asked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use lisa_testkit::{Corpus, Finding, Report, Tool, finding, tool};
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

/// Lints every template together with the canary: the run that finds nothing else must have found that.
fn expect_clean(region: &str) -> Result<()> {
    let corpus = Corpus::moved_to(lisa(), region)?;
    let (moved, refused) = (corpus.apps.len(), &corpus.refused);
    ensure!(
        moved >= refused.len(),
        "only {moved} configs can be moved to {region}; these cannot: {refused:#?}"
    );
    let templates = corpus.distinct_templates()?;
    ensure!(templates.iter().all(|template| template.region == region), "a config was not moved to {region}");
    let resources: usize = templates.iter().map(lisa_testkit::Template::resource_count).sum();
    ensure!(resources >= 100, "there are only {resources} resources in {region}");

    let canary = canary("cfn-lint");
    let mut linted = paths(&templates);
    linted.push(canary.clone());
    let report = lint(region, &linted)?;
    let is_canary = |finding: &Finding| Path::new(&finding.path) == canary;
    ensure!(report.findings.iter().any(is_canary), "cfn-lint overlooked the canary");
    let found: Vec<_> = report.findings.iter().filter(|finding| !is_canary(finding)).collect();
    ensure!(found.is_empty(), "{} findings in {region}:\n{}", found.len(), finding::list(found));
    Ok(())
}

#[test]
fn commercial_templates_are_clean() -> Result<()> {
    expect_clean("us-east-1")
}

#[test]
fn gov_cloud_templates_are_clean() -> Result<()> {
    expect_clean("us-gov-west-1")
}

#[test]
fn china_templates_are_clean() -> Result<()> {
    expect_clean("cn-north-1")
}

#[test]
fn the_canary_is_refused() -> Result<()> {
    expect_rules(&lint("us-east-1", &[canary("cfn-lint")])?, &["E3002", "W3005"])
}

/// Configs of partitions for which cfn-lint has no data of its own, only a copy of us-east-1's.
const WITHOUT_DATA: [&str; 5] =
    ["european-sovereign.yaml", "isolated-b.yaml", "isolated-e.yaml", "isolated-f.yaml", "isolated.yaml"];

#[test]
fn every_config_is_linted_in_some_region() -> Result<()> {
    let refused = |region| -> Result<BTreeSet<String>> {
        Ok(Corpus::moved_to(lisa(), region)?.refused.into_iter().collect())
    };
    let nowhere = &(&refused("us-east-1")? & &refused("us-gov-west-1")?) & &refused("cn-north-1")?;
    let names: BTreeSet<&str> = nowhere.iter().filter_map(|path| path.rsplit('/').next()).collect();
    ensure!(names == BTreeSet::from(WITHOUT_DATA), "cfn-lint reads none of {nowhere:#?}");
    Ok(())
}
