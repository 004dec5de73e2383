//! The gates: independent judges, installed by `cargo xtask tools`, look at every template of every config. Each comes
//! with a canary that it must refuse, so that a gate that no longer looks is noticed.

mod asl;
mod cdk_nag;
mod cfn_lint;
mod cfn_validate;
mod checkov;
mod emulator;
mod parliament;
mod sample;
mod waivers;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use lisa_testkit::waiver::{self, judge};
use lisa_testkit::{Corpus, Report, Template, finding, repository};

/// The command under test.
fn lisa() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_lisa"))
}

/// A template that the gate of this name must refuse.
fn canary(gate: &str) -> PathBuf {
    repository::path("tests/gates/canaries").join(gate).with_extension("template.json")
}

/// Paths of templates, for a linter's command line.
fn paths(templates: &[Template]) -> Vec<PathBuf> {
    templates.iter().map(|template| template.path.clone()).collect()
}

/// The templates of every config as written, and the number of their resources.
fn templates_as_written() -> Result<(Corpus, Vec<Template>, usize)> {
    let corpus = Corpus::as_written(lisa())?;
    let templates = corpus.distinct_templates()?;
    let resources = templates.iter().map(Template::resource_count).sum();
    Ok((corpus, templates, resources))
}

/// As [`templates_as_written`], but those that differ in names alone count as one: for judges of settings.
fn shapes_as_written() -> Result<(Corpus, Vec<Template>, usize)> {
    let corpus = Corpus::as_written(lisa())?;
    let templates = corpus.distinct_shapes()?;
    let resources = templates.iter().map(Template::resource_count).sum();
    Ok((corpus, templates, resources))
}

/// Fails unless the tool has looked at every resource, and every finding is waived, and every waiver is needed.
fn pass(tool: &str, report: &Report, resources: usize) -> Result<()> {
    ensure!(report.resources == resources, "{tool} looked at {} of {resources} resources", report.resources);
    let verdict = judge(tool, &report.findings, &waiver::all()?);
    let unwaived = &verdict.unwaived;
    ensure!(unwaived.is_empty(), "{} findings of {tool}:\n{}", unwaived.len(), finding::list(unwaived));
    ensure!(verdict.unused.is_empty(), "waivers that {tool} no longer needs: {:#?}", verdict.unused);
    Ok(())
}

/// Fails unless the report holds every one of the rules.
fn expect_rules(report: &Report, rules: &[&str]) -> Result<()> {
    for rule in rules {
        let found = report.findings.iter().any(|finding| finding.rule == *rule);
        ensure!(
            found,
            "the canary's {rule} was not found; there is only:\n{}",
            finding::list(&report.findings)
        );
    }
    Ok(())
}
