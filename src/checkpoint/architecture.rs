//! What a model is made of, as its `config.json` in the form of Hugging Face's `transformers` says.

mod decoder;
mod encoder;
mod fields;
mod latent;
mod precision;

use serde::Serialize;
use serde_json::Value;

pub use fields::ConfigError;
pub use precision::{Dtype, Precision, Quantization};

use crate::safetensors::Stored;
use fields::Fields;

/// What a model is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// `model_type`, such as `llama`; of a model of text and images, that of its language model.
    pub model_type: String,
    /// How many parameters there are; none where the architecture is not one that is counted here.
    pub parameters: Option<Parameters>,
    /// What is kept of each token.
    pub cache: Cache,
    /// Tokens of a sequence at most, where the model has a limit.
    pub context: Option<u64>,
    /// Attention heads: they are dealt out to the accelerators evenly.
    pub heads: u64,
    /// Width of a token on its way through the layers.
    pub hidden: u64,
    /// Width inside a layer, of one token.
    pub intermediate: u64,
    /// Words.
    pub vocabulary: u64,
    /// In which numbers parameters are kept.
    pub precision: Precision,
    /// Whether this is the language model of one that sees or hears too.
    pub is_part: bool,
}

/// Parameters by whether quantization changes their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parameters {
    /// Of the linear layers inside of the blocks.
    pub linear: u64,
    /// Embeddings, the output layer, norms, biases, routers.
    pub other: u64,
}

impl Parameters {
    /// All of them.
    pub const fn total(self) -> u64 {
        self.linear + self.other
    }
}

/// What is kept of each token of a sequence while it is continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// Nothing: the model reads a text once.
    None,
    /// A key and a value for each key-value head of each layer.
    Heads {
        /// Layers.
        layers: u64,
        /// Key-value heads of a layer: dealt out to the accelerators, or copied where there are fewer of them.
        heads: u64,
        /// Numbers of a head.
        width: u64,
        /// Tokens that all layers look back at, where they do not look back at everything.
        window: Option<u64>,
    },
    /// One compressed vector for each layer (multi-head latent attention); every accelerator keeps a copy. vLLM does so from
    /// 0.7.1 on; before, it keeps keys and values of every head.
    Latent {
        /// Layers.
        layers: u64,
        /// Numbers of the vector.
        width: u64,
    },
}

impl Cache {
    /// Numbers that one token takes on each of so many accelerators.
    pub fn numbers_per_token(self, accelerators: u64) -> u64 {
        match self {
            Self::None => 0,
            Self::Heads { layers, heads, width, .. } => 2 * layers * heads.div_ceil(accelerators) * width,
            Self::Latent { layers, width } => layers * width,
        }
    }

    /// Whether engines can spread it over so many accelerators: each gets as many key-value heads as every other; where there
    /// are fewer heads, each of them has as many copies as every other.
    pub fn deals(self, accelerators: u64) -> bool {
        match self {
            Self::Heads { heads, .. } => {
                heads.is_multiple_of(accelerators) || accelerators.is_multiple_of(heads)
            }
            Self::None | Self::Latent { .. } => true,
        }
    }

    /// Tokens of a sequence of `context` tokens that are kept at once.
    pub fn kept(self, context: u64) -> u64 {
        match self {
            Self::None => 0,
            Self::Heads { window: Some(window), .. } => context.min(window),
            Self::Heads { .. } | Self::Latent { .. } => context,
        }
    }
}

impl Architecture {
    /// As it is where the configuration says nothing of the numbers, and the heads of the files do.
    #[must_use]
    pub fn kept_as(mut self, stored: Option<&Stored>) -> Self {
        if let Some(dtype) = stored.and_then(Stored::dtype).filter(|_| !self.precision.is_named) {
            self.precision.dtype = dtype;
        }
        self
    }

    /// Reads a `config.json`.
    ///
    /// An architecture that is not known is read as far as names that most have go, with no parameters counted.
    ///
    /// # Errors
    ///
    /// It is no object, or says nothing of the model's size.
    pub fn read(config: &Value) -> Result<Self, ConfigError> {
        let whole = Fields::of(config)?;
        let nested = ["text_config", "llm_config", "language_config"];
        let part = nested.iter().find_map(|name| whole.object(name));
        let fields = part.unwrap_or(whole);
        let precision = Precision::read(whole, fields)?;
        let mut read = match fields.model_type() {
            "bert" | "camembert" | "distilbert" | "mpnet" | "roberta" | "xlm-roberta" => {
                encoder::read(fields, precision)
            }
            "deepseek_v2" | "deepseek_v3" => latent::read(fields, precision),
            _ => decoder::read(fields, precision),
        }?;
        read.is_part = part.is_some();
        Ok(read)
    }
}
