//! What two searches found, put together by the chunk's id.

use std::collections::HashMap;

use crate::error::{Error, Why};
use crate::store::{Hit, Rank};

/// Finds of the text index and of the vectors, each added best first.
#[derive(Debug, Default)]
pub(crate) struct Found {
    finds: HashMap<String, Find>,
    texts: usize,
    vectors: usize,
}

#[derive(Debug)]
struct Find {
    /// The chunk as JSON.
    record: String,
    text: Option<Rank>,
    vector: Option<Rank>,
    similarity: Option<f32>,
}

impl Found {
    /// The next find of the text index.
    pub(crate) fn by_text(&mut self, id: String, record: String, score: f32, similarity: Option<f32>) {
        self.texts += 1;
        let rank = Rank { place: self.texts, score };
        let find = self.find(id, record);
        find.text = Some(rank);
        find.similarity = find.similarity.or(similarity);
    }

    /// The next find of the vectors.
    pub(crate) fn by_vector(&mut self, id: String, record: String, cosine: f32) {
        self.vectors += 1;
        let rank = Rank { place: self.vectors, score: cosine };
        let find = self.find(id, record);
        find.vector = Some(rank);
        find.similarity = Some(cosine);
    }

    fn find(&mut self, id: String, record: String) -> &mut Find {
        let none = Find { record, text: None, vector: None, similarity: None };
        self.finds.entry(id).or_insert(none)
    }

    /// The finds with their chunks.
    pub(crate) fn hits(self, store: &str) -> Result<Vec<Hit>, Error> {
        let hits = self.finds.into_values().map(|find| {
            let Find { record, text, vector, similarity } = find;
            let chunk =
                serde_json::from_str(&record).map_err(|error| Error::new(store, Why::Broken, error))?;
            Ok(Hit { chunk, text, vector, similarity })
        });
        hits.collect()
    }
}
