//! The server of real small models (`tests/engine`): compiled once for each version of its sources.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::once;
use crate::workspace::{Workspace, execute};

/// Compiles the server into `directory/engine` unless it is there already.
pub(super) fn install(workspace: &Workspace, directory: &Path) -> Result<()> {
    let sources = workspace.root.join("tests/engine");
    let mut files: Vec<_> = fs::read_dir(&sources)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files
        .retain(|path| path.extension().is_some_and(|kind| kind == "rs" || kind == "toml" || kind == "lock"));
    files.sort();
    let contents = files
        .iter()
        .map(|path| fs::read(path).with_context(|| format!("could not read `{}`", path.display())));
    let contents: Vec<Vec<u8>> = contents.collect::<Result<_>>()?;
    let pins: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    // Beside what is installed: a change of the sources does not compile the inference library again.
    let build = directory.join("engine-build");
    once(&directory.join("engine"), &pins, |home| {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--release", "--locked", "--manifest-path"]).arg(sources.join("Cargo.toml"));
        execute(cargo.arg("--target-dir").arg(&build))?;
        let program = home.join("lisa-engine");
        fs::copy(build.join("release/lisa-engine"), &program)
            .with_context(|| format!("could not write `{}`", program.display()))?;
        Ok(())
    })
}
