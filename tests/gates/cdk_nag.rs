//! cdk-nag's AwsSolutions pack, applied to the plain templates, finds nothing that is not waived.

use std::path::PathBuf;

use anyhow::Result;
use lisa_testkit::{Report, Tool, repository, tool};
use tempfile::TempDir;

use super::{canary, expect_rules, pass, paths, shapes_as_written};

fn nag(templates: &[PathBuf]) -> Result<Report> {
    let script = repository::path("xtask/tools/cdk-nag/nag.cjs");
    let assembly = TempDir::with_prefix("lisa-nag-")?;
    let mut command = Tool::Node.command()?;
    command.arg(script).args(templates).env("NAG_OUT", assembly.path());
    tool::run_json(&mut command)
}

#[test]
fn templates_follow_aws_solutions() -> Result<()> {
    let (_corpus, templates, resources) = shapes_as_written()?;
    pass("cdk-nag", &nag(&paths(&templates))?, resources)
}

#[test]
fn the_canary_is_refused() -> Result<()> {
    let report = nag(&[canary("insecure")])?;
    assert!(report.rules > 100, "only {} rules were applied", report.rules);
    expect_rules(&report, &["AwsSolutions-S1", "AwsSolutions-DDB3", "AwsSolutions-IAM5[Resource::*]"])
}
