//! Fuzzing without the fuzzer: the texts of the repository, and those that once broke something, on every run.
//!
//! `cargo xtask fuzz` makes new ones.

#[expect(unreachable_pub, reason = "the fuzzer's own crate calls them, too")]
#[expect(clippy::expect_used, reason = "a fuzz target fails by a panic")]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use lisa_testkit::repository;

/// A second, as promised; a debug build on a busy machine is many times slower.
const SOON: Duration = Duration::from_secs(if cfg!(debug_assertions) { 15 } else { 1 });

/// Where the texts lie.
const TEXTS: [&str; 4] = ["tests/configs/valid", "tests/configs/invalid", "tests/fuzz/findings", "examples"];

/// Reads every text and, so that broken ones are among them, its first half.
fn replay(target: fn(&str)) -> Result<()> {
    let mut paths = Vec::new();
    for directory in TEXTS {
        list(&repository::path(directory), &mut paths)?;
    }
    ensure!(paths.len() >= 150, "there are only {} texts", paths.len());
    for path in paths {
        let text = fs::read_to_string(&path)?;
        let half = (0..=text.len() / 2).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        for text in [&text, &text[..half]] {
            let start = Instant::now();
            target(text);
            ensure!(start.elapsed() < SOON, "{} took {:?}", path.display(), start.elapsed());
        }
    }
    Ok(())
}

fn list(directory: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, found)?;
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

#[test]
fn every_text_is_a_config_or_refused() -> Result<()> {
    replay(targets::config)
}

#[test]
fn every_text_is_a_model_or_refused() -> Result<()> {
    replay(targets::model)
}

#[test]
fn the_problems_of_every_text_are_printed() -> Result<()> {
    replay(targets::problems)
}
