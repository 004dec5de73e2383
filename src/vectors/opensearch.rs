//! A store in OpenSearch: an index per collection, words by BM25, near vectors by Lucene's HNSW.
//!
//! OpenSearch changes one document at a time. So that a search sees all of a document's old chunks or all of its new ones,
//! chunks carry a generation and a marker per document says which one counts: new chunks are written, then the marker is
//! turned, then the old ones are removed. A write that breaks off leaves chunks that nobody sees, and the next one removes
//! them.
//!
//! Requests are held against the published interface and run against a stand-in (`osmem`) with exact kNN of the tests' own. No
//! real OpenSearch was at hand: the kNN query has run on none.

mod conditions;
mod failure;
mod transport;

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use serde_json::{Value, json};

use self::transport::Transport;
use crate::chunk::Chunk;
use crate::collection::CollectionName;
use crate::error::{Error, Why};
use crate::filter::Filter;
use crate::hits::Found;
use crate::store::{Count, Entry, Hit, Query, VectorStore};
use crate::vector::{self, Unit};

pub use self::transport::Access;

/// Chunks that go over in one request: some megabytes of embeddings.
const AT_ONCE: usize = 200;

/// Words of a question that are looked for; OpenSearch takes 1,024 clauses.
const MOST_WORDS: usize = 256;

/// The most that one search gives.
const MOST_FOUND: usize = 10_000;

/// A store in OpenSearch. A clone shares its connections.
#[derive(Clone, Debug)]
pub struct OpenSearch {
    transport: Transport,
}

impl OpenSearch {
    /// The store at an endpoint: scheme and host, such as `https://search-lisa-abc.eu-west-1.es.amazonaws.com`.
    pub fn new(endpoint: &str, access: Access) -> Self {
        Self { transport: Transport::new(endpoint, access) }
    }

    fn name(&self) -> &str {
        self.transport.name()
    }

    /// The length of a collection's embeddings.
    async fn dimension(&self, collection: &CollectionName) -> Result<Option<usize>, Error> {
        let index = collection.physical();
        let mapping = match self.transport.get(&format!("/{index}/_mapping")).await {
            Err(error) if error.why == Why::NoCollection => return Ok(None),
            mapping => mapping?,
        };
        let dimension = mapping[&index]["mappings"]["properties"]["embedding"]["dimension"].as_u64();
        let dimension = dimension.and_then(|dimension| usize::try_from(dimension).ok());
        let broken =
            || Error::new(self.name(), Why::Broken, format_args!("index `{index}` is not one of LISA's"));
        dimension.map(Some).ok_or_else(broken)
    }

    async fn required(&self, collection: &CollectionName) -> Result<usize, Error> {
        let found = self.dimension(collection).await?;
        found.ok_or_else(|| vector::no_collection(self.name(), collection))
    }

    /// Writes chunks of a generation, which nobody sees yet.
    async fn write(&self, index: &str, generation: &str, entries: &[Entry]) -> Result<(), Error> {
        for entries in entries.chunks(AT_ONCE) {
            let mut lines = String::new();
            for entry in entries {
                let id = format!("{generation} {}", entry.chunk.id);
                let action = json!({ "index": { "_id": id } });
                for line in [action, source(generation, entry)] {
                    lines.push_str(&line.to_string());
                    lines.push('\n');
                }
            }
            let answer = self.transport.lines(&format!("/{index}/_bulk?refresh=true"), lines).await?;
            if answer["errors"] == json!(true) {
                let mut items = answer["items"].as_array().into_iter().flatten();
                let reason = items.find_map(|item| item["index"]["error"]["reason"].as_str());
                return Err(Error::new(self.name(), Why::Refused, reason.unwrap_or("a chunk was refused")));
            }
        }
        Ok(())
    }

    /// Removes a document's chunks of other generations.
    async fn clean(&self, index: &str, document: &str, generation: &str) -> Result<(), Error> {
        let of = json!([{ "term": { "kind": "chunk" } }, { "term": { "document": document } }]);
        let body = json!({ "query": { "bool": {
            "filter": of, "must_not": [{ "term": { "generation": generation } }],
        } } });
        let path = format!("/{index}/_delete_by_query?refresh=true&conflicts=proceed");
        self.transport.post(&path, &body).await.map(drop)
    }

    /// What the markers of some documents say, by document.
    async fn markers<'a>(
        &self,
        index: &str,
        documents: impl Iterator<Item = &'a str>,
    ) -> Result<HashMap<String, Marker>, Error> {
        let ids: Vec<String> = documents.map(marker_id).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let answer = self.transport.post(&format!("/{index}/_mget"), &json!({ "ids": ids })).await?;
        let found = answer["docs"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|document| document["found"] == json!(true));
        let markers = found.filter_map(|found| {
            let source = &found["_source"];
            let marker = Marker {
                generation: source["generation"].as_str()?.to_owned(),
                chunks: source["chunks"].as_u64()?,
            };
            Some((source["document"].as_str()?.to_owned(), marker))
        });
        Ok(markers.collect())
    }

    async fn find(&self, index: &str, query: &Value, limit: usize) -> Result<Vec<Value>, Error> {
        let body = json!({ "size": limit.min(MOST_FOUND), "_source": SHOWN, "query": query });
        let mut answer = self.transport.post(&format!("/{index}/_search"), &body).await?;
        match answer["hits"]["hits"].take() {
            Value::Array(hits) => Ok(hits),
            _ => Err(Error::new(self.name(), Why::Broken, "an answer without hits")),
        }
    }
}

/// What a hit shows of a chunk.
const SHOWN: [&str; 3] = ["document", "generation", "record"];

/// Which generation of a document counts, and how many chunks it has.
struct Marker {
    generation: String,
    chunks: u64,
}

#[async_trait]
impl VectorStore for OpenSearch {
    async fn ensure(&self, collection: &CollectionName, dimension: usize) -> Result<(), Error> {
        vector::check_dimension(dimension)?;
        let held = match self.dimension(collection).await? {
            Some(held) => held,
            None => match self.transport.put(&format!("/{}", collection.physical()), &index(dimension)).await
            {
                Ok(_) => dimension,
                // Somebody else made it in between; or this is why it cannot be made.
                Err(error) => self.dimension(collection).await?.ok_or(error)?,
            },
        };
        if held == dimension { Ok(()) } else { Err(vector::other_dimension(self.name(), held, dimension)) }
    }

    async fn replace(
        &self,
        collection: &CollectionName,
        document: &str,
        entries: Vec<Entry>,
    ) -> Result<(), Error> {
        let dimension = self.required(collection).await?;
        let entries = vector::check_entries(self.name(), document, entries, dimension)?;
        let (index, generation) = (collection.physical(), generation());
        self.write(&index, &generation, &entries).await?;
        let marker = format!("/{index}/_doc/{}?refresh=true", marker_id(document));
        if entries.is_empty() {
            self.transport.delete(&marker).await?;
        } else {
            let body = json!({
                "kind": "document", "document": document, "generation": generation, "chunks": entries.len(),
            });
            self.transport.put(&marker, &body).await?;
        }
        self.clean(&index, document, &generation).await
    }

    async fn delete(&self, collection: &CollectionName, document: &str) -> Result<u64, Error> {
        if self.dimension(collection).await?.is_none() {
            return Ok(0);
        }
        let index = collection.physical();
        let marker = self.markers(&index, [document].into_iter()).await?.remove(document);
        self.transport.delete(&format!("/{index}/_doc/{}?refresh=true", marker_id(document))).await?;
        self.clean(&index, document, "").await?;
        Ok(marker.map_or(0, |marker| marker.chunks))
    }

    async fn search(&self, collection: &CollectionName, query: &Query) -> Result<Vec<Hit>, Error> {
        if let Some(filter) = &query.filter {
            filter.check()?;
        }
        let dimension = self.required(collection).await?;
        let question =
            query.vector.as_deref().map(|vector| Unit::new(self.name(), vector, dimension)).transpose()?;
        let index = collection.physical();
        if query.limit == 0 {
            return Ok(Vec::new());
        }
        let by_text = async {
            match query.text.as_deref().map(first_words).filter(|text| !text.is_empty()) {
                Some(text) => self.find(&index, &words(&text, query.filter.as_ref()), query.limit).await,
                None => Ok(Vec::new()),
            }
        };
        let by_vector = async {
            match &question {
                Some(question) => {
                    let near = near(question.as_slice(), query.limit, query.filter.as_ref());
                    self.find(&index, &near, query.limit).await
                }
                None => Ok(Vec::new()),
            }
        };
        let (texts, vectors) = tokio::try_join!(by_text, by_vector)?;
        let documents: std::collections::BTreeSet<&str> =
            texts.iter().chain(&vectors).filter_map(|hit| hit["_source"]["document"].as_str()).collect();
        let markers = self.markers(&index, documents.into_iter()).await?;
        let mut found = Found::default();
        for (hit, score) in current(&texts, &markers) {
            found.by_text(id(hit), record(hit), score, None);
        }
        for (hit, score) in current(&vectors, &markers) {
            // Lucene's score for the cosine is (1 + cosine) / 2.
            found.by_vector(id(hit), record(hit), 2.0 * score - 1.0);
        }
        found.hits(self.name())
    }

    async fn count(&self, collection: &CollectionName) -> Result<Count, Error> {
        let body = json!({
            "size": 0, "track_total_hits": true, "query": { "term": { "kind": "document" } },
            "aggs": { "chunks": { "sum": { "field": "chunks" } } },
        });
        let answer = self.transport.post(&format!("/{}/_search", collection.physical()), &body).await;
        let answer = answer.map_err(|error| match error.why {
            Why::NoCollection => vector::no_collection(self.name(), collection),
            _ => error,
        })?;
        let chunks = answer["aggregations"]["chunks"]["value"].as_f64().unwrap_or_default();
        let documents = answer["hits"]["total"]["value"].as_u64().unwrap_or_default();
        Ok(Count { documents, chunks: whole(chunks) })
    }

    async fn drop(&self, collection: &CollectionName) -> Result<(), Error> {
        self.transport.delete(&format!("/{}", collection.physical())).await
    }
}

/// An index for embeddings of a length.
fn index(dimension: usize) -> Value {
    let keyword = json!({ "type": "keyword" });
    let nested = |value: &str| json!({ "type": "nested", "properties": { "name": { "type": "keyword" }, "value": { "type": value } } });
    json!({
        "settings": { "index": { "knn": true } },
        "mappings": { "dynamic": "strict", "properties": {
            "kind": keyword, "document": keyword, "generation": keyword,
            "chunks": { "type": "long" },
            "record": { "type": "keyword", "index": false, "doc_values": false },
            "words": { "type": "text", "analyzer": "english" },
            "names": keyword, "values": keyword, "numbers": nested("double"), "texts": nested("keyword"),
            "embedding": {
                "type": "knn_vector", "dimension": dimension,
                "method": {
                    "name": "hnsw", "engine": "lucene", "space_type": "cosinesimil",
                    "parameters": { "m": 16, "ef_construction": 128 },
                },
            },
        } },
    })
}

/// A chunk as a document of the index.
fn source(generation: &str, Entry { chunk, vector }: &Entry) -> Value {
    let mut source = json!({
        "kind": "chunk", "document": chunk.document_id, "generation": generation,
        "record": record_of(chunk), "words": apart(&format!("{}\n{}", chunk.heading_path(), chunk.text)),
        "embedding": vector,
    });
    conditions::add_fields(chunk, &mut source);
    source
}

fn record_of(chunk: &Chunk) -> String {
    // It has no map with keys that are no texts, the one thing that JSON does not take.
    serde_json::to_string(chunk).unwrap_or_default()
}

fn words(text: &str, filter: Option<&Filter>) -> Value {
    json!({ "bool": {
        "must": [{ "match": { "words": { "query": text } } }],
        "filter": [{ "term": { "kind": "chunk" } }, admitted(filter)],
    } })
}

fn near(question: &[f32], limit: usize, filter: Option<&Filter>) -> Value {
    let filter = json!({ "bool": { "filter": [{ "term": { "kind": "chunk" } }, admitted(filter)] } });
    json!({ "knn": { "embedding": { "vector": question, "k": limit.min(MOST_FOUND), "filter": filter } } })
}

fn admitted(filter: Option<&Filter>) -> Value {
    filter.map_or_else(|| json!({ "match_all": {} }), conditions::query)
}

/// Hits of the generations that count, with their scores.
fn current<'a>(
    hits: &'a [Value],
    markers: &'a HashMap<String, Marker>,
) -> impl Iterator<Item = (&'a Value, f32)> {
    hits.iter().filter_map(|hit| {
        let source = &hit["_source"];
        let marker = markers.get(source["document"].as_str()?)?;
        let counts = source["generation"].as_str()? == marker.generation;
        counts.then(|| (hit, narrow(hit["_score"].as_f64().unwrap_or_default())))
    })
}

fn id(hit: &Value) -> String {
    hit["_id"].as_str().unwrap_or_default().to_owned()
}

fn record(hit: &Value) -> String {
    hit["_source"]["record"].as_str().unwrap_or_default().to_owned()
}

fn first_words(text: &str) -> String {
    apart(text).split_whitespace().take(MOST_WORDS).collect::<Vec<_>>().join(" ")
}

/// Lucene takes `key:value` for one word, which nobody asks for.
fn apart(text: &str) -> String {
    text.replace(':', " ")
}

/// A document's id may be longer than OpenSearch takes, and hold what a URL does not.
fn marker_id(document: &str) -> String {
    format!("document-{}", crate::collection::fingerprint(document))
}

/// A name that no other write has: the time, to the nanosecond, and the process.
fn generation() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", now.as_nanos(), std::process::id())
}

#[expect(clippy::cast_possible_truncation, reason = "scores are compared, to a few digits")]
fn narrow(score: f64) -> f32 {
    score as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sum of counts is whole and above zero"
)]
fn whole(sum: f64) -> u64 {
    sum as u64
}

#[cfg(test)]
mod tests;
