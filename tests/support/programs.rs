//! The services' programs and the page as they are shipped, built by `cargo xtask dist` in the quick profile.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::repository;

/// Where the distribution under test lies, below the directory of builds.
const FOLDER: &str = "distribution-under-test";

/// The program of a service such as `lisa-chat`, built if anything in it has changed.
pub fn service(name: &str) -> Result<PathBuf> {
    Ok(distribution(name)?.join("services/x86_64").join(name))
}

/// The folder of the built page.
pub fn page() -> Result<PathBuf> {
    Ok(distribution("web")?.join("web"))
}

/// The folder of a distribution, of which one part is as new as its sources.
fn distribution(part: &str) -> Result<PathBuf> {
    let out = target().join(FOLDER);
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Without the product's own crates, which only other tasks need.
    let task = ["run", "--quiet", "--package", "xtask", "--no-default-features", "--", "dist"];
    command.current_dir(repository::path("")).args(task).args(["--profile", "dev", "--only", part, "--out"]);
    let output = command.arg(&out).output().context("could not start cargo")?;
    if !output.status.success() {
        bail!("`cargo xtask dist` failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(out)
}

/// The directory of builds: a test's own program lies in `<directory>/<profile>/deps`.
fn target() -> PathBuf {
    let program = std::env::current_exe().ok();
    let built = program.as_deref().and_then(|program| program.ancestors().nth(3));
    built.map_or_else(|| repository::path("target"), PathBuf::from)
}
