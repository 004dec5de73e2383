//! `lisa rag eval`: how good a repository's search is, on a file of questions.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use lisa_retrieval::evaluation::{self, Figures, Place as Found, Question};
use lisa_retrieval::rewrite::{self, rewrite};
use serde::Serialize;

use super::Place;
use super::client::Client;
use super::search::{At, How};
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::{Failure, os_message};
use crate::printer::Printer;
use crate::world;

/// Passages that are judged: the figures look at ten.
const JUDGED: u16 = 10;

const EXAMPLES: &str = "Examples:
  lisa rag eval questions.jsonl --repository main
  lisa rag eval questions.jsonl --repository main --collection hr --output json

A line of the file is a question with what answers it, by document or source, with a page, a heading or words, or without:
  {\"question\": \"How is the pump started?\", \"relevant\": [{\"document\": \"handbook.pdf\", \"page\": 4}]}
  {\"question\": \"Who is the porter?\", \"relevant\": [{\"document\": \"a.md\", \"heading\": \"People\", \"holds\": \"Ann Lee\"}]}
  {\"question\": \"And stopped?\", \"before\": [\"How is the pump started?\"], \"relevant\": [{\"document\": \"handbook.pdf\"}]}
  {\"question\": \"Who is the king of France?\"}";

/// Measure how good the search is, on a file of questions
///
/// Asks one question after the other. A follow-up is looked for together with what was said before it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Eval {
    /// Questions, one JSON object a line
    file: PathBuf,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    how: How,
}

/// How good it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// Questions that something answers; the figures are their mean.
    answerable: usize,
    #[serde(flatten)]
    figures: Figures,
    /// Questions that nothing answers.
    unanswerable: usize,
    /// Of these, questions for which nothing was found.
    nothing_found: usize,
    /// Milliseconds from a question to its passages, on the way there and back as well.
    median_milliseconds: u128,
    p95_milliseconds: u128,
}

impl Eval {
    pub(super) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let questions = self.questions()?;
        let report = world::run(async {
            let client = Client::connect(&self.place, globals, printer).await?;
            self.ask(&client, &questions).await
        })?;
        printer.answer(&report)?;
        Ok(Exit::Done)
    }

    fn questions(&self) -> Result<Vec<Question>, Failure> {
        let file = self.file.display();
        let text = fs::read_to_string(&self.file).map_err(|error| {
            let message = format!("could not read `{file}`: {}", os_message(&error));
            Failure::input(message, "Check that it is there and may be read.")
        })?;
        let help = "`lisa rag eval --help` shows what a line looks like.";
        let questions =
            evaluation::parse(&text).map_err(|error| Failure::input(format!("`{file}`: {error}"), help))?;
        if questions.is_empty() {
            return Err(Failure::input(format!("`{file}` has no question"), help));
        }
        Ok(questions)
    }

    async fn ask(&self, client: &Client, questions: &[Question]) -> Result<Report, Failure> {
        let at = At { repository: &self.place.repository, how: &self.how };
        let (mut figures, mut times) = (Vec::new(), Vec::new());
        let (mut unanswerable, mut nothing_found) = (0, 0);
        for question in questions {
            let words =
                rewrite(None, &question.conversation(), &question.question, rewrite::LIMIT).await.text;
            let start = Instant::now();
            let passages = at.passages(client, &words, JUDGED).await?;
            times.push(start.elapsed());
            if question.relevant.is_empty() {
                unanswerable += 1;
                nothing_found += usize::from(passages.is_empty());
                continue;
            }
            let found: Vec<Found> = passages
                .into_iter()
                .map(|passage| Found {
                    document: passage.document_id,
                    source: passage.source,
                    pages: passage.pages,
                    headings: passage.headings,
                    text: passage.text,
                })
                .collect();
            let right: Vec<u32> = question.relevant.iter().map(|relevant| relevant.grade).collect();
            figures.push(evaluation::figures(&evaluation::grades(&found, question), &right));
        }
        times.sort_unstable();
        Ok(Report {
            answerable: figures.len(),
            figures: Figures::mean(&figures),
            unanswerable,
            nothing_found,
            median_milliseconds: at_percent(&times, 50),
            p95_milliseconds: at_percent(&times, 95),
        })
    }
}

/// The time that so many of a hundred questions took at most.
fn at_percent(sorted: &[Duration], percent: usize) -> u128 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).map_or(0, Duration::as_millis)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = &self.figures;
        writeln!(f, "answerable    {} questions", self.answerable)?;
        for (name, figure) in [
            ("hit@5", figures.hit_at_5),
            ("recall@5", figures.recall_at_5),
            ("recall@10", figures.recall_at_10),
            ("MRR@10", figures.mrr_at_10),
            ("nDCG@10", figures.ndcg_at_10),
        ] {
            writeln!(f, "  {name:<11} {figure:.3}")?;
        }
        writeln!(
            f,
            "unanswerable  {} questions, nothing found for {}",
            self.unanswerable, self.nothing_found
        )?;
        write!(
            f,
            "time          {} ms median, {} ms at 95 %",
            self.median_milliseconds, self.p95_milliseconds
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_taken() {
        let times: Vec<Duration> = (1..=20).map(Duration::from_millis).collect();
        assert_eq!((at_percent(&times, 50), at_percent(&times, 95)), (10, 19));
        assert_eq!((at_percent(&times[..1], 95), at_percent(&[], 95)), (1, 0));
    }
}
