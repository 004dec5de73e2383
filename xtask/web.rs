//! `cargo xtask web`: builds the page, whose sources are `src/web`, into `dist/web`.
//!
//! Its packages are installed beside the sources from the committed lock file, once per content of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::dist::place_folder;
use crate::say;
use crate::tools;
use crate::workspace::{Workspace, execute_quietly};

/// The page's sources.
const SOURCES: &str = "src/web";

/// Where the built page is looked for: by `lisa` beside itself, and by `lisa-local`, which takes it in.
pub(crate) const BUILT: &str = "dist/web";

/// Arguments of `cargo xtask web`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to, from the repository's root
    #[arg(long, default_value = BUILT, value_name = "DIR")]
    out: PathBuf,
}

/// Builds the page.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let written = build(workspace, &workspace.root.join(&args.out))?;
    say::line(format_args!("{}: {written} files are new or changed", args.out.display()));
    Ok(())
}

/// Builds the page and lays it out in a folder; returns how many files were new or changed.
pub(crate) fn build(workspace: &Workspace, out: &Path) -> Result<usize> {
    let sources = workspace.root.join(SOURCES);
    packages(&sources)?;
    // Beside the folder and not in it, so that a build that fails leaves the last page as it was.
    let fresh = tempfile::tempdir().context("could not make a temporary folder")?;
    let mut vite = Command::new("node");
    vite.current_dir(&sources).args([
        "node_modules/vite/bin/vite.js",
        "build",
        "--logLevel",
        "warn",
        "--outDir",
    ]);
    execute_quietly(vite.arg(fresh.path()).arg("--emptyOutDir"))?;
    place_folder(fresh.path(), out)
}

/// Installs the page's packages, those that its tests run among them. No package's own install script runs.
pub(crate) fn packages(sources: &Path) -> Result<()> {
    tools::require_node()?;
    let mut pins = Vec::new();
    for name in ["package.json", "package-lock.json"] {
        let path = sources.join(name);
        pins.push(fs::read(&path).with_context(|| format!("could not read `{}`", path.display()))?);
    }
    let pins: Vec<&[u8]> = pins.iter().map(Vec::as_slice).collect();
    tools::once(&sources.join("node_modules"), &pins, |_| {
        let ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        execute_quietly(Command::new("npm").current_dir(sources).args(ci))
    })
}
