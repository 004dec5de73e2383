//! `cargo xtask bench rag`: what `xtask/bench/rag` measures, in a release build of its own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::tools;
use crate::workspace::{Workspace, execute};

/// Where the models' files lie below the tools' directory.
const MODELS: &str = "models/lib";

/// Manuals whose text is compared.
const MANUALS: [&str; 3] = ["R-intro", "R-data", "R-lang"];

/// Arguments of `cargo xtask bench rag`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of the Cranfield collection (`cran.all.1400`, `cran.qry`, `cranqrel`), which is not part of this repository;
    /// without it retrieval is judged on the handbook alone
    #[arg(long, value_name = "DIR")]
    cranfield: Option<PathBuf>,
    /// Have follow-ups rewritten by the tests' chat model as well, which takes minutes
    #[arg(long)]
    chat: bool,
}

/// Programs and folders of a measurement.
struct Bench<'a> {
    workspace: &'a Workspace,
    /// What measures.
    program: PathBuf,
    /// Where what is made for it is kept.
    kept: PathBuf,
    tools: PathBuf,
}

/// Measures and prints; fails where a goal is missed.
pub(super) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let build = ["build", "--release", "--locked", "-p", "lisa-bench-rag"];
    execute(&mut workspace.command("cargo", &build))?;
    let target = workspace.metadata()?.target_directory;
    let tools = tools::run(workspace, &tools::Args::MISSING)?;
    let program = target.join("release/lisa-bench-rag");
    let bench = Bench { workspace, program, kept: target.join("bench"), tools };
    execute(&mut bench.command("ingest"))?;
    execute(&mut bench.command("scale"))?;
    bench.manuals()?;
    bench.handbook(args.chat)?;
    let Some(cranfield) = &args.cranfield else {
        crate::say::line("Cranfield: not judged; `--cranfield DIR` names its folder");
        return Ok(());
    };
    let mut judge = bench.command("cranfield");
    execute(bench.with_models(judge.arg(std::path::absolute(cranfield)?)))
}

impl Bench<'_> {
    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.workspace.root).arg(what);
        command
    }

    /// A script of the benchmark, with the packages of the documents' environment.
    fn script(&self, name: &str) -> Command {
        let mut command = Command::new(self.tools.join("documents/bin/python"));
        command.current_dir(self.workspace.root.join("xtask/bench/rag")).arg(name);
        command
    }

    fn manuals(&self) -> Result<()> {
        let (manuals, texts) = (tools::manuals()?, self.kept.join("manuals"));
        execute(self.script("manuals.py").arg(&manuals).arg(&texts).args(MANUALS))?;
        execute(self.command("manuals").arg(manuals).arg(texts))
    }

    fn handbook(&self, with_chat: bool) -> Result<()> {
        let files = self.kept.join("handbook");
        execute(self.script("handbook/make.py").arg("handbook/documents").arg(&files).arg("chromium"))?;
        let mut judge = self.command("handbook");
        self.with_models(judge.arg(files).arg("xtask/bench/rag/handbook/questions.jsonl"));
        execute(judge.args(with_chat.then_some("chat")))
    }

    fn with_models<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let packages = std::fs::read_dir(self.tools.join(MODELS)).into_iter().flatten().flatten().next();
        let weights = packages.map(|python| python.path().join("site-packages")).unwrap_or_default();
        command.arg(self.tools.join("engine/lisa-engine")).arg(weights).arg(self.kept.join("embeddings"))
    }
}
