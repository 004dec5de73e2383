//! Questions that something answers: each leg by itself and what people get, by document, page and answer.

use anyhow::Result;
use lisa_retrieval::evaluation::Figures;

use super::{Found, Handbook, Level, mean};
use crate::leg::Leg;
use crate::say;

/// What default settings reach by page, a little below what was measured (0.945, 0.881): hit@5, nDCG@10.
const GOALS: [f64; 2] = [0.93, 0.86];

/// Prints, and returns how many goals are missed.
pub(super) fn answerable(handbook: &Handbook, found: &[Found]) -> Result<usize> {
    let Handbook { documents, chunks, .. } = handbook;
    say(&format!("Handbook, MiniLM: {documents} files, {chunks} chunks, {} questions", found.len()))?;
    header("")?;
    for leg in Leg::ALL {
        line(leg.name(), Level::ALL.map(|level| mean(found, leg, level)))?;
    }
    for found in found.iter().filter(|found| found.figures(Leg::Both, Level::Page).hit_at_5 < 0.5) {
        say(&format!("  its page is not among the first five: {}", found.question.question))?;
    }
    let by_page = |leg| mean(found, leg, Level::Page);
    let both = by_page(Leg::Both);
    let short =
        [both.hit_at_5, both.ndcg_at_10].into_iter().zip(GOALS).filter(|(reached, goal)| reached < goal);
    // Two lists that are no better than one of them have lost the other.
    let alone = [Leg::Vectors, Leg::Words].map(|leg| by_page(leg).hit_at_5);
    Ok(short.count() + alone.into_iter().filter(|alone| both.hit_at_5 <= *alone).count())
}

/// The head of a table by document, page and answer.
pub(super) fn header(title: &str) -> Result<()> {
    say(&format!("{title:<34} {:<24} {:<24} {:<24}", "document", "page or heading", "answer"))?;
    let names = "hit@5    MRR  nDCG@10   ";
    say(&format!("{:<34} {names} {names} {names}", ""))
}

/// A line of it.
pub(super) fn line(name: &str, figures: [Figures; 3]) -> Result<()> {
    let cells = figures.map(|Figures { hit_at_5, mrr_at_10, ndcg_at_10, .. }| {
        format!("{hit_at_5:.3}  {mrr_at_10:.3}    {ndcg_at_10:.3}   ")
    });
    say(&format!("{name:<34} {}", cells.join(" ")))
}
