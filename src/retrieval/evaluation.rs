//! How good retrieval is: questions with their right answers, and the usual figures.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::ports::{Message, Role};

/// A question of a question file: one JSON object a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// The question.
    pub question: String,
    /// What answers it. Empty: nothing does, and nothing should be found.
    #[serde(default)]
    pub relevant: Vec<Relevant>,
    /// Turns before it, oldest first, for a follow-up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Turn>,
    /// A follow-up in words that stand alone: what a perfect rewriting would give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<String>,
}

/// A turn of a conversation: a question, with what was answered or without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Turn {
    /// A question alone.
    Asked(String),
    /// A question and its answer.
    Answered {
        /// The question.
        question: String,
        /// The answer.
        answer: String,
    },
}

/// Something that answers a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Relevant {
    /// The document: its id, or its source's name.
    pub document: String,
    /// The page of it. Not given: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// A heading that it stands under, for a document without pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Words that answer: a passage without them is wrong even if it is of the right page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
    /// How well it answers; more is better.
    #[serde(default = "one")]
    pub grade: u32,
}

fn one() -> u32 {
    1
}

impl Question {
    /// The conversation before the question, oldest message first.
    pub fn conversation(&self) -> Vec<Message> {
        let messages = self.before.iter().flat_map(|turn| match turn {
            Turn::Asked(question) => vec![Message::new(Role::User, question.as_str())],
            Turn::Answered { question, answer } => vec![
                Message::new(Role::User, question.as_str()),
                Message::new(Role::Assistant, answer.as_str()),
            ],
        });
        messages.collect()
    }
}

impl Relevant {
    /// Whether a passage is of the document and the page, stands under the heading and holds the words, as far as they
    /// are given. A heading that stands in the passage itself is one that it stands under; white space and capitals do
    /// not matter.
    pub fn is(&self, place: &Place) -> bool {
        let named = self.document == place.document || self.document == place.source;
        let on_page = self
            .page
            .is_none_or(|page| place.pages.is_some_and(|(first, last)| (first..=last).contains(&page)));
        let under = self
            .heading
            .as_ref()
            .is_none_or(|heading| place.headings.contains(heading) || contains(&place.text, heading));
        named && on_page && under && self.holds.as_ref().is_none_or(|words| contains(&place.text, words))
    }
}

fn contains(text: &str, words: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    plain(text).contains(&plain(words))
}

/// Reads a question file. The error names the line.
pub fn parse(text: &str) -> Result<Vec<Question>, String> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let questions = lines.map(|(number, line)| {
        serde_json::from_str(line).map_err(|error| format!("line {number} is no question: {error}"))
    });
    questions.collect()
}

/// Figures of one question, or the mean of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Whether any of the first five is right.
    pub hit_at_5: f64,
    /// The share of all that is right among the first five.
    pub recall_at_5: f64,
    /// The share of all that is right among the first ten.
    pub recall_at_10: f64,
    /// One by the place of the first that is right, among the first ten.
    pub mrr_at_10: f64,
    /// Discounted cumulative gain of the first ten by that of the best order, by grades.
    pub ndcg_at_10: f64,
}

/// Figures of a list, by the grade of what stands at each place (zero for what is wrong), and the grades of all that is
/// right. Something that is found twice counts once: the caller lists it once.
pub fn figures(found: &[u32], right: &[u32]) -> Figures {
    let right: Vec<u32> = right.iter().copied().filter(|grade| *grade > 0).collect();
    if right.is_empty() {
        return Figures::default();
    }
    let hits = |places: usize| found.iter().take(places).filter(|grade| **grade > 0).count();
    let share = |places: usize| ratio(hits(places), right.len());
    let first = found.iter().take(10).position(|grade| *grade > 0);
    let mut best = right.clone();
    best.sort_unstable_by(|a, b| b.cmp(a));
    Figures {
        hit_at_5: if hits(5) > 0 { 1.0 } else { 0.0 },
        recall_at_5: share(5),
        recall_at_10: share(10),
        mrr_at_10: first.map_or(0.0, |place| ratio(1, place + 1)),
        ndcg_at_10: gain(found) / gain(&best),
    }
}

/// Discounted cumulative gain of the first ten: the grade by the logarithm of its place.
fn gain(grades: &[u32]) -> f64 {
    let discounted = (2_u32..)
        .zip(grades.iter().take(10))
        .map(|(place, grade)| f64::from(*grade) / f64::from(place).log2());
    discounted.sum()
}

#[expect(clippy::cast_precision_loss, reason = "places and counts are small")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

impl Figures {
    /// The mean of many; all zero of none.
    pub fn mean(all: &[Self]) -> Self {
        let mean = |figure: fn(&Self) -> f64| {
            if all.is_empty() { 0.0 } else { all.iter().map(figure).sum::<f64>() * ratio(1, all.len()) }
        };
        Self {
            hit_at_5: mean(|one| one.hit_at_5),
            recall_at_5: mean(|one| one.recall_at_5),
            recall_at_10: mean(|one| one.recall_at_10),
            mrr_at_10: mean(|one| one.mrr_at_10),
            ndcg_at_10: mean(|one| one.ndcg_at_10),
        }
    }
}

/// A passage that was found, as far as right and wrong go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The document's id.
    pub document: String,
    /// The source's name.
    pub source: String,
    /// First and last page.
    pub pages: Option<(u32, u32)>,
    /// The headings that it stands under.
    pub headings: Vec<String>,
    /// What it says.
    pub text: String,
}

/// Grades of what was found, each right thing once, at its first place.
pub fn grades(found: &[Place], question: &Question) -> Vec<u32> {
    let mut taken = HashSet::new();
    let mut grade = |place: &Place| {
        let right = question
            .relevant
            .iter()
            .enumerate()
            .find(|(index, relevant)| relevant.is(place) && !taken.contains(index));
        let (index, relevant) = right?;
        taken.insert(index);
        Some(relevant.grade)
    };
    found.iter().map(|place| grade(place).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Figures, Place, Relevant, figures, grades, parse};
    use crate::Role;

    #[test]
    fn figures_are_those_of_the_books() {
        // Grades 3, 2, 0, 1 of 3, 2, 1: 3 + 2/log2(3) + 1/log2(5), by 3 + 2/log2(3) + 1/2.
        let figures = figures(&[3, 2, 0, 1], &[1, 2, 3]);
        let third = |place: f64| 1.0 / place.log2();
        let expected = (3.0 + 2.0 * third(3.0) + third(5.0)) / (3.0 + 2.0 * third(3.0) + 0.5);
        assert!((figures.ndcg_at_10 - expected).abs() < 1e-12);
        let all = [figures.hit_at_5, figures.recall_at_5, figures.mrr_at_10];
        assert!(all.into_iter().all(|figure| (figure - 1.0).abs() < 1e-12), "{all:?}");
        let late = super::figures(&[0, 0, 0, 0, 0, 1], &[1, 1]);
        let all = [late.hit_at_5, late.recall_at_5, late.recall_at_10 - 0.5];
        assert!(all.into_iter().all(|figure| figure.abs() < 1e-12), "{all:?}");
        assert!((late.mrr_at_10 - 1.0 / 6.0).abs() < 1e-12);
        assert!((Figures::mean(&[figures, Figures::default()]).hit_at_5 - 0.5).abs() < 1e-12);
    }

    fn place(source: &str, pages: Option<(u32, u32)>) -> Place {
        let headings = vec!["Pumps".to_owned()];
        let text = "Starting\nOpen the green  valve.".to_owned();
        Place { document: "x".into(), source: source.into(), pages, headings, text }
    }

    #[test]
    fn a_page_is_right_once() {
        let text = r#"{"question": "How?", "relevant": [{"document": "a.pdf", "page": 2}]}"#;
        let questions = parse(text).unwrap();
        let right =
            Relevant { document: "a.pdf".into(), page: Some(2), heading: None, holds: None, grade: 1 };
        assert_eq!(questions[0].relevant, [right]);
        let found =
            [place("a.pdf", Some((1, 1))), place("a.pdf", Some((1, 3))), place("a.pdf", Some((2, 2)))];
        assert_eq!(grades(&found, &questions[0]), [0, 1, 0]);
    }

    #[test]
    fn a_heading_and_words_are_looked_for() {
        for (wanted, is) in [
            (r#""heading": "Pumps""#, true),
            (r#""heading": "Starting""#, true),
            (r#""heading": "Stopping""#, false),
            (r#""holds": "the Green valve""#, true),
            (r#""holds": "the red valve""#, false),
            (r#""heading": "Stopping", "holds": "the green valve""#, false),
        ] {
            let line = format!(r#"{{"question": "How?", "relevant": [{{"document": "x", {wanted}}}]}}"#);
            assert_eq!(parse(&line).unwrap()[0].relevant[0].is(&place("a.md", None)), is, "{wanted}");
        }
    }

    #[test]
    fn turns_are_questions_with_answers_or_without() {
        let line = r#"{"question": "And?", "before": ["One?", {"question": "Two?", "answer": "Yes."}]}"#;
        let said = parse(line).unwrap()[0].conversation();
        let said: Vec<_> = said.iter().map(|message| (message.role, message.content.as_str())).collect();
        assert_eq!(said, [(Role::User, "One?"), (Role::User, "Two?"), (Role::Assistant, "Yes.")]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = parse("{\"question\": \"a\"}\n\n{\"ask\": 1}").unwrap_err();
        assert!(error.starts_with("line 3 is no question"), "{error}");
    }
}
