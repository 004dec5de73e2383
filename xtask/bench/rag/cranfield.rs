//! Cranfield 1400: abstracts of aerodynamics, questions, graded judgements of relevance.
//!
//! A document is a file with its title for a heading and goes the way of every file, with default settings. Documents are
//! ranked by the best of their passages.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use lisa_retrieval::evaluation::{Figures, figures};
use lisa_retrieval::{Settings, floor, passages};
use lisa_vectors::{CollectionName, Embedded, Hit, Query, VectorStore as _};

use crate::engine::{DIMENSION, EMBEDDER, Models};
use crate::file::File;
use crate::leg::Leg;
use crate::say;

/// What default settings reach: nDCG@10, hit@5, recall@5.
const GOALS: [f64; 3] = [0.420, 0.825, 0.325];

/// Passages that are looked at for the first ten documents.
const PASSAGES: usize = 100;

/// A part of a file in the collection's own format.
#[derive(Default)]
struct Record {
    title: String,
    text: String,
}

/// Measures and returns how many goals are missed.
pub(crate) async fn measure(data: &Path, models: &mut Models) -> Result<usize> {
    let read = |name: &str| {
        let path = data.join(name);
        fs::read_to_string(&path).with_context(|| format!("could not read `{}`", path.display()))
    };
    let (documents, questions) = (records(&read("cran.all.1400")?), records(&read("cran.qry")?));
    let right = judgements(&read("cranqrel")?)?;
    let words: Vec<String> = questions.iter().map(|record| record.text.clone()).collect();
    let asked = models.embeddings(&words)?;
    let folder = tempfile::tempdir()?;
    let store = Embedded::open(folder.path())?;
    let here = CollectionName::new("cranfield")?;
    store.ensure(&here, DIMENSION).await?;
    for (number, record) in (1_u32..).zip(&documents) {
        File::read(&format!("{number}.md"), record.as_file().as_bytes())?.put(&store, &here, models).await?;
    }
    let mut all: [Vec<Figures>; 3] = Default::default();
    let (mut below, floored) = (0, Settings { floor: floor::recommended(EMBEDDER), ..Settings::default() });
    for (number, (question, vector)) in (1_u32..).zip(questions.iter().zip(asked)) {
        let Some(right) = right.get(&number) else { continue };
        let query = Query {
            text: Some(question.text.clone()),
            vector: Some(vector),
            filter: None,
            limit: Settings::default().candidates,
        };
        let hits = store.search(&here, &query).await?;
        below += usize::from(passages::passages(hits.clone(), &floored).is_empty());
        for (figures, leg) in all.iter_mut().zip(Leg::ALL) {
            figures.push(judge(hits.clone(), leg, right));
        }
    }
    say(&format!("Cranfield: {below} of {} questions are below the recommended floor", all[0].len()))?;
    report(&all.map(|figures| Figures::mean(&figures)))
}

fn judge(hits: Vec<Hit>, leg: Leg, right: &HashMap<u32, u32>) -> Figures {
    let (mut seen, mut grades) = (HashSet::new(), Vec::new());
    for passage in leg.passages(hits, PASSAGES) {
        let number = passage.chunk.document_id.trim_end_matches(".md").parse().unwrap_or_default();
        if seen.insert(number) {
            grades.push(right.get(&number).copied().unwrap_or(0));
        }
    }
    let all: Vec<u32> = right.values().copied().collect();
    figures(&grades, &all)
}

fn report(means: &[Figures; 3]) -> Result<usize> {
    say("Cranfield 1400, MiniLM             hit@5  recall@5  recall@10  MRR@10  nDCG@10")?;
    for (name, mean) in Leg::ALL.map(Leg::name).into_iter().zip(means) {
        let Figures { hit_at_5, recall_at_5, recall_at_10, mrr_at_10, ndcg_at_10 } = mean;
        say(&format!(
            "{name:<34} {hit_at_5:>5.3} {recall_at_5:>9.3} {recall_at_10:>10.3} {mrr_at_10:>7.3} {ndcg_at_10:>8.3}"
        ))?;
    }
    let [.., both] = means;
    let reached = [both.ndcg_at_10, both.hit_at_5, both.recall_at_5];
    Ok(reached.into_iter().zip(GOALS).filter(|(reached, goal)| reached < goal).count())
}

impl Record {
    /// As Markdown. The collection has a space before every full stop and comma.
    fn as_file(&self) -> String {
        let (title, text) = (self.title.trim(), self.text.trim());
        let text = text.strip_prefix(title).unwrap_or(text).trim();
        format!("# {title}\n\n{}\n", text.replace(" . ", ". ").replace(" , ", ", "))
    }
}

/// Records begin with `.I`, their fields with `.T`, `.A`, `.B` and `.W`; the text repeats the title.
fn records(text: &str) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    let mut field = ' ';
    for line in text.lines() {
        if line.starts_with(".I") {
            records.push(Record::default());
        } else if let (Some(name), 2) = (line.strip_prefix('.'), line.trim_end().len()) {
            field = name.chars().next().unwrap_or(' ');
        } else if let Some(record) = records.last_mut() {
            let place = match field {
                'T' => &mut record.title,
                'W' => &mut record.text,
                _ => continue,
            };
            place.push_str(line.trim());
            place.push(' ');
        }
    }
    records
}

/// Grades by question and document. A question is named by its place in the file. In the file 1 is a complete answer
/// and 4 of least interest; here more is better. One document of each question has -1, which the collection's scale does
/// not know; like the baseline that the goals are from, this takes it for no answer. As an answer it would raise every
/// figure.
fn judgements(text: &str) -> Result<HashMap<u32, HashMap<u32, u32>>> {
    let mut right: HashMap<u32, HashMap<u32, u32>> = HashMap::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (Some(question), Some(document)) = (words.next(), words.next()) else { continue };
        let grade = match words.next() {
            Some("1") => 4,
            Some("2") => 3,
            Some("3") => 2,
            Some("4") => 1,
            _ => continue,
        };
        right.entry(question.parse()?).or_default().insert(document.parse()?, grade);
    }
    Ok(right)
}
