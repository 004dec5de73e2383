//! `cargo xtask tools`: installs the pinned programs that the tests run, once per set of pins, and says where they are.

mod containers;
mod engine;
mod node;
mod python;
mod system;

use std::env;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::workspace::Workspace;
use crate::{say, web};

/// Names the directory to install into; the tests read the same variable.
pub(crate) const DIRECTORY_VARIABLE: &str = "LISA_TOOLS_DIR";

/// Arguments of `cargo xtask tools`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Install again what is there already
    #[arg(long)]
    force: bool,
}

impl Args {
    /// Installs only what is missing.
    pub(crate) const MISSING: Self = Self { force: false };
}

/// Installs what is missing and returns the directory.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<PathBuf> {
    let directory = directory()?;
    fs::create_dir_all(&directory).with_context(|| format!("could not create `{}`", directory.display()))?;
    let _guard = lock(&directory)?;
    if args.force {
        clear(&directory)?;
    }
    let pins = workspace.root.join("xtask/tools");
    python::install(&pins, &directory)?;
    node::install(&pins, &directory)?;
    system::require("Chromium", &["chromium", "--version"], &["chromium"])?;
    web::packages(&workspace.root.join("src/web"))?;
    containers::install()?;
    engine::install(workspace, &directory)?;
    say::line(format_args!("tools: ready in {}", directory.display()));
    Ok(directory)
}

/// Makes sure that Node.js and npm are there.
pub(crate) fn require_node() -> Result<()> {
    system::require("Node.js", &["node", "--version"], &["nodejs"])?;
    system::require("npm", &["npm", "--version"], &["npm"])
}

/// Makes sure of nginx, which a benchmark runs.
pub(crate) fn nginx() -> Result<()> {
    system::require("nginx", &["nginx", "-v"], &["nginx-light"])
}

/// Makes sure of manuals as PDF and as HTML, which a benchmark reads, and says where they are.
pub(crate) fn manuals() -> Result<PathBuf> {
    let folder = PathBuf::from("/usr/share/R/doc/manual");
    let text = folder.join("R-intro.pdf").display().to_string();
    let page = folder.join("R-intro.html").display().to_string();
    system::require("R's manuals", &["test", "-f", &text, "-a", "-f", &page], &["r-doc-pdf", "r-doc-html"])?;
    Ok(folder)
}

/// `$LISA_TOOLS_DIR`, else a cache that outlives the clone.
pub(crate) fn directory() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os(DIRECTORY_VARIABLE).filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(chosen));
    }
    let home = env::home_dir().with_context(|| format!("no home directory; set `{DIRECTORY_VARIABLE}`"))?;
    Ok(home.join(".cache/lisa-tools"))
}

/// Keeps a second installer waiting until the first is done.
fn lock(directory: &Path) -> Result<File> {
    let path = directory.join("lock");
    let file = File::create(&path).with_context(|| format!("could not create `{}`", path.display()))?;
    if file.try_lock().is_err() {
        say::line("tools: another installation is running, waiting for it");
        file.lock().with_context(|| format!("could not lock `{}`", path.display()))?;
    }
    Ok(file)
}

fn clear(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            fs::remove_dir_all(&path).with_context(|| format!("could not remove `{}`", path.display()))?;
        }
    }
    Ok(())
}

/// Runs `install` in a new, empty directory unless one with the same stamp is complete already.
///
/// The stamp is written last: an installation that was interrupted is done again from the start.
pub(crate) fn once(
    directory: &Path,
    pins: &[&[u8]],
    install: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let stamp = fingerprint(pins);
    let stamp_file = directory.join(".stamp");
    if fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
        return Ok(());
    }
    if directory.exists() {
        fs::remove_dir_all(directory)
            .with_context(|| format!("could not remove `{}`", directory.display()))?;
    }
    say::line(format_args!("tools: installing {}", directory.display()));
    fs::create_dir_all(directory).with_context(|| format!("could not create `{}`", directory.display()))?;
    install(directory)?;
    fs::write(&stamp_file, stamp).with_context(|| format!("could not write `{}`", stamp_file.display()))
}

fn fingerprint(pins: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for pin in pins {
        hash.update(pin.len().to_le_bytes());
        hash.update(pin);
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
