//! Follow-ups: as they are asked, with what rewriting makes of them without a chat model and on request with one, and in the
//! words that a perfect rewriting would give.

use std::time::Duration;

use anyhow::Result;
use lisa_retrieval::ChatModel;
use lisa_retrieval::evaluation::Question;
use lisa_retrieval::rewrite::{Origin, rewrite};

use super::{Handbook, Level, mean, report};
use crate::engine::Models;
use crate::leg::Leg;

/// Nobody waits for the model here.
const PATIENCE: Duration = Duration::from_mins(2);

/// What follow-ups reach without a chat model by page, a little below what was measured (0.975): hit@5.
const GOAL: f64 = 0.95;

/// Prints, and returns how many goals are missed.
pub(super) async fn measure(
    handbook: &Handbook,
    questions: &[Question],
    models: &mut Models,
    with_chat: bool,
) -> Result<usize> {
    let asked: Vec<String> = questions.iter().map(|question| question.question.clone()).collect();
    let (joined, _) = rewritten(questions, None).await;
    let alone = |question: &Question| question.alone.clone().unwrap_or_else(|| question.question.clone());
    let alone: Vec<String> = questions.iter().map(alone).collect();
    let mut ways = vec![
        ("as they are asked".to_owned(), asked),
        ("rewritten without a model".to_owned(), joined),
        ("in words that stand alone".to_owned(), alone),
    ];
    if with_chat {
        let chat = models.chat()?;
        let (words, taken) = rewritten(questions, Some(&chat)).await;
        ways.push((format!("by SmolLM2 135M, {taken} of them taken"), words));
    }
    report::header(&format!("{} follow-ups, default settings", questions.len()))?;
    let mut hits = Vec::new();
    for (name, words) in ways {
        let found = handbook.find(questions.to_vec(), &words, models).await?;
        report::line(&name, Level::ALL.map(|level| mean(&found, Leg::Both, level)))?;
        hits.push(mean(&found, Leg::Both, Level::Page).hit_at_5);
    }
    // What helps less than nothing would better be left out.
    let useless = hits.iter().skip(1).filter(|hit| **hit < hits[0]).count();
    Ok(useless + usize::from(hits[1] < GOAL))
}

/// The questions as they are searched with, and how many of them are the model's.
async fn rewritten(questions: &[Question], model: Option<&dyn ChatModel>) -> (Vec<String>, usize) {
    let (mut words, mut taken) = (Vec::new(), 0);
    for question in questions {
        let rewritten = rewrite(model, &question.conversation(), &question.question, PATIENCE).await;
        taken += usize::from(rewritten.origin == Origin::Rewritten);
        words.push(rewritten.text);
    }
    (words, taken)
}
