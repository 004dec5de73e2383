//! What `cargo xtask bench rag` measures: retrieval on the Cranfield collection with default settings, and what a search
//! of the embedded store takes among 100,000 chunks.

mod cranfield;
mod engine;
mod scale;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

/// Arguments, in this order: what to measure, then its folders.
fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let what = arguments.next().context("what is to be measured: `scale` or `cranfield`")?;
    let mut folder = |name: &str| arguments.next().map(PathBuf::from).with_context(|| format!("no {name}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let over = match what.to_str() {
        Some("scale") => runtime.block_on(scale::measure())?,
        Some("cranfield") => {
            let (data, cache) = (folder("folder of Cranfield")?, folder("folder to keep embeddings in")?);
            let (engine, models) = (folder("engine")?, folder("folder of the models")?);
            runtime.block_on(cranfield::measure(&data, &cache, &engine, &models))?
        }
        _ => bail!("`{}` is neither `scale` nor `cranfield`", what.display()),
    };
    if over > 0 {
        bail!("{over} figures are short of their goals");
    }
    Ok(())
}

/// Prints a line.
fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
