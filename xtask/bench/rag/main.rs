//! What `cargo xtask bench rag` measures: the text of PDFs, retrieval on the handbook beside this file and on the Cranfield
//! collection with default settings, what a search of the embedded store takes among 100,000 chunks, and whether ingesting
//! leaves an embedding model idle.

mod cranfield;
mod engine;
mod file;
mod handbook;
mod ingest;
mod leg;
mod manuals;
mod scale;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::engine::Models;

/// Arguments, in this order: what to measure, then its folders and files; the models' are the engine, the folder of
/// weights and a folder to keep embeddings in. Behind them `chat` has the handbook's follow-ups rewritten by the chat model.
fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let what = arguments.next().context("what is to be measured is not named")?;
    let mut next = |name: &str| arguments.next().map(PathBuf::from).with_context(|| format!("no {name}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let over = match what.to_str() {
        Some("ingest") => runtime.block_on(ingest::measure())?,
        Some("scale") => runtime.block_on(scale::measure())?,
        Some("manuals") => manuals::measure(&next("folder of manuals")?, &next("folder of their texts")?)?,
        Some("cranfield") => {
            let (data, mut models) = (next("folder of Cranfield")?, models(&mut next)?);
            runtime.block_on(cranfield::measure(&data, &mut models))?
        }
        Some("handbook") => {
            let (files, questions) = (next("folder of files")?, next("file of questions")?);
            let mut models = models(&mut next)?;
            let with_chat = next("").is_ok_and(|word| word.as_os_str() == "chat");
            runtime.block_on(handbook::measure(&files, &questions, &mut models, with_chat))?
        }
        _ => {
            bail!("`{}` is none of `ingest`, `scale`, `manuals`, `handbook` and `cranfield`", what.display())
        }
    };
    if over > 0 {
        bail!("{over} figures are short of their goals");
    }
    Ok(())
}

fn models(mut next: impl FnMut(&str) -> Result<PathBuf>) -> Result<Models> {
    let (engine, weights) = (next("engine")?, next("folder of weights")?);
    Models::new(engine, weights, &next("folder to keep embeddings in")?)
}

/// Prints a line.
fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
