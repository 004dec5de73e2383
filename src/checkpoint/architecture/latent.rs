//! DeepSeek's decoders: keys and values of all heads in one compressed vector (multi-head latent attention), and experts.

use super::fields::{COUNT, ConfigError, Fields, TOKENS, WIDTH, WORDS};
use super::{Architecture, Cache, Parameters, Precision};

pub(super) fn read(fields: Fields<'_>, precision: Precision) -> Result<Architecture, ConfigError> {
    let width = |name| fields.need(&[name], WIDTH);
    let count = |name| fields.need(&[name], COUNT);
    let (hidden, layers, heads) =
        (width("hidden_size")?, count("num_hidden_layers")?, count("num_attention_heads")?);
    let intermediate = width("intermediate_size")?;
    let vocabulary = fields.need(&["vocab_size"], WORDS)?;
    let (compressed, rotary) = (width("kv_lora_rank")?, width("qk_rope_head_dim")?);
    let attention = attention(fields, hidden, heads)?;
    let blocks = blocks(fields, hidden, layers, intermediate)?;
    let is_tied = fields.flag("tie_word_embeddings").unwrap_or(false);
    let outer = vocabulary * hidden * if is_tied { 1 } else { 2 } + hidden;
    let parameters = Parameters {
        linear: layers * attention.linear + blocks.linear,
        other: layers * (attention.other + 2 * hidden) + blocks.other + outer,
    };
    Ok(Architecture {
        model_type: fields.model_type().to_owned(),
        parameters: Some(parameters),
        cache: Cache::Latent { layers, width: compressed + rotary },
        context: fields.number(&["max_position_embeddings"], TOKENS)?,
        heads,
        hidden,
        intermediate,
        vocabulary,
        precision,
        is_part: false,
    })
}

/// One layer's attention.
fn attention(fields: Fields<'_>, hidden: u64, heads: u64) -> Result<Parameters, ConfigError> {
    let width = |name| fields.need(&[name], WIDTH);
    let (compressed, rotary) = (width("kv_lora_rank")?, width("qk_rope_head_dim")?);
    let (plain, values) = (width("qk_nope_head_dim")?, width("v_head_dim")?);
    let queries = heads * (plain + rotary);
    let (query, query_norm) = match fields.number(&["q_lora_rank"], WIDTH)? {
        Some(rank) => (hidden * rank + rank * queries, rank),
        None => (hidden * queries, 0),
    };
    let keys = hidden * (compressed + rotary) + compressed * heads * (plain + values);
    Ok(Parameters { linear: query + keys + heads * values * hidden, other: query_norm + compressed })
}

/// The blocks behind attention: dense ones in the first layers, then experts.
fn blocks(
    fields: Fields<'_>,
    hidden: u64,
    layers: u64,
    intermediate: u64,
) -> Result<Parameters, ConfigError> {
    let experts = fields.need(&["n_routed_experts"], COUNT)?;
    let own = fields.need(&["moe_intermediate_size"], WIDTH)?;
    let shared = fields.number(&["n_shared_experts"], COUNT)?.unwrap_or(0);
    let dense = fields.number(&["first_k_dense_replace"], COUNT)?.unwrap_or(0).min(layers);
    let routers = hidden * experts
        // DeepSeek V3 balances its experts by a bias of each.
        + if fields.text("topk_method") == Some("noaux_tc") { experts } else { 0 };
    let sparse = layers - dense;
    Ok(Parameters {
        linear: dense * 3 * hidden * intermediate + sparse * (experts + shared) * 3 * hidden * own,
        other: sparse * routers,
    })
}
