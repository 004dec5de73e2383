//! `cargo xtask bench web`: what the page weighs and how long it takes, measured in Chromium by `src/web/bench` on
//! `lisa local` as it is shipped, and what that costs the machine.
//!
//! Script times are the browser's own count of thread time, and the renderers that are compared run in one page after
//! each other, so that their ratio means something on a crowded machine. What is timed by a clock is a median.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::workspace::{Workspace, execute};
use crate::{dist, say};

/// What a figure may be.
enum Budget {
    AtMost(f64),
    AtLeast(f64),
    /// Shown beside the others.
    None,
}

/// Name in the file of figures, name for people, unit, budget.
const FIGURES: &[(&str, &str, &str, Budget)] = &[
    ("scriptKb", "script of the chat, gzipped", "kB", Budget::AtMost(150.0)),
    ("styleKb", "styles of the chat, gzipped", "kB", Budget::AtMost(15.0)),
    ("drawMs", "24 kB in 1,000 updates, open end", "ms", Budget::None),
    ("drawAgainMs", "the same, all read again", "ms", Budget::None),
    ("drawUpstreamMs", "the same, react-markdown", "ms", Budget::None),
    ("drawAgainRatio", "all read again over open end", "x", Budget::None),
    ("drawRatio", "react-markdown over open end", "x", Budget::AtLeast(12.0)),
    ("longestTaskMs", "longest task while streaming", "ms", Budget::AtMost(50.0)),
    ("openMs", "1,000 messages, until readable", "ms", Budget::AtMost(400.0)),
    ("lighthouse-performance", "Lighthouse: performance", "", Budget::AtLeast(95.0)),
    ("lighthouse-accessibility", "Lighthouse: accessibility", "", Budget::AtLeast(95.0)),
    ("lighthouse-best-practices", "Lighthouse: best practices", "", Budget::AtLeast(95.0)),
    ("lighthouse-seo", "Lighthouse: search engines", "", Budget::AtLeast(95.0)),
    ("firstStartMs", "lisa local: first start, to page", "ms", Budget::AtMost(300.0)),
    ("startMs", "lisa local: later start, to page", "ms", Budget::AtMost(300.0)),
    ("idleMb", "lisa local: memory, idle", "MB", Budget::AtMost(60.0)),
    ("binaryMb", "lisa local: one file", "MB", Budget::AtMost(45.0)),
];

/// Where the program that is measured goes, below the directory of builds.
const MEASURED: &str = "measured";

/// Builds `lisa-local` with the page in it, measures, and prints a table.
pub(super) fn measure(workspace: &Workspace, check: bool) -> Result<()> {
    let folder = tempfile::tempdir().context("could not make a temporary folder")?;
    let figures = folder.path().join("figures.json");
    let local = shipped(workspace)?;
    let mut vitest = Command::new("node");
    vitest.current_dir(workspace.root.join("src/web"));
    vitest.args(["node_modules/vitest/vitest.mjs", "run", "--config", "bench/vitest.config.ts"]);
    execute(vitest.env("LISA_LOCAL", local).env("LISA_FIGURES", &figures))?;
    let text = fs::read(&figures).context("the page was not measured")?;
    let found: BTreeMap<String, f64> = serde_json::from_slice(&text).context("the figures are no figures")?;
    let over = report(&found)?;
    if check && over > 0 {
        bail!("{over} budgets are exceeded");
    }
    Ok(())
}

/// `lisa-local` as a release has it.
fn shipped(workspace: &Workspace) -> Result<PathBuf> {
    let out = workspace.metadata()?.target_directory.join(MEASURED);
    let only = vec!["lisa-local".to_owned()];
    dist::run(workspace, &dist::Args { profile: "dist".to_owned(), out: out.clone(), only })?;
    Ok(out.join("services/x86_64/lisa-local"))
}

/// Prints every figure beside its budget; returns how many exceed theirs.
fn report(found: &BTreeMap<String, f64>) -> Result<usize> {
    let mut over = 0;
    for (key, name, unit, budget) in FIGURES {
        let value = *found.get(*key).with_context(|| format!("`{key}` was not measured"))?;
        let (holds, shown) = match budget {
            Budget::AtMost(most) => (value <= *most, format!("at most {most}")),
            Budget::AtLeast(least) => (value >= *least, format!("at least {least}")),
            Budget::None => (true, String::new()),
        };
        over += usize::from(!holds);
        let verdict = if holds { "" } else { "  over budget" };
        say::line(format_args!("{name:<34} {value:>9.1} {unit:<3} {shown:<14}{verdict}"));
    }
    Ok(over)
}
