//! The Node programs: one `node_modules` per folder with a committed lock file.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::once;
use crate::workspace::execute_quietly;

/// Folders beside this file, each installed under its own name.
const FOLDERS: &[&str] = &["node", "openai-node", "openid"];

const FILES: [&str; 2] = ["package.json", "package-lock.json"];

/// Installs every folder's `node_modules`.
pub(super) fn install(pins: &Path, directory: &Path) -> Result<()> {
    super::require_node()?;
    FOLDERS.iter().try_for_each(|folder| install_folder(&pins.join(folder), &directory.join(folder)))
}

/// Installs `node_modules`. No package's own install script runs.
fn install_folder(pins: &Path, directory: &Path) -> Result<()> {
    let mut contents = Vec::new();
    for name in FILES {
        let path = pins.join(name);
        contents.push(fs::read(&path).with_context(|| format!("could not read `{}`", path.display()))?);
    }
    let pinned: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    once(directory, &pinned, |home| {
        for (name, bytes) in FILES.iter().zip(&contents) {
            fs::write(home.join(name), bytes)?;
        }
        execute_quietly(Command::new("npm").current_dir(home).args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]))
    })
}
