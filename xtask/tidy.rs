//! `cargo xtask tidy`: the rules of the house that the compiler does not know. Every rule looks at everything and
//! reports all it finds; nothing is changed.

mod dependencies;
mod files;
mod layers;
mod licences;
mod manifests;
mod modules;

use anyhow::{Result, bail};

use crate::say;
use crate::workspace::{Metadata, Workspace};

/// Arguments of `cargo xtask tidy`.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// What the rules look at.
struct Scene<'a> {
    workspace: &'a Workspace,
    metadata: &'a Metadata,
    /// Committed and about-to-be-committed files.
    files: &'a [std::path::PathBuf],
}

/// What a rule has to say.
#[derive(Default)]
struct Findings {
    /// Reasons to fail.
    errors: Vec<String>,
    /// Things worth knowing.
    warnings: Vec<String>,
}

impl Findings {
    fn error(&mut self, text: impl Into<String>) {
        self.errors.push(text.into());
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}

/// A rule returns how many things it has looked at, so that a rule that sees nothing is noticed.
type Rule = fn(&Scene<'_>, &mut Findings) -> Result<usize>;

const RULES: &[(&str, Rule)] = &[
    ("headers and sizes", files::check),
    ("forgotten files", modules::check),
    ("manifests", manifests::check),
    ("layers", layers::check),
    ("dependencies", dependencies::check),
    ("licences", licences::check),
];

/// Applies every rule.
pub(crate) fn run(workspace: &Workspace, _args: &Args) -> Result<()> {
    let metadata = workspace.metadata()?;
    let files = workspace.files()?;
    let scene = Scene { workspace, metadata: &metadata, files: &files };
    let mut failures = 0;
    failures += report("format", 1, &format(workspace));
    for (name, rule) in RULES {
        let mut findings = Findings::default();
        let seen = rule(&scene, &mut findings)?;
        if seen == 0 {
            findings.error("the rule found nothing to look at");
        }
        failures += report(name, seen, &findings);
    }
    if failures > 0 {
        bail!("tidy: {failures} findings");
    }
    Ok(())
}

fn format(workspace: &Workspace) -> Findings {
    let mut findings = Findings::default();
    if workspace.output("cargo", &["fmt", "--all", "--check"]).is_err() {
        findings.error("`cargo fmt --all` would change files");
    }
    findings
}

/// Prints a rule's result and returns the number of its errors.
fn report(name: &str, seen: usize, findings: &Findings) -> usize {
    let verdict = if findings.errors.is_empty() { "ok" } else { "FAILED" };
    say::line(format_args!("tidy: {name:<18} {seen:>5} {verdict}"));
    for warning in &findings.warnings {
        say::line(format_args!("  warning: {warning}"));
    }
    for error in &findings.errors {
        say::line(format_args!("  error: {error}"));
    }
    findings.errors.len()
}
