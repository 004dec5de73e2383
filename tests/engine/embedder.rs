//! Sentence embeddings by MiniLM: a BERT whose token vectors are averaged and brought to length one.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, DTYPE};
use tokenizers::{Tokenizer, TruncationParams};

/// Word pieces that the model was trained to take; the rest of a text is left out, as its authors' library does.
const LONGEST: usize = 256;

/// The model with its tokenizer.
pub(crate) struct Embedder {
    model: BertModel,
    tokenizer: Tokenizer,
}

/// An embedding, and how many word pieces it was made of.
pub(crate) struct Embedding {
    pub(crate) vector: Vec<f32>,
    pub(crate) tokens: usize,
}

impl Embedder {
    /// Loads `config.json`, `tokenizer.json` and `model.safetensors` of a folder.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).with_context(|| format!("could not read `{}`", path.display()))
        };
        let config: Config = serde_json::from_slice(&read("config.json")?)?;
        let weights = VarBuilder::from_buffered_safetensors(read("model.safetensors")?, DTYPE, &Device::Cpu)?;
        let mut tokenizer = Tokenizer::from_bytes(read("tokenizer.json")?).map_err(|error| anyhow!(error))?;
        let truncation = TruncationParams { max_length: LONGEST, ..TruncationParams::default() };
        tokenizer.with_padding(None).with_truncation(Some(truncation)).map_err(|error| anyhow!(error))?;
        Ok(Self { model: BertModel::load(weights, &config)?, tokenizer })
    }

    /// Embeds one text. Each is done by itself: what stands beside it in a request changes no digit.
    pub(crate) fn embed(&self, text: &str) -> Result<Embedding> {
        let pieces = self.tokenizer.encode(text, true).map_err(|error| anyhow!(error))?;
        let ids = Tensor::new(pieces.get_ids(), &Device::Cpu)?.unsqueeze(0)?;
        let tokens = self.model.forward(&ids, &ids.zeros_like()?, None)?;
        let mean = tokens.mean(1)?.squeeze(0)?;
        let length = mean.sqr()?.sum_all()?.sqrt()?;
        Ok(Embedding { vector: mean.broadcast_div(&length)?.to_vec1()?, tokens: pieces.len() })
    }
}
