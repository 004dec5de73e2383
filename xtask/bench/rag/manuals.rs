//! The text of PDFs: three manuals against their HTML editions, beside what pypdf reads of the same files.
//!
//! Words are runs of letters, digits and `_` in small letters; F1 is of the words, and of every two that follow each other,
//! which judges order as well. Neither reader comes to 1: the editions differ in headers, indexes and hyphens.

use std::collections::HashMap;
use std::fs;
use std::hash::Hash;
use std::path::Path;

use anyhow::{Context as _, Result};
use lisa_extract::{Limits, extract};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

use crate::say;

const MANUALS: [&str; 3] = ["R-intro", "R-data", "R-lang"];

/// How many times pypdf's pages a CPU second are read.
const SPEED: f64 = 3.0;

/// What a reader makes of all manuals' pages.
#[derive(Default)]
struct Effort {
    pages: f64,
    seconds: f64,
}

impl Effort {
    fn rate(&self) -> f64 {
        self.pages / self.seconds.max(1e-9)
    }
}

/// Measures and returns how many goals are missed. `texts` is what `manuals.py` has written.
pub(crate) fn measure(manuals: &Path, texts: &Path) -> Result<usize> {
    let read = |path: &Path| fs::read(path).with_context(|| format!("could not read `{}`", path.display()));
    let (mut ours, mut theirs, mut missed) = (Effort::default(), Effort::default(), 0);
    say("PDF text against the HTML edition, F1 of words and of pairs     ours              pypdf")?;
    for name in MANUALS {
        let text = |kind: &str| -> Result<String> {
            Ok(String::from_utf8_lossy(&read(&texts.join(format!("{name}.{kind}")))?).into_owned())
        };
        let bytes = read(&manuals.join(name).with_extension("pdf"))?;
        let before = getrusage(UsageWho::RUSAGE_SELF)?;
        let document = extract("manual.pdf", &bytes, Limits::default())?;
        let after = getrusage(UsageWho::RUSAGE_SELF)?;
        let spent = (after.user_time() + after.system_time()) - (before.user_time() + before.system_time());
        ours.seconds += small(usize::try_from(spent.num_microseconds())?) / 1e6;
        ours.pages += f64::from(document.pages.unwrap_or_default());
        let cost = text("pypdf.cost")?;
        let (pages, seconds) = cost.trim().split_once(' ').context("no cost of pypdf")?;
        theirs.pages += pages.parse::<f64>()?;
        theirs.seconds += seconds.parse::<f64>()?;
        let edition = text("html.txt")?;
        let (own, other) = (both(&document.text, &edition), both(&text("pypdf.txt")?, &edition));
        say(&format!("{name:<62} {:.3} / {:.3}    {:.3} / {:.3}", own[0], own[1], other[0], other[1]))?;
        missed += own.iter().zip(other).filter(|(own, other)| *own < other).count();
    }
    let times = ours.rate() / theirs.rate();
    let (own, other) = (ours.rate(), theirs.rate());
    say(&format!("pages a CPU second{:<44} {own:<13.0}    {other:.0}   ({times:.1} times)", ""))?;
    Ok(missed + usize::from(times < SPEED))
}

/// F1 of words and of pairs of words.
fn both(text: &str, edition: &str) -> [f64; 2] {
    let (text, edition) = (words(text), words(edition));
    let pairs = |words: &[String]| words.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    let (left, right): (Vec<_>, Vec<_>) = (pairs(&text), pairs(&edition));
    [f1(&text, &edition), f1(&left, &right)]
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Twice what both have by what they have together, each thing as often as it is there.
fn f1<T: Eq + Hash>(left: &[T], right: &[T]) -> f64 {
    let mut counts: HashMap<&T, usize> = HashMap::new();
    for thing in left {
        *counts.entry(thing).or_default() += 1;
    }
    let mut shared = 0;
    for thing in right {
        if let Some(count) = counts.get_mut(thing).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    2.0 * small(shared) / small(left.len() + right.len()).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of words and microseconds are far below 2^52")]
fn small(count: usize) -> f64 {
    count as f64
}
