//! cloudformation-validate, AWS's own offline validator, warns of nothing that is not waived.

use std::path::PathBuf;

use anyhow::Result;
use lisa_testkit::{Report, Tool, repository, tool};

use super::{canary, expect_rules, pass, paths, templates_as_written};

fn validate(templates: &[PathBuf]) -> Result<Report> {
    let script = repository::path("xtask/tools/cloudformation-validate.py");
    tool::run_json(Tool::Python.command()?.arg(script).args(templates))
}

#[test]
fn templates_are_valid() -> Result<()> {
    let (_corpus, templates, resources) = templates_as_written()?;
    pass("cloudformation-validate", &validate(&paths(&templates))?, resources)
}

#[test]
fn the_canary_is_refused() -> Result<()> {
    let report = validate(&[canary("cfn-lint")])?;
    assert!(report.rules > 300, "only {} rules are known", report.rules);
    expect_rules(&report, &["F3002", "W3005"])
}
