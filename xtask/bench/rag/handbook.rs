//! An operations handbook of an invented organisation: files of seven formats, questions whose answers' pages are known,
//! follow-ups, and questions that nothing answers. Files go the way of every file: read, cut, embedded, kept, searched, all
//! with default settings.
//!
//! `make.py` makes the files of `documents`; `questions.jsonl` is a question file as `lisa rag eval` takes it.

mod floors;
mod follow_ups;
mod report;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use lisa_retrieval::evaluation::{self, Figures, Place, Question, Relevant};
use lisa_retrieval::{Passage, Settings};
use lisa_vectors::{Chunk, CollectionName, Embedded, Hit, Query, VectorStore as _};

use crate::engine::{DIMENSION, Models};
use crate::file::File;
use crate::leg::Leg;

/// How exactly a passage has to be the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Of the right document.
    Document,
    /// On the right page, or under the right heading where there are no pages.
    Page,
    /// With the words of the answer in it.
    Answer,
}

impl Level {
    const ALL: [Self; 3] = [Self::Document, Self::Page, Self::Answer];
}

/// The handbook in a store.
struct Handbook {
    store: Embedded,
    collection: CollectionName,
    /// Keeps the store's folder.
    _folder: tempfile::TempDir,
    documents: usize,
    chunks: usize,
}

/// A question with what was found for it.
struct Found {
    question: Question,
    hits: Vec<Hit>,
}

/// Measures, prints, and returns how many goals are missed. A chat model that rewrites takes minutes.
pub(crate) async fn measure(
    files: &Path,
    questions: &Path,
    models: &mut Models,
    with_chat: bool,
) -> Result<usize> {
    let text = fs::read_to_string(questions);
    let text = text.with_context(|| format!("could not read `{}`", questions.display()))?;
    let questions = evaluation::parse(&text).map_err(anyhow::Error::msg)?;
    let mut read = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(files)?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in &entries {
        let (path, name) = (entry.path(), entry.file_name());
        read.push(File::read(name.to_str().context("a file without a name")?, &fs::read(path)?)?);
    }
    check(&questions, &read)?;
    let handbook = Handbook::index(read, models).await?;
    let (follow_ups, first): (Vec<_>, Vec<_>) =
        questions.into_iter().partition(|question| !question.before.is_empty());
    let words: Vec<String> = first.iter().map(|question| question.question.clone()).collect();
    let first = handbook.find(first, &words, models).await?;
    let (unanswerable, answerable): (Vec<_>, Vec<_>) =
        first.into_iter().partition(|found| found.question.relevant.is_empty());
    let missed = report::answerable(&handbook, &answerable)?;
    let missed = missed + floors::measure(&answerable, &unanswerable)?;
    Ok(missed + follow_ups::measure(&handbook, &follow_ups, models, with_chat).await?)
}

/// Every answer stands where its question says it does, in a chunk as it was read: else questions or reader are wrong.
fn check(questions: &[Question], files: &[File]) -> Result<()> {
    let places: Vec<Place> =
        files.iter().flat_map(|file| file.chunks.iter().map(|(chunk, _)| place(chunk))).collect();
    let is_there = |relevant: &Relevant| places.iter().any(|place| relevant.is(place));
    let lost = questions.iter().filter(|question| !question.relevant.iter().all(is_there));
    let lost: Vec<String> =
        lost.map(|question| format!("{}: {:?}", question.question, question.relevant)).collect();
    if !lost.is_empty() {
        bail!("no chunk holds the answer of:\n{}", lost.join("\n"));
    }
    Ok(())
}

fn place(chunk: &Chunk) -> Place {
    Place {
        document: chunk.document_id.clone(),
        source: chunk.source.clone(),
        pages: chunk.pages.map(|pages| (pages.first, pages.last)),
        headings: chunk.headings.clone(),
        text: chunk.text.clone(),
    }
}

impl Handbook {
    async fn index(files: Vec<File>, models: &mut Models) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = Embedded::open(folder.path())?;
        let collection = CollectionName::new("handbook")?;
        store.ensure(&collection, DIMENSION).await?;
        let (documents, mut chunks) = (files.len(), 0);
        for file in files {
            chunks += file.chunks.len();
            file.put(&store, &collection, models).await?;
        }
        Ok(Self { store, collection, _folder: folder, documents, chunks })
    }

    /// Searches for each question in the words that stand beside it.
    async fn find(
        &self,
        questions: Vec<Question>,
        words: &[String],
        models: &mut Models,
    ) -> Result<Vec<Found>> {
        let mut all = Vec::new();
        for ((question, text), vector) in questions.into_iter().zip(words).zip(models.embeddings(words)?) {
            let limit = Settings::default().candidates;
            let query = Query { text: Some(text.clone()), vector: Some(vector), filter: None, limit };
            let hits = self.store.search(&self.collection, &query).await?;
            all.push(Found { question, hits });
        }
        Ok(all)
    }
}

impl Found {
    /// How good the passages of a leg are.
    fn figures(&self, leg: Leg, level: Level) -> Figures {
        judged(&leg.passages(self.hits.clone(), 10), &self.question, level)
    }
}

/// How good passages are.
fn judged(passages: &[Passage], question: &Question, level: Level) -> Figures {
    let mut question = question.clone();
    for relevant in &mut question.relevant {
        if level != Level::Answer {
            relevant.holds = None;
        }
        if level == Level::Document {
            (relevant.page, relevant.heading) = (None, None);
        }
    }
    let places: Vec<Place> = passages.iter().map(|passage| place(&passage.chunk)).collect();
    let right: Vec<u32> = question.relevant.iter().map(|relevant| relevant.grade).collect();
    evaluation::figures(&evaluation::grades(&places, &question), &right)
}

/// The mean over questions.
fn mean(found: &[Found], leg: Leg, level: Level) -> Figures {
    Figures::mean(&found.iter().map(|found| found.figures(leg, level)).collect::<Vec<_>>())
}
