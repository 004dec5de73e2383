//! `cargo xtask bench`: measures the release build against its budgets.
//!
//! Whole commands are measured from outside, in CPU time and peak memory, which a crowded machine changes little.
//! What is too short for a process of its own is measured inside a release build of this program.

#[cfg(feature = "products")]
mod chat;
#[cfg(feature = "emulator")]
mod deploy;
#[cfg(feature = "products")]
mod figure;
#[cfg(feature = "products")]
mod inside;
#[cfg(feature = "emulator")]
mod models;
mod probe;
mod retrieval;
mod serve;
mod web;
#[cfg(feature = "emulator")]
mod weights;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::workspace::{Workspace, execute, execute_quietly};
use crate::{dist, say};

/// The config that is measured: everything that LISA has, switched on.
const EXAMPLE: &str = "xtask/bench/full.yaml";

/// The request whose template is measured.
const MODEL: &str = "examples/model-vllm.json";

/// The program of model management's functions.
const MANAGEMENT: &str = "lisa-models";

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What is measured: the command line and the stacks without
    #[command(subcommand)]
    subject: Option<Subject>,
    /// Fail if a budget is exceeded
    #[arg(long, global = true)]
    check: bool,
    /// How often each command runs; the median counts
    #[arg(long, global = true, default_value_t = 21)]
    runs: usize,
    /// Measure one command and print what it took
    #[arg(long, hide = true, num_args = 1.., allow_hyphen_values = true)]
    probe: Vec<String>,
    /// Print what was measured inside this program
    #[arg(long, global = true, hide = true)]
    inside: bool,
}

/// A part of LISA with figures of its own.
#[derive(clap::Subcommand)]
enum Subject {
    /// Sessions: write units, lists, search
    Chat,
    /// The page: its weight, drawing, streaming, opening
    Web,
    /// A deployment that has nothing to do, on the AWS emulator
    Deploy,
    /// Model management: until a stack is asked for, the package, a cold start
    Models,
    /// Retrieval: text of PDFs, a handbook with its questions, a search among 100,000 chunks, the Cranfield collection
    Rag(retrieval::Args),
    /// The gateway beside nginx, vllm-router and LiteLLM
    Serve(serve::Args),
    /// Weights: `lisa-weights` beside the AWS CLI, conversion beside a copy
    Weights,
}

/// What something took.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
struct Cost {
    /// CPU time of all threads, user and system, in milliseconds.
    cpu_ms: f64,
    /// Largest resident set, in MB; zero if it was not measured.
    peak_mb: f64,
}

/// A line of the table.
#[derive(Debug, Deserialize, Serialize)]
struct Row {
    name: String,
    cost: Cost,
    /// The most that is allowed; a zero allows anything.
    budget: Cost,
}

impl Row {
    fn new(name: &str, cost: Cost, cpu_ms: f64, peak_mb: f64) -> Self {
        Self { name: name.to_owned(), cost, budget: Cost { cpu_ms, peak_mb } }
    }

    fn is_within(&self) -> bool {
        let within = |cost: f64, budget: f64| budget == 0.0 || cost <= budget;
        within(self.cost.cpu_ms, self.budget.cpu_ms) && within(self.cost.peak_mb, self.budget.peak_mb)
    }
}

/// Measures and prints a table.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    if let [program, arguments @ ..] = args.probe.as_slice() {
        let cost = probe::measure(program, arguments)?;
        say::line(serde_json::to_string(&cost)?);
        return Ok(());
    }
    match &args.subject {
        Some(Subject::Serve(serve)) => return serve::run(workspace, serve, args.check),
        Some(Subject::Web) => return web::measure(workspace, args.check),
        Some(Subject::Chat) => return measure_chat(workspace, args),
        Some(Subject::Deploy) => return measure_deploy(workspace, args),
        Some(Subject::Models) => return measure_models(workspace, args),
        Some(Subject::Rag(rag)) => return retrieval::run(workspace, rag),
        Some(Subject::Weights) => return measure_weights(workspace, args),
        None => {}
    }
    if args.inside {
        return inside(workspace, args);
    }
    let target = workspace.metadata()?.target_directory;
    let release = target.join("release");
    execute(
        &mut workspace.command("cargo", &["build", "--release", "--locked", "-p", "lisa", "-p", "xtask"]),
    )?;
    let bench = Bench { workspace, release, runs: args.runs };
    let mut rows = bench.commands()?;
    rows.extend(bench.inside()?);
    rows.push(bench.generated_crate(&target.join("bench"))?);
    conclude(&rows, args)
}

fn conclude(rows: &[Row], args: &Args) -> Result<()> {
    report(rows);
    let over = rows.iter().filter(|row| !row.is_within()).count();
    if args.check && over > 0 {
        bail!("{over} budgets are exceeded");
    }
    Ok(())
}

/// How to measure.
struct Bench<'a> {
    workspace: &'a Workspace,
    /// Where the release build is.
    release: PathBuf,
    runs: usize,
}

impl Bench<'_> {
    fn commands(&self) -> Result<Vec<Row>> {
        let out = self.release.join("bench.out");
        let out = out.to_str().context("the target directory is no UTF-8")?;
        Ok(vec![
            Row::new("lisa --version", self.median(&["--version"])?, 10.0, 0.0),
            Row::new("lisa validate", self.median(&["validate", "--quiet", "--config", EXAMPLE])?, 25.0, 0.0),
            Row::new(
                "lisa synth",
                self.median(&["synth", "--quiet", "--config", EXAMPLE, "--out", out])?,
                38.0,
                48.0,
            ),
        ])
    }

    /// The median cost of a `lisa` command.
    fn median(&self, args: &[&str]) -> Result<Cost> {
        self.median_of(args, &[])
    }

    /// The same, with variables.
    fn median_of(&self, args: &[&str], variables: &[(&str, &Path)]) -> Result<Cost> {
        let lisa = self.release.join("lisa");
        let costs = (0..self.runs.max(1)).map(|_| self.probe(&lisa, args, variables));
        let costs = costs.collect::<Result<Vec<_>>>()?;
        let middle = |value: fn(&Cost) -> f64| {
            let mut values: Vec<f64> = costs.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Ok(Cost { cpu_ms: middle(|cost| cost.cpu_ms), peak_mb: middle(|cost| cost.peak_mb) })
    }

    /// Measures a command in a small process that has no other child: peak memory is known for all children at once.
    fn probe(&self, program: &Path, args: &[&str], variables: &[(&str, &Path)]) -> Result<Cost> {
        let mut command = Command::new(self.release.join("xtask"));
        command.current_dir(&self.workspace.root).args(["bench", "--probe"]).arg(program).args(args);
        command.envs(variables.iter().copied());
        let output = command.output().context("could not start the probe")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        serde_json::from_slice(&output.stdout).context("the probe printed something unexpected")
    }

    fn inside(&self) -> Result<Vec<Row>> {
        let runs = self.runs.to_string();
        let program = self.release.join("xtask");
        let program = program.to_str().context("the target directory is no UTF-8")?;
        let output = self.workspace.output(program, &["bench", "--inside", "--runs", &runs])?;
        serde_json::from_str(&output).context("the measurement inside printed something unexpected")
    }

    /// CPU time of checking the generated crate alone, its dependencies checked before.
    fn generated_crate(&self, target: &Path) -> Result<Row> {
        let target_directory = [("CARGO_TARGET_DIR", target), ("CARGO_INCREMENTAL", Path::new("0"))];
        let check = ["check", "--quiet", "--locked", "-p", "lisa-cfn"];
        execute_quietly(self.workspace.command("cargo", &check).envs(target_directory))?;
        execute_quietly(
            self.workspace.command("cargo", &["clean", "--quiet", "-p", "lisa-cfn"]).envs(target_directory),
        )?;
        let cost = self.probe(Path::new("cargo"), &check, &target_directory)?;
        Ok(Row::new("cargo check -p lisa-cfn", cost, 10_000.0, 0.0))
    }
}

/// Deploys with a release build of both programs, this one with the emulator in it.
fn measure_deploy(workspace: &Workspace, args: &Args) -> Result<()> {
    let release = workspace.metadata()?.target_directory.join("release");
    if args.inside {
        return deployed(&Bench { workspace, release, runs: args.runs });
    }
    let build =
        ["build", "--release", "--locked", "-p", "lisa", "-p", "xtask", "--features", "xtask/emulator"];
    execute(&mut workspace.command("cargo", &build))?;
    let (runs, program) = (args.runs.min(5).to_string(), release.join("xtask"));
    let program = program.to_str().context("the target directory is no UTF-8")?;
    let output = workspace.output(program, &["bench", "deploy", "--inside", "--runs", &runs])?;
    let row = serde_json::from_str(&output).context("the measurement printed something unexpected")?;
    conclude(&[row], args)
}

/// With a release build of `lisa-weights` and of this program with the tests' server in it.
fn measure_weights(workspace: &Workspace, args: &Args) -> Result<()> {
    let release = workspace.metadata()?.target_directory.join("release");
    if args.inside {
        return weighed(&release, args.runs.min(5), args.check);
    }
    let build = [
        "build",
        "--release",
        "--locked",
        "-p",
        "lisa-weights",
        "-p",
        "xtask",
        "--features",
        "xtask/emulator",
    ];
    execute(&mut workspace.command("cargo", &build))?;
    let mut command = Command::new(release.join("xtask"));
    command.current_dir(&workspace.root).args(["bench", "weights", "--inside", "--runs"]);
    command.arg(args.runs.to_string()).args(args.check.then_some("--check"));
    execute(&mut command)
}

#[cfg(feature = "emulator")]
fn weighed(release: &Path, runs: usize, check: bool) -> Result<()> {
    if weights::measure(release, runs)? || !check { Ok(()) } else { bail!("a budget is exceeded") }
}

#[cfg(not(feature = "emulator"))]
fn weighed(_release: &Path, _runs: usize, _check: bool) -> Result<()> {
    bail!("this build lacks the feature `emulator`")
}

/// With the package's program as it is shipped, and a release build of this program with the emulator in it.
fn measure_models(workspace: &Workspace, args: &Args) -> Result<()> {
    let target = workspace.metadata()?.target_directory;
    let packed = target.join("bench/models");
    if args.inside {
        let program = packed.join("services/x86_64").join(MANAGEMENT);
        return managed(&workspace.root.join(MODEL), &program, args);
    }
    let only = vec![MANAGEMENT.to_owned()];
    dist::run(workspace, &dist::Args { profile: "dist".to_owned(), out: packed, only })?;
    let build = ["build", "--release", "--locked", "-p", "xtask", "--features", "xtask/emulator"];
    execute(&mut workspace.command("cargo", &build))?;
    let mut command = Command::new(target.join("release/xtask"));
    command.current_dir(&workspace.root).args(["bench", "models", "--inside", "--runs"]);
    command.arg(args.runs.to_string()).args(args.check.then_some("--check"));
    execute(&mut command)
}

#[cfg(feature = "emulator")]
fn managed(request: &Path, program: &Path, args: &Args) -> Result<()> {
    if models::run(request, program, args.runs)? || !args.check {
        Ok(())
    } else {
        bail!("a budget is exceeded")
    }
}

#[cfg(not(feature = "emulator"))]
fn managed(_request: &Path, _program: &Path, _args: &Args) -> Result<()> {
    bail!("this build lacks the feature `emulator`")
}

fn measure_chat(workspace: &Workspace, args: &Args) -> Result<()> {
    if args.inside {
        return if chat()? || !args.check { Ok(()) } else { bail!("a budget is exceeded") };
    }
    let target = workspace.metadata()?.target_directory;
    execute(&mut workspace.command("cargo", &["build", "--release", "--locked", "-p", "xtask"]))?;
    let mut command = Command::new(target.join("release/xtask"));
    command.current_dir(&workspace.root).args(["bench", "chat", "--inside"]);
    command.args(args.check.then_some("--check"));
    execute(&mut command)
}

#[cfg(feature = "products")]
fn chat() -> Result<bool> {
    chat::run()
}

#[cfg(not(feature = "products"))]
fn chat() -> Result<bool> {
    bail!("this build lacks the feature `products`")
}

#[cfg(feature = "products")]
fn inside(workspace: &Workspace, args: &Args) -> Result<()> {
    say::line(serde_json::to_string(&inside::measure(
        &workspace.root.join(EXAMPLE),
        &workspace.root.join(MODEL),
        args.runs,
    )?)?);
    Ok(())
}

#[cfg(feature = "emulator")]
fn deployed(bench: &Bench<'_>) -> Result<()> {
    say::line(serde_json::to_string(&deploy::measure(bench)?)?);
    Ok(())
}

#[cfg(not(feature = "emulator"))]
fn deployed(_bench: &Bench<'_>) -> Result<()> {
    bail!("this build lacks the feature `emulator`")
}

#[cfg(not(feature = "products"))]
fn inside(_workspace: &Workspace, _args: &Args) -> Result<()> {
    bail!("this build lacks the feature `products`")
}

fn report(rows: &[Row]) {
    say::line(format_args!("{:<28} {:>10} {:>10} {:>9} {:>9}", "", "CPU ms", "budget", "peak MB", "budget"));
    for row in rows {
        let Row { name, cost, budget } = row;
        let shown = |value: f64| if value == 0.0 { "-".to_owned() } else { format!("{value:.1}") };
        let [cpu, cpu_budget, peak, peak_budget] =
            [cost.cpu_ms, budget.cpu_ms, cost.peak_mb, budget.peak_mb].map(shown);
        let verdict = if row.is_within() { "" } else { "  over budget" };
        say::line(format_args!("{name:<28} {cpu:>10} {cpu_budget:>10} {peak:>9} {peak_budget:>9}{verdict}"));
    }
}
