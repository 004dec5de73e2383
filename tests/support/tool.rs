//! The pinned programs that `cargo xtask tools` installs, and how to run one.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;

/// Names the directory of the tools; `cargo xtask test` sets it.
pub const DIRECTORY_VARIABLE: &str = "LISA_TOOLS_DIR";

/// A program that a test runs.
#[derive(Clone, Copy, Debug)]
pub enum Tool {
    /// Checks state machines (npm's asl-validator).
    AslValidator,
    /// Checks templates for insecure settings.
    Checkov,
    /// The Python that can import the official clients, for a script of `examples/clients`.
    ClientPython,
    /// Checks templates against AWS's resource schemas.
    CfnLint,
    /// The Node that runs a script of `xtask/tools`.
    Node,
    /// The AWS emulator.
    Ministack,
    /// The Python that can import OpenTelemetry's messages, for `xtask/tools/otlp.py`.
    OtlpPython,
    /// Asks an API what its description allows, and what it does not.
    Schemathesis,
    /// The same, with keys to sign Cognito's tokens.
    MinistackSigning,
    /// Checks IAM policies.
    Parliament,
    /// The Python that can import the linters, for a script of `xtask/tools`.
    Python,
    /// Checks state machines (AWS's own).
    Statelint,
}

impl Tool {
    /// Where the program lies below the directory of the tools; `None` if the machine has it.
    fn place(self) -> Option<&'static str> {
        match self {
            Self::AslValidator => Some("node/node_modules/.bin/asl-validator"),
            Self::Checkov => Some("checkov/bin/checkov"),
            Self::ClientPython => Some("clients/bin/python"),
            Self::CfnLint => Some("lint/bin/cfn-lint"),
            Self::Node => None,
            Self::Ministack => Some("emulator/bin/ministack"),
            Self::OtlpPython => Some("otlp/bin/python"),
            Self::Schemathesis => Some("openapi/bin/schemathesis"),
            Self::MinistackSigning => Some("cognito/bin/ministack"),
            Self::Parliament => Some("lint/bin/parliament"),
            Self::Python => Some("lint/bin/python"),
            Self::Statelint => Some("lint/bin/statelint"),
        }
    }

    /// A command that runs the program with no standard input.
    pub fn command(self) -> Result<Command> {
        let directory = directory()?;
        let program = match self.place() {
            Some(place) => directory.join(place),
            None => PathBuf::from("node"),
        };
        if self.place().is_some() && !program.is_file() {
            bail!("`{}` is not installed; run `cargo xtask tools`", program.display());
        }
        let mut command = Command::new(program);
        command.env(DIRECTORY_VARIABLE, &directory).stdin(std::process::Stdio::null());
        // A linter must not find a configuration, or an account, that is not the test's.
        command.env_remove("AWS_PROFILE").env_remove("PYTHONPATH");
        Ok(command)
    }
}

/// `$LISA_TOOLS_DIR`, else where `cargo xtask tools` installs by default.
pub fn directory() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os(DIRECTORY_VARIABLE).filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(chosen));
    }
    let home = env::home_dir().with_context(|| format!("no home directory; set `{DIRECTORY_VARIABLE}`"))?;
    Ok(home.join(".cache/lisa-tools"))
}

/// Runs a command to its end. An exit code is for the caller to judge: linters exit non-zero on a finding.
pub fn run(command: &mut Command) -> Result<Output> {
    command.output().with_context(|| format!("could not start `{}`", command.get_program().display()))
}

/// Runs a command and reads its standard output as JSON, whatever the exit code.
pub fn run_json<T: DeserializeOwned>(command: &mut Command) -> Result<T> {
    let output = run(command)?;
    serde_json::from_slice(&output.stdout).with_context(|| {
        let program = command.get_program().display();
        let [said, complained] = [output.stdout, output.stderr].map(|bytes| tail(&bytes));
        format!("`{program}` ({}) printed no JSON but:\n{said}\n{complained}", output.status)
    })
}

/// The end of what a program printed: enough for a message.
fn tail(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
