//! `lisa rag search`: passages of a repository for a question.

use std::fmt;

use clap::Args;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use super::Place;
use super::client::Client;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::world;

/// Characters of a passage that people are shown.
const SHOWN: usize = 200;

const EXAMPLES: &str = "Examples:
  lisa rag search 'How is the pump started?' --repository main
  lisa rag search 'How is the pump started?' --repository main --limit 10 --output json";

/// Find passages for a question
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Search {
    /// What is looked for
    question: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    how: How,
    /// Passages at most
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    limit: u16,
}

/// How a repository is searched.
#[derive(Clone, Debug, Args)]
pub(super) struct How {
    /// Collection, or an embedding model, whose own is searched
    #[arg(long, value_name = "ID")]
    collection: Option<String>,
    /// Least cosine to the question that the nearest passage has; below it nothing is found
    #[arg(long, value_name = "COSINE", allow_negative_numbers = true)]
    score_floor: Option<f32>,
    /// Model that puts what was found in order
    #[arg(long, value_name = "ID")]
    rerank_model: Option<String>,
}

/// What was found, best first.
#[derive(Debug, Serialize)]
struct Found {
    passages: Vec<Passage>,
}

/// A passage, and where it stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Passage {
    pub(super) document_id: String,
    pub(super) source: String,
    /// First and last page, where the document has pages.
    pub(super) pages: Option<(u32, u32)>,
    pub(super) headings: Vec<String>,
    /// The cosine of the angle to the question, where the store says.
    similarity: Option<f64>,
    pub(super) text: String,
}

impl Search {
    pub(super) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let passages = world::run(async {
            let client = Client::connect(&self.place, globals, printer).await?;
            let at = At { repository: &self.place.repository, how: &self.how };
            at.passages(&client, &self.question, self.limit).await
        })?;
        printer.answer(&Found { passages })?;
        Ok(Exit::Done)
    }
}

/// Where is searched.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) repository: &'a str,
    pub(super) how: &'a How,
}

impl At<'_> {
    /// Passages for a question, best first.
    pub(super) async fn passages(
        self,
        client: &Client,
        question: &str,
        limit: u16,
    ) -> Result<Vec<Passage>, Failure> {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let mut path = format!(
            "/{}/similaritySearch?query={}&topK={limit}&score=true",
            encoded(self.repository),
            encoded(question)
        );
        let floor = self.how.score_floor.map(|floor| floor.to_string());
        for (name, value) in [
            ("collectionId", self.how.collection.as_deref()),
            ("scoreFloor", floor.as_deref()),
            ("rerankModelId", self.how.rerank_model.as_deref()),
        ] {
            if let Some(value) = value {
                path.extend(["&", name, "="]);
                path.extend(encoded(value));
            }
        }
        let answer = client.ask(Method::GET, &path, None).await?;
        let documents = answer["docs"].as_array().into_iter().flatten();
        Ok(documents.map(|document| Passage::read(&document["Document"])).collect())
    }
}

impl Passage {
    /// A passage as the API has it. What it does not say, as older versions do not, is left out.
    fn read(told: &Value) -> Self {
        let about = &told["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let page = |name: &str| about["pages"][name].as_u64().and_then(|page| u32::try_from(page).ok());
        Self {
            document_id: text(&about["document_id"]),
            source: text(&about["source"]),
            pages: page("first").zip(page("last")),
            headings: about["headings"].as_array().into_iter().flatten().map(text).collect(),
            similarity: about["similarity_score"].as_f64(),
            text: text(&told["page_content"]),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.passages.is_empty() {
            return f.write_str("nothing was found");
        }
        for (number, passage) in (1..).zip(&self.passages) {
            if number > 1 {
                f.write_str("\n\n")?;
            }
            write!(f, "{number}. {}", passage.source)?;
            if let Some((first, _)) = passage.pages {
                write!(f, ", page {first}")?;
            }
            if !passage.headings.is_empty() {
                write!(f, ", {}", passage.headings.join(" › "))?;
            }
            if let Some(similarity) = passage.similarity {
                write!(f, " ({similarity:.2})")?;
            }
            let words = passage.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let shown: String = words.chars().take(SHOWN).collect();
            let rest = if shown.len() < words.len() { "…" } else { "" };
            write!(f, "\n   {shown}{rest}")?;
        }
        Ok(())
    }
}
