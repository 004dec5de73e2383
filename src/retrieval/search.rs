//! A question asked of a store: what both legs found as passages, in a reranker's order where there is one.

use lisa_vectors::{CollectionName, Error, Filter, Query, VectorStore, Why};

use crate::passages::{self, Passage, Settings};
use crate::ports::Reranker;
use crate::rerank::{self, Outcome};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The question, in words that stand alone.
    pub question: String,
    /// Its embedding by the collection's model; `None` searches by words alone.
    pub vector: Option<Vec<f32>>,
    /// What a passage must meet.
    pub filter: Option<Filter>,
}

/// What was found. No passage is a finding too: nothing was near enough, or nothing is there.
#[derive(Clone, Debug)]
pub struct Found {
    /// Best first.
    pub passages: Vec<Passage>,
    /// What became of reranking; `None` where none was asked for.
    pub reranked: Option<Outcome>,
}

/// Searches a collection. One that nothing was put in yet holds no passage.
pub async fn search(
    store: &dyn VectorStore,
    collection: &CollectionName,
    asked: Asked,
    settings: &Settings,
    reranker: Option<&dyn Reranker>,
) -> Result<Found, Error> {
    let Asked { question, vector, filter } = asked;
    let query = Query { text: Some(question.clone()), vector, filter, limit: settings.candidates };
    let hits = match store.search(collection, &query).await {
        Err(error) if error.why == Why::NoCollection => Vec::new(),
        hits => hits?,
    };
    let ranked = passages::ranked(hits, settings);
    let (ranked, rerank_outcome) = match reranker {
        Some(reranker) => {
            let (ranked, outcome) = rerank::rerank(reranker, &question, ranked, rerank::LIMIT).await;
            (ranked, Some(outcome))
        }
        None => (ranked, None),
    };
    Ok(Found { passages: passages::chosen(ranked, settings), reranked: rerank_outcome })
}

#[cfg(test)]
mod tests {
    use lisa_vectors::{CollectionName, Embedded, Entry, VectorStore as _};

    use super::{Asked, search};
    use crate::Settings;
    use crate::passages::tests::chunk;

    fn asked(question: &str, vector: [f32; 2]) -> Asked {
        Asked { question: question.to_owned(), vector: Some(vector.to_vec()), filter: None }
    }

    #[tokio::test]
    async fn a_collection_is_asked_and_a_missing_one_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Embedded::open(folder.path()).unwrap();
        let (here, settings) =
            (CollectionName::new("a").unwrap(), Settings { floor: Some(0.5), ..Settings::default() });
        let found = search(&store, &here, asked("pump", [1.0, 0.0]), &settings, None).await.unwrap();
        assert!(found.passages.is_empty() && found.reranked.is_none());
        store.ensure(&here, 2).await.unwrap();
        let entry = Entry { chunk: chunk("1", "the pump is oiled"), vector: vec![1.0, 0.1] };
        store.replace(&here, "d", vec![entry]).await.unwrap();
        let found = search(&store, &here, asked("pump", [1.0, 0.0]), &settings, None).await.unwrap();
        assert_eq!(found.passages[0].chunk.text, "the pump is oiled");
        let far = search(&store, &here, asked("pump", [-1.0, 0.0]), &settings, None).await.unwrap();
        assert!(far.passages.is_empty(), "the word alone is below the floor");
    }
}
