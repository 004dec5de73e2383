//! The order of passages by a model that reads question and passage together, if it answers in time.

use std::time::Duration;

use crate::passages::Passage;
use crate::ports::Reranker;

/// How many of the first passages it is shown.
const SHOWN: usize = 50;

/// How long it may take: more than this is felt.
pub const LIMIT: Duration = Duration::from_millis(1500);

/// Why the order is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// By the reranker.
    Reranked,
    /// As it was: the reranker did not answer, in these words.
    Left(String),
}

/// Puts the first passages in the reranker's order, the rest behind them. Without an answer in time the order stays.
pub async fn rerank(
    reranker: &dyn Reranker,
    question: &str,
    mut passages: Vec<Passage>,
    limit: Duration,
) -> (Vec<Passage>, Outcome) {
    let texts = passages.iter().take(SHOWN).map(|passage| match passage.chunk.heading_path() {
        path if path.is_empty() => passage.chunk.text.clone(),
        path => format!("{path}\n{}", passage.chunk.text),
    });
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() {
        return (passages, Outcome::Reranked);
    }
    let scores = match tokio::time::timeout(limit, reranker.scores(question, &texts)).await {
        Err(_) => return (passages, Outcome::Left(format!("no answer in {} ms", limit.as_millis()))),
        Ok(Err(error)) => return (passages, Outcome::Left(error.to_string())),
        Ok(Ok(scores)) if scores.len() != texts.len() => {
            let text = format!("{} scores for {} passages", scores.len(), texts.len());
            return (passages, Outcome::Left(text));
        }
        Ok(Ok(scores)) => scores,
    };
    let rest = passages.split_off(texts.len());
    for (passage, score) in passages.iter_mut().zip(scores) {
        passage.score = score;
    }
    passages.sort_by(|a, b| b.score.total_cmp(&a.score));
    passages.extend(rest);
    (passages, Outcome::Reranked)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;

    use super::{Outcome, rerank};
    use crate::passages::tests::passage;
    use crate::{ModelError, Reranker};

    #[derive(Debug)]
    struct By(fn(&str) -> f32, Duration);

    #[async_trait]
    impl Reranker for By {
        async fn scores(&self, _: &str, texts: &[String]) -> Result<Vec<f32>, ModelError> {
            tokio::time::sleep(self.1).await;
            Ok(texts.iter().map(|text| self.0(text)).collect())
        }
    }

    fn two() -> Vec<crate::Passage> {
        vec![passage(1, "far"), passage(2, "near")]
    }

    #[tokio::test]
    async fn the_rerankers_order_is_taken() {
        let by_word = By(|text| if text == "near" { 0.9 } else { 0.1 }, Duration::ZERO);
        let (passages, outcome) = rerank(&by_word, "q", two(), Duration::from_secs(5)).await;
        assert_eq!((passages[0].chunk.text.as_str(), outcome), ("near", Outcome::Reranked));
    }

    #[tokio::test]
    async fn a_slow_one_is_not_waited_for() {
        let slow = By(|_| 0.0, Duration::from_mins(1));
        let (passages, outcome) = rerank(&slow, "q", two(), Duration::from_millis(10)).await;
        assert_eq!((passages, outcome), (two(), Outcome::Left("no answer in 10 ms".to_owned())));
    }
}
