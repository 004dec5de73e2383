//! The Python programs: one virtual environment per resolved list, filled by uv.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{once, system};
use crate::workspace::{execute_quietly, spell};

/// uv resolves and installs in seconds what pip needs minutes for.
const UV_VERSION: &str = "0.13.9";

/// Environments, each named as its list `NAME.txt` beside this file.
const ENVIRONMENTS: &[&str] = &[
    "awscli",
    "lint",
    "checkov",
    "emulator",
    "clients",
    "cognito",
    "documents",
    "litellm",
    "models",
    "openapi",
    "opensearch",
    "otlp",
    "postgres",
    "router",
];

/// Installs uv, then every environment.
pub(super) fn install(pins: &Path, directory: &Path) -> Result<()> {
    system::require(
        "Python 3 with `venv`",
        &["python3", "-c", "import venv, ensurepip"],
        &["python3", "python3-venv", "python3-pip"],
    )?;
    let python = interpreter()?;
    let uv_home = directory.join("uv");
    once(&uv_home, &[UV_VERSION.as_bytes(), python.as_bytes()], |home| {
        execute_quietly(Command::new("python3").args(["-m", "venv"]).arg(home))?;
        execute_quietly(
            Command::new(home.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .arg(format!("uv=={UV_VERSION}")),
        )
    })?;
    let uv = uv_home.join("bin/uv");
    for name in ENVIRONMENTS {
        let list = pins.join(name).with_extension("txt");
        let pinned = fs::read(&list).with_context(|| format!("could not read `{}`", list.display()))?;
        once(&directory.join(name), &[&pinned, python.as_bytes()], |home| {
            execute_quietly(Command::new(&uv).args(["venv", "--clear", "--python", "python3"]).arg(home))?;
            let python = home.join("bin/python");
            execute_quietly(
                // What a package asks for and its list leaves out is not needed: of some, only files are read.
                Command::new(&uv)
                    .args(["pip", "install", "--no-deps", "--python"])
                    .arg(python)
                    .arg("-r")
                    .arg(&list),
            )
        })?;
    }
    Ok(())
}

/// The interpreter's path and version: an environment made with another one is made again.
fn interpreter() -> Result<String> {
    let mut ask = Command::new("python3");
    ask.args(["-c", "import sys; print(sys.executable, sys.version)"]);
    let output = ask.output().with_context(|| format!("could not start `{}`", spell(&ask)))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
