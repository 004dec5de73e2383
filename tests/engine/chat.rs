//! Answers by SmolLM2-135M-Instruct: a quantized Llama in one GGUF file, tokenizer included.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use candle_core::quantized::gguf_file::Content;
use candle_core::quantized::tokenizer::TokenizerFromGguf as _;
use candle_core::{Device, Tensor};
use candle_transformers::generation::LogitsProcessor;
use candle_transformers::models::quantized_llama::ModelWeights;
use candle_transformers::utils::apply_repeat_penalty;
use serde::Deserialize;
use tokenizers::Tokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;

/// Tokens of prompt and answer together.
const CONTEXT: usize = 4096;

/// A model this small repeats itself without it.
const REPEAT_PENALTY: f32 = 1.1;
const REPEAT_WINDOW: usize = 64;

/// A message of a conversation.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Message {
    pub(crate) role: String,
    #[serde(default)]
    pub(crate) content: Option<Body>,
}

/// A message's content: text, or parts of which the texts count.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Body {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a message's content.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Part {
    #[serde(default)]
    text: String,
}

/// How an answer is to be made.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) messages: Vec<Message>,
    pub(crate) most_tokens: usize,
    pub(crate) temperature: f64,
    pub(crate) seed: u64,
    pub(crate) stop: Vec<String>,
}

/// Why an answer ended, and what it took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) reason: &'static str,
    pub(crate) prompt_tokens: usize,
    pub(crate) answer_tokens: usize,
}

/// The model with its tokenizer.
pub(crate) struct Chat {
    model: ModelWeights,
    tokenizer: Tokenizer,
    end: u32,
}

impl Chat {
    /// Loads a GGUF file.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let mut file = File::open(path).with_context(|| format!("could not open `{}`", path.display()))?;
        let content = Content::read(&mut file)?;
        let mut tokenizer = Tokenizer::from_gguf(&content)?;
        // As the model's authors cut texts: every digit by itself, no space put before the first word.
        let pieces = vec![Digits::new(true).into(), ByteLevel::new(false, true, true).into()];
        tokenizer.with_pre_tokenizer(Some(Sequence::new(pieces)));
        let end = tokenizer.token_to_id("<|im_end|>").context("the model has no `<|im_end|>`")?;
        Ok(Self { model: ModelWeights::from_gguf(content, &mut file, &Device::Cpu)?, tokenizer, end })
    }

    /// Makes an answer and hands out its pieces as they come, until `take` wants no more.
    pub(crate) fn answer(&mut self, asked: &Asked, mut take: impl FnMut(&str) -> bool) -> Result<End> {
        let prompt = self.tokenizer.encode(prompt(&asked.messages), false).map_err(|error| anyhow!(error))?;
        let mut tokens = prompt.get_ids().to_vec();
        let prompt_tokens = tokens.len();
        anyhow::ensure!(prompt_tokens < CONTEXT, "{prompt_tokens} tokens of prompt; {CONTEXT} are the most");
        let mut sampler =
            LogitsProcessor::new(asked.seed, (asked.temperature > 0.0).then_some(asked.temperature), None);
        self.model.clear_kv_cache();
        let (mut said, mut given, mut seen, mut reason) = (String::new(), 0, 0, "length");
        while tokens.len() < CONTEXT && tokens.len() - prompt_tokens < asked.most_tokens {
            let next = self.next(&tokens, seen, prompt_tokens, &mut sampler)?;
            seen = tokens.len();
            if next == self.end {
                reason = "stop";
                break;
            }
            tokens.push(next);
            said = self.tokenizer.decode(&tokens[prompt_tokens..], true).map_err(|error| anyhow!(error))?;
            if let Some(place) = asked.stop.iter().filter_map(|stop| said.find(stop.as_str())).min() {
                said.truncate(place);
                reason = "stop";
                break;
            }
            // A character may take several tokens; half of one is shown as a replacement.
            if !said.ends_with('\u{fffd}') && said.len() > given {
                let wanted = take(&said[given..]);
                given = said.len();
                if !wanted {
                    reason = "stop";
                    break;
                }
            }
        }
        if said.len() > given {
            take(&said[given..]);
        }
        Ok(End { reason, prompt_tokens, answer_tokens: tokens.len() - prompt_tokens })
    }

    /// The token after those that are there, of which the model has seen the first `seen`; the answer begins at `begin`.
    fn next(
        &mut self,
        tokens: &[u32],
        seen: usize,
        begin: usize,
        sampler: &mut LogitsProcessor,
    ) -> Result<u32> {
        let input = Tensor::new(&tokens[seen..], &Device::Cpu)?.unsqueeze(0)?;
        let scores = self.model.forward(&input, seen)?.squeeze(0)?;
        // The question's own words may be said again.
        let recent = &tokens[begin.max(tokens.len().saturating_sub(REPEAT_WINDOW))..];
        Ok(sampler.sample(&apply_repeat_penalty(&scores, REPEAT_PENALTY, recent)?)?)
    }
}

/// The conversation as the model was trained to read it (ChatML).
fn prompt(messages: &[Message]) -> String {
    let mut text = String::new();
    if messages.first().is_none_or(|first| first.role != "system") {
        text.push_str("<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n");
    }
    for Message { role, content } in messages {
        let content = match content {
            None => String::new(),
            Some(Body::Text(text)) => text.clone(),
            Some(Body::Parts(parts)) => parts.iter().map(|part| part.text.as_str()).collect(),
        };
        // A message must not end itself and speak for another.
        let content = content.replace("<|im_start|>", "").replace("<|im_end|>", "");
        text.push_str(&format!("<|im_start|>{role}\n{content}<|im_end|>\n"));
    }
    text + "<|im_start|>assistant\n"
}
