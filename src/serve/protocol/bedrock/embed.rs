//! Bedrock's embeddings: OpenAI's request as the requests of Titan and Cohere, and their answers as one of OpenAI's.
//! Source: Amazon Bedrock's user guide, "Amazon Titan Embeddings" and "Cohere Embed".

use base64::Engine as _;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::Failure;
use crate::protocol::text::Text;

/// Texts that Cohere takes at once.
const COHERE_TEXTS: usize = 96;

/// OpenAI's request for embeddings.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// What is embedded.
    pub input: Text<String>,
    /// How many numbers a vector has.
    #[serde(default)]
    pub dimensions: Option<u64>,
    /// `float`, or `base64` as OpenAI's clients ask for.
    #[serde(default)]
    pub encoding_format: Option<String>,
    /// Cohere's word for what the text is: `search_document`, `search_query`.
    #[serde(default)]
    pub input_type: Option<String>,
}

/// Vectors, and the tokens that they took where that is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vectors {
    /// A vector for each text.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens of all texts.
    pub tokens: u64,
}

impl Request {
    /// Reads a body. Texts that are cut into tokens already are of no use to a model with other tokens.
    pub fn read(body: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(body).map_err(|error| {
            let message = format!("the body is no request for embeddings of texts: {error}");
            Failure::new(StatusCode::BAD_REQUEST, "invalid_body", message)
        })
    }

    /// The texts.
    pub fn texts(&self) -> Vec<&str> {
        match &self.input {
            Text::One(text) => vec![text],
            Text::Many(texts) => texts.iter().map(String::as_str).collect(),
        }
    }

    /// The bodies that ask `model` for the vectors of all texts, in their order.
    pub fn bodies(&self, model: &str) -> Result<Vec<Value>, Failure> {
        let texts = self.texts();
        if texts.is_empty() {
            return Err(Failure::untranslatable("`input` is empty"));
        }
        if model.contains("cohere.embed") {
            let kind = self.input_type.as_deref().unwrap_or("search_document");
            return Ok(texts.chunks(COHERE_TEXTS).map(|texts| self.cohere(model, texts, kind)).collect());
        }
        if !model.contains("titan-embed") {
            let why =
                format!("`{model}` is none of the models whose embeddings are known: Titan's and Cohere's");
            return Err(Failure::untranslatable(why));
        }
        Ok(texts.into_iter().map(|text| self.titan(model, text)).collect())
    }

    fn cohere(&self, model: &str, texts: &[&str], kind: &str) -> Value {
        let mut body = json!({ "texts": texts, "input_type": kind });
        if model.contains("embed-v4") {
            body["embedding_types"] = json!(["float"]);
            if let Some(dimensions) = self.dimensions {
                body["output_dimension"] = json!(dimensions);
            }
        }
        body
    }

    fn titan(&self, model: &str, text: &str) -> Value {
        let mut body = json!({ "inputText": text });
        if let Some(dimensions) = self.dimensions {
            if model.contains("titan-embed-image") {
                body["embeddingConfig"] = json!({ "outputEmbeddingLength": dimensions });
            } else if !model.contains("titan-embed-text-v1") && !model.contains("titan-embed-g1") {
                body["dimensions"] = json!(dimensions);
            }
        }
        body
    }

    /// OpenAI's answer.
    pub fn answer(&self, model: &str, found: &Vectors) -> Vec<u8> {
        let is_base64 = self.encoding_format.as_deref() == Some("base64");
        let encoded = |vector: &Vec<f32>| {
            if is_base64 {
                let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                json!(base64::engine::general_purpose::STANDARD.encode(bytes))
            } else {
                json!(vector)
            }
        };
        let data: Vec<Value> = found
            .vectors
            .iter()
            .enumerate()
            .map(|(index, vector)| {
                json!({ "object": "embedding", "index": index, "embedding": encoded(vector) })
            })
            .collect();
        let usage = json!({ "prompt_tokens": found.tokens, "total_tokens": found.tokens });
        let answer = json!({ "object": "list", "data": data, "model": model, "usage": usage });
        serde_json::to_vec(&answer).unwrap_or_default()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Titan {
    embedding: Vec<f32>,
    #[serde(default)]
    input_text_token_count: u64,
}

#[derive(Deserialize)]
struct Cohere {
    embeddings: Typed,
}

/// With a list of types in the request, vectors stand under their type.
#[derive(Deserialize)]
#[serde(untagged)]
enum Typed {
    Plain(Vec<Vec<f32>>),
    Under { float: Vec<Vec<f32>> },
}

/// The vectors of one answer; `tokens` is what a header counts.
pub fn vectors(body: &[u8], tokens: Option<u64>) -> Result<Vectors, Failure> {
    if let Ok(Titan { embedding, input_text_token_count }) = serde_json::from_slice(body) {
        let tokens = tokens.unwrap_or(input_text_token_count);
        return Ok(Vectors { vectors: vec![embedding], tokens });
    }
    let garbled = |_| Failure::garbled("the model's answer holds no embeddings that are known");
    let Cohere { embeddings } = serde_json::from_slice(body).map_err(garbled)?;
    let (Typed::Plain(vectors) | Typed::Under { float: vectors }) = embeddings;
    Ok(Vectors { vectors, tokens: tokens.unwrap_or_default() })
}
