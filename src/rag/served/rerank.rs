//! The rerank route, as Cohere and Jina have it and vLLM and TEI serve it: scores of passages for a question.

use async_trait::async_trait;
use lisa_retrieval::{ModelError, Reranker};
use serde::Deserialize;
use serde_json::json;

use super::Asked;

/// The answer: a score for each text, in any order.
#[derive(Debug, Deserialize)]
struct Answer {
    results: Vec<Scored>,
}

#[derive(Debug, Deserialize)]
struct Scored {
    index: usize,
    relevance_score: f32,
}

#[async_trait]
impl Reranker for Asked {
    async fn scores(&self, question: &str, texts: &[String]) -> Result<Vec<f32>, ModelError> {
        let body = json!({ "model": self.id, "query": question, "documents": texts, "top_n": texts.len() });
        let answer = self.post("/rerank", &body).await?;
        let bytes = answer.bytes().await.map_err(|error| self.cut(error))?;
        let told = |why: &str| ModelError(format!("the model `{}` {why}", self.id));
        let Answer { results } =
            serde_json::from_slice(&bytes).map_err(|error| told(&format!("answers no scores: {error}")))?;
        scores(&results, texts.len()).ok_or_else(|| told("does not score each passage once"))
    }
}

/// The scores in the texts' order; `None` unless each has one that is a number.
fn scores(results: &[Scored], texts: usize) -> Option<Vec<f32>> {
    let mut scores = vec![None; texts];
    for result in results {
        let place = scores.get_mut(result.index)?;
        if place.replace(result.relevance_score).is_some() || !result.relevance_score.is_finite() {
            return None;
        }
    }
    scores.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{Scored, scores};

    fn of(results: &[(usize, f32)], texts: usize) -> Option<Vec<f32>> {
        let scored = |&(index, relevance_score): &(usize, f32)| Scored { index, relevance_score };
        scores(&results.iter().map(scored).collect::<Vec<_>>(), texts)
    }

    #[test]
    fn each_text_has_one_score_or_none_has() {
        assert_eq!(of(&[(1, 0.9), (0, 0.1)], 2), Some(vec![0.1, 0.9]));
        for wrong in [[(0, 0.1), (0, 0.2)], [(0, 0.1), (2, 0.2)], [(0, 0.1), (1, f32::NAN)]] {
            assert_eq!(of(&wrong, 2), None, "{wrong:?}");
        }
        assert_eq!(of(&[(0, 0.1)], 2), None);
    }
}
