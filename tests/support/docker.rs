//! The real container engine: Debian's, started once for the machine where nobody else did.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::{repository, tool};

/// Longer than a start on a crowded machine takes.
const START_LIMIT: Duration = Duration::from_mins(2);

/// Makes sure that an engine answers. One that had to be started is left running: the next test, in a process of its
/// own, needs it too.
pub fn ensure() -> Result<()> {
    if answers() {
        return Ok(());
    }
    let directory = tool::directory()?;
    let lock = File::create(directory.join("dockerd.lock")).context("could not lock the engine's start")?;
    lock.lock()?;
    if answers() {
        return Ok(());
    }
    let log_path = directory.join("dockerd.log");
    let log = File::create(&log_path)?;
    let mut command = Command::new("setsid");
    command.arg("dockerd").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let mut engine =
        command.spawn().context("could not start `dockerd`; `cargo xtask tools` installs it, as root")?;
    let deadline = Instant::now() + START_LIMIT;
    while !answers() {
        let ended = engine.try_wait()?;
        if ended.is_some() || Instant::now() > deadline {
            let log = fs::read_to_string(&log_path).unwrap_or_default();
            bail!("no container engine answers, and `dockerd` did not start ({ended:?}):\n{log}");
        }
        sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn answers() -> bool {
    let info = Command::new("docker").args(["info", "--format", "{{.ServerVersion}}"]).output();
    info.is_ok_and(|output| output.status.success() && !output.stdout.trim_ascii().is_empty())
}

/// Runs `docker` and returns what it printed, without the newline at the end.
pub fn docker(args: &[&str]) -> Result<String> {
    let output = tool::run(Command::new("docker").args(args).stdin(Stdio::null()))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() {
        bail!("`docker {}` failed:\n{said}\n{}", args.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(said)
}

/// A static program that answers `/health` on port 8080, compiled once for each version of it.
pub fn probe() -> Result<PathBuf> {
    fixture("probe")
}

/// A static program that answers as a model's engine does, compiled once for each version of it.
pub fn engine() -> Result<PathBuf> {
    fixture("engine")
}

/// A static program that has one that listens on loopback answer on port 8080, compiled once for each version of it.
pub fn bridge() -> Result<PathBuf> {
    fixture("bridge")
}

fn fixture(name: &str) -> Result<PathBuf> {
    let source = repository::path(format!("tests/support/fixtures/{name}.rs"));
    let directory = tool::directory()?.join(name);
    fs::create_dir_all(&directory)?;
    let lock = File::create(directory.join("lock"))?;
    lock.lock()?;
    let (program, kept) = (directory.join(name), directory.join(format!("{name}.rs")));
    let text = fs::read(&source)?;
    if program.is_file() && fs::read(&kept).is_ok_and(|kept| kept == text) {
        return Ok(program);
    }
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "-O", "-C", "target-feature=+crt-static", "-C", "strip=symbols", "-o"]);
    let output = tool::run(rustc.arg(&program).arg(&source))?;
    if !output.status.success() {
        bail!("could not compile `{name}`:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    fs::write(kept, text)?;
    Ok(program)
}

/// A container that ends with the value that stands for it.
#[derive(Debug)]
pub struct Container {
    id: String,
}

impl Container {
    /// Runs an image read-only, with port 8080 of it on a port of loopback.
    pub fn run(image: &str) -> Result<Self> {
        let arguments = ["run", "--detach", "--read-only", "--publish", "127.0.0.1::8080", image];
        Ok(Self { id: docker(&arguments)? })
    }

    /// Runs an image read-only in the network of this machine, with variables (`NAME=value`) and arguments.
    pub fn run_on_host(image: &str, variables: &[String], arguments: &[&str]) -> Result<Self> {
        let mut all = vec!["run", "--detach", "--read-only", "--network", "host"];
        all.extend(variables.iter().flat_map(|variable| ["--env", variable]));
        all.push(image);
        all.extend(arguments);
        Ok(Self { id: docker(&all)? })
    }

    /// Where port 8080 of it is, such as `127.0.0.1:49153`.
    pub fn address(&self) -> Result<String> {
        docker(&["port", &self.id, "8080/tcp"])
    }

    /// What it said.
    pub fn log(&self) -> Result<String> {
        docker(&["logs", &self.id])
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // Whether it went is of no interest to the test that is over.
        let _ = docker(&["rm", "--force", "--volumes", &self.id]);
    }
}
