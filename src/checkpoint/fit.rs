//! The memory that a model needs on accelerators, and the instance types that have it.
//!
//! An estimate: what an engine takes beside weights and cache depends on its version. [`RUNTIME`], [`BATCH`] and
//! [`ANSWERS`] say what is assumed; they come out a little above what vLLM 0.6 was seen to take.

use lisa_names::InstanceType;
use lisa_names::instance::InstanceFacts;
use serde::Serialize;

use crate::architecture::{Architecture, Cache, Dtype};
use crate::safetensors::Stored;

/// Bytes of a GB: the memory of accelerators is sold in GiB, and what drivers report is close to as many GB.
const GB: u64 = 1_000_000_000;

/// What an engine itself, its libraries and its recorded graphs take of each accelerator.
const RUNTIME: u64 = GB;

/// Tokens that go through the layers in one step.
const BATCH: u64 = 8192;

/// Sequences whose next words are weighed in one step.
const ANSWERS: u64 = 256;

/// The accelerator of the table that is of compute capability 7.5; `bfloat16` comes with 8.0.
const WITHOUT_BFLOAT16: &str = "NVIDIA T4";

/// Bytes of a number in the cache, unless it is one of 8 bits.
const CACHED: u64 = 2;

/// What is asked of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Tokens of a sequence; none for as many as the model can have.
    pub context: Option<u64>,
    /// Sequences of that length at once.
    pub sequences: u64,
    /// Whether the cache is kept in numbers of 8 bits.
    pub small_cache: bool,
    /// Percent of an accelerator's memory that the engine may take.
    pub utilization: u64,
}

impl Default for Demand {
    fn default() -> Self {
        Self { context: None, sequences: 1, small_cache: false, utilization: 90 }
    }
}

/// Bytes that a model takes, apart from any host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Size {
    /// Of the weights, as an engine loads them.
    pub weights: u64,
    /// Of the cache, for each token, all accelerators together.
    pub cache_per_token: u64,
    /// Of the cache, for each sequence of the demanded length.
    pub cache_per_sequence: u64,
    /// Tokens of a sequence, as demanded or as many as the model can have.
    pub context: u64,
}

/// Why there is no estimate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// Neither the configuration nor files tell how large the weights are.
    #[error(
        "how many parameters a model of the type `{0}` has is not known here, and there are no files of weights to measure"
    )]
    Weights(String),
    /// Nothing tells how long a sequence may be.
    #[error("`config.json` does not say how many tokens a sequence may have")]
    Context,
    /// The model cannot read so many tokens.
    #[error("{asked} tokens of context are more than the model's {most}")]
    Long {
        /// What was asked for.
        asked: u64,
        /// What the model can have.
        most: u64,
    },
}

/// How a model and an instance type go together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Host {
    /// Such as `g5.xlarge`.
    pub instance_type: &'static str,
    /// Accelerators; the model is spread over all of them.
    pub gpus: u32,
    /// What they are.
    pub gpu_name: &'static str,
    /// Memory of each, in GB.
    pub gpu_memory: u32,
    /// Whether the engine has to be told to load `float16`: the accelerators know no `bfloat16`, which the model is in.
    pub needs_float16: bool,
    /// Whether it holds the model.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Whether a host holds a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Verdict {
    /// It does, with as many sequences of the demanded length at once.
    Holds {
        /// Sequences of the demanded length; none where the model keeps nothing of a sequence.
        sequences: Option<u64>,
    },
    /// Its weights, and sequences that are shorter than demanded.
    Short {
        /// Tokens of each of the demanded sequences at most.
        context: u64,
    },
    /// Not even its weights.
    TooSmall {
        /// Bytes that each accelerator would have to give.
        needed: u64,
        /// Bytes that it gives.
        given: u64,
    },
    /// Its heads cannot be dealt out to so many accelerators.
    Uneven {
        /// How many there are.
        heads: u64,
        /// `attention` or `key-value`.
        of: &'static str,
    },
}

/// The bytes that a model takes. `files` are those of its weights, where they are known.
pub fn size(model: &Architecture, files: Option<&Stored>, demand: &Demand) -> Result<Size, FitError> {
    let counted = model.parameters.map(|parameters| model.precision.bytes(parameters));
    let measured = || files.map(|files| files.loaded(&model.precision));
    let weights = counted.or_else(measured).ok_or_else(|| FitError::Weights(model.model_type.clone()))?;
    let context = match (demand.context, model.context) {
        (Some(asked), Some(most)) if asked > most => return Err(FitError::Long { asked, most }),
        (asked, most) => asked.or(most).ok_or(FitError::Context)?,
    };
    let cache_per_token = model.cache.numbers_per_token(1) * bytes_cached(demand);
    let cache_per_sequence = cache_per_token.saturating_mul(model.cache.kept(context));
    Ok(Size { weights, cache_per_token, cache_per_sequence, context })
}

const fn bytes_cached(demand: &Demand) -> u64 {
    if demand.small_cache { 1 } else { CACHED }
}

/// How the model goes together with every instance type that has accelerators, the smallest first.
pub fn hosts(model: &Architecture, size: &Size, demand: &Demand) -> Vec<Host> {
    let mut known: Vec<_> = InstanceType::known().iter().filter(|facts| facts.gpus > 0).collect();
    known.sort_by_key(|facts| (facts.total_gpu_memory_gib(), facts.gpus, facts.memory_mb, facts.name));
    known.into_iter().filter_map(|facts| host(model, size, demand, facts)).collect()
}

/// How the model goes together with one instance type; none where that has no accelerators.
pub fn host(
    model: &Architecture,
    size: &Size,
    demand: &Demand,
    facts: &'static InstanceFacts,
) -> Option<Host> {
    let (gpu_name, gpu_memory) = (facts.gpu_name?, facts.gpu_memory_gib?);
    let verdict = verdict(model, size, demand, u64::from(facts.gpus), u64::from(gpu_memory) * GB);
    let needs_float16 = model.precision.dtype == Dtype::Bfloat16 && gpu_name == WITHOUT_BFLOAT16;
    Some(Host { instance_type: facts.name, gpus: facts.gpus, gpu_name, gpu_memory, needs_float16, verdict })
}

fn verdict(model: &Architecture, size: &Size, demand: &Demand, gpus: u64, memory: u64) -> Verdict {
    if !model.heads.is_multiple_of(gpus) {
        return Verdict::Uneven { heads: model.heads, of: "attention" };
    }
    if let (Cache::Heads { heads, .. }, false) = (model.cache, model.cache.deals(gpus)) {
        return Verdict::Uneven { heads, of: "key-value" };
    }
    let given = memory / 100 * demand.utilization;
    let needed = size.weights.div_ceil(gpus) + RUNTIME + activations(model, gpus);
    let Some(left) = given.checked_sub(needed) else { return Verdict::TooSmall { needed, given } };
    let token = model.cache.numbers_per_token(gpus) * bytes_cached(demand);
    if token == 0 {
        return Verdict::Holds { sequences: None };
    }
    let tokens = left / token;
    let kept = model.cache.kept(size.context).max(1);
    match tokens / kept {
        sequences if sequences >= demand.sequences => Verdict::Holds { sequences: Some(sequences) },
        _ => short(tokens / demand.sequences.max(1), needed + token, given),
    }
}

/// Sequences of less than one token are none.
fn short(context: u64, needed: u64, given: u64) -> Verdict {
    if context == 0 { Verdict::TooSmall { needed, given } } else { Verdict::Short { context } }
}

/// Bytes that one step through the layers takes on each accelerator.
fn activations(model: &Architecture, gpus: u64) -> u64 {
    let layer = BATCH * (4 * model.hidden + 2 * model.intermediate.div_ceil(gpus)) * 2;
    let words = if model.cache == Cache::None { 0 } else { ANSWERS * model.vocabulary * 8 };
    layer + words
}
