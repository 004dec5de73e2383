//! `cargo xtask bench rag`: what `xtask/bench/rag` measures, in a release build of its own.

use std::path::PathBuf;

use anyhow::Result;

use crate::tools;
use crate::workspace::{Workspace, execute};

/// Where the models' files lie below the tools' directory.
const MODELS: &str = "models/lib";

/// Arguments of `cargo xtask bench rag`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of the Cranfield collection (`cran.all.1400`, `cran.qry`, `cranqrel`), which is not part of this repository;
    /// without it retrieval is not judged
    #[arg(long, value_name = "DIR")]
    cranfield: Option<PathBuf>,
}

/// Measures and prints; fails where a goal is missed.
pub(super) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let build = ["build", "--release", "--locked", "-p", "lisa-bench-rag"];
    execute(&mut workspace.command("cargo", &build))?;
    let target = workspace.metadata()?.target_directory;
    let program = target.join("release/lisa-bench-rag");
    let program = program.to_str().unwrap_or("lisa-bench-rag");
    execute(&mut workspace.command(program, &["scale"]))?;
    let Some(cranfield) = &args.cranfield else {
        crate::say::line("Cranfield: not judged; `--cranfield DIR` names its folder");
        return Ok(());
    };
    let directory = tools::run(workspace, &tools::Args::MISSING)?;
    let packages = std::fs::read_dir(directory.join(MODELS))?.flatten().next();
    let models = packages.map(|python| python.path().join("site-packages")).unwrap_or_default();
    let mut judge = workspace.command(program, &["cranfield"]);
    judge.arg(std::path::absolute(cranfield)?).arg(target.join("bench/cranfield"));
    execute(judge.arg(directory.join("engine/lisa-engine")).arg(models))
}
