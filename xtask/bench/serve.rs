//! `cargo xtask bench serve`: the gateway beside nginx, vllm-router and LiteLLM, in front of the same model server, asked in
//! turns within one run.
//!
//! A crowded machine changes every figure of a second and hardly any ratio of two that were measured in turns, so ratios
//! and CPU time are what budgets hold to. Times of a quiet machine (added latency, time to first event) are shown with
//! their budgets and fail the check only with `--quiet-machine`.

mod gateways;
mod load;
mod mock;
mod process;
mod steps;
mod wire;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};

use self::gateways::{Gateway, free, listens};
use self::load::{Plan, Seen};
use self::process::Process;
use crate::say;
use crate::tools;
use crate::workspace::{Workspace, execute};

/// Arguments of `cargo xtask bench serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Hold times to their budgets, too: nothing else runs on this machine
    #[arg(long)]
    quiet_machine: bool,
    /// How often each gateway has its turn; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each turn
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Leave out a rival: `litellm`, `vllm-router`
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,
    /// Be the model server
    #[arg(long, hide = true, value_name = "ADDRESS")]
    mock: Option<String>,
    /// Be the load
    #[arg(long, hide = true, value_name = "JSON")]
    load: Option<String>,
}

/// A figure with what it must be.
struct Row {
    name: String,
    value: f64,
    unit: &'static str,
    /// The most it may be, or the least.
    must: Must,
    /// Whether it means anything on a machine with other work.
    is_time: bool,
}

enum Must {
    AtMost(f64),
    AtLeast(f64),
}

impl Row {
    fn is_within(&self) -> bool {
        match self.must {
            Must::AtMost(most) => self.value <= most,
            Must::AtLeast(least) => self.value >= least,
        }
    }
}

/// The stage: who is measured, and by whom.
struct Stage {
    program: PathBuf,
    xtask: PathBuf,
    tools: PathBuf,
    folder: PathBuf,
    mock: String,
    mock_said: BufReader<ChildStdout>,
    /// Ends the model server with the stage.
    _mock: Process,
    seconds: f64,
    rounds: usize,
}

/// Measures and prints a table.
pub(crate) fn run(workspace: &Workspace, args: &Args, check: bool) -> Result<()> {
    if let Some(address) = &args.mock {
        return block_on(async {
            let listener = tokio::net::TcpListener::bind(address).await?;
            Ok(mock::serve(listener).await?)
        });
    }
    if let Some(plan) = &args.load {
        let plan: Plan = serde_json::from_str(plan)?;
        let seen = block_on(async { Ok(plan.run().await) })?;
        say::line(serde_json::to_string(&seen)?);
        return Ok(());
    }
    let mut stage = Stage::set(workspace, args)?;
    let rows = steps::all(&mut stage, args)?;
    report(&rows);
    let over = rows.iter().filter(|row| !row.is_within() && (args.quiet_machine || !row.is_time)).count();
    if check && over > 0 {
        bail!("{over} budgets are exceeded");
    }
    Ok(())
}

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Tells whoever measures that a caller is gone: microseconds since 1970.
fn say_gone() {
    say::line(micros());
}

fn micros() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros()
}

impl Stage {
    fn set(workspace: &Workspace, args: &Args) -> Result<Self> {
        let target = workspace.metadata()?.target_directory;
        let release = target.join("release");
        // The gateway as it is shipped; the load need not be.
        let builds = [("dist", "lisa-serve"), ("release", "xtask")];
        for (profile, package) in builds {
            let build = ["build", "--profile", profile, "--locked", "-p", package];
            execute(&mut workspace.command("cargo", &build))?;
        }
        tools::nginx()?;
        let tools = tools::run(workspace, &tools::Args::MISSING)?;
        let folder = release.join("bench.serve");
        std::fs::create_dir_all(&folder)?;
        let (xtask, mock) = (release.join("xtask"), free()?);
        let mut command = Command::new(&xtask);
        command.args(["bench", "serve", "--mock", &mock]).stdout(Stdio::piped());
        let mut child = command.spawn().context("could not start the model server")?;
        let said = child.stdout.take().context("its output")?;
        let mut process = Process::of("the model server", child);
        process.wait(Duration::from_secs(10), || listens(&mock))?;
        Ok(Self {
            program: target.join("dist/lisa-serve"),
            xtask,
            tools,
            folder,
            mock,
            mock_said: BufReader::new(said),
            _mock: process,
            seconds: args.seconds,
            rounds: args.rounds.max(1),
        })
    }

    /// Asks a gateway, and says what its processes took for one answer, in microseconds of CPU.
    fn load(
        &self,
        gateway: &Gateway,
        callers: usize,
        seconds: f64,
        words: &str,
        stream: bool,
    ) -> Result<(Seen, f64)> {
        let body = body(words, stream);
        let (address, path, key) = (gateway.address.clone(), gateway.path.to_owned(), gateway.key.clone());
        let plan = Plan { address, path, key, body, callers, seconds };
        let before = gateway.process.as_ref().map_or(0.0, Process::cpu);
        let output = Command::new(&self.xtask)
            .args(["bench", "serve", "--load", &serde_json::to_string(&plan)?])
            .output()?;
        let seen: Seen = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("the load failed: {}", String::from_utf8_lossy(&output.stderr)))?;
        let taken = gateway.process.as_ref().map_or(0.0, Process::cpu) - before;
        #[expect(clippy::cast_precision_loss, reason = "answers are counted in millions at most")]
        let each = taken * 1e6 / seen.answers.max(1) as f64;
        Ok((seen, each))
    }

    /// When the model server saw its caller leave, in microseconds since 1970.
    fn gone(&mut self) -> Result<u128> {
        let mut line = String::new();
        self.mock_said.read_line(&mut line)?;
        line.trim().parse().with_context(|| format!("`{line}` is no time"))
    }
}

/// A request of about 350 bytes.
fn body(words: &str, stream: bool) -> String {
    let text = format!("{words} {}", "A question, as long as such questions are. ".repeat(5));
    let stream = if stream { ",\"stream\":true" } else { "" };
    format!("{{\"model\":\"m\"{stream},\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}")
}

fn report(rows: &[Row]) {
    say::line(format_args!("{:<72} {:>10} {:>12}", "", "measured", "must be"));
    for row in rows {
        let Row { name, value, unit, must, .. } = row;
        let must = match must {
            Must::AtMost(most) => format!("<= {most}"),
            Must::AtLeast(least) => format!(">= {least}"),
        };
        let (value, verdict) = (format!("{value:.2} {unit}"), if row.is_within() { "" } else { "  not met" });
        say::line(format_args!("{name:<72} {value:>12} {must:>12}{verdict}"));
    }
}
