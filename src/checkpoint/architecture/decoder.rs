//! Models that continue a text: what each family of decoders has in a layer.

use super::fields::{COUNT, ConfigError, Fields, TOKENS, WIDTH, WORDS};
use super::{Architecture, Cache, Parameters, Precision};

/// What is different between families.
#[expect(clippy::struct_excessive_bools, reason = "a row of a table of what families have")]
#[derive(Clone, Copy)]
struct Family {
    /// Whether the output layer is the embedding, where the configuration says nothing.
    tied: bool,
    /// Whether the block's two layers have a third one beside them as a gate.
    gated: bool,
    /// Biases of queries, keys and values.
    query_bias: bool,
    /// Bias of the layer behind attention.
    output_bias: bool,
    /// Biases of the block behind attention.
    block_bias: bool,
    /// Bias of the output layer.
    head_bias: bool,
    /// Norms of a layer.
    norms: u64,
    /// Whether norms have a bias.
    norm_bias: bool,
    /// Whether queries and keys have norms of their own.
    head_norms: bool,
    /// Learned places; this many more than the configuration says.
    places: Option<u64>,
}

/// A family like Llama's: gated, without biases.
const GATED: Family = Family {
    tied: false,
    gated: true,
    query_bias: false,
    output_bias: false,
    block_bias: false,
    head_bias: false,
    norms: 2,
    norm_bias: false,
    head_norms: false,
    places: None,
};

/// A family like GPT's: biases everywhere.
const BIASED: Family = Family {
    tied: true,
    gated: false,
    query_bias: true,
    output_bias: true,
    block_bias: true,
    norm_bias: true,
    ..GATED
};

fn family(fields: Fields<'_>) -> Option<Family> {
    let flag = |name| fields.flag(name).unwrap_or(false);
    Some(match fields.model_type() {
        "llama" => Family {
            query_bias: flag("attention_bias"),
            output_bias: flag("attention_bias"),
            block_bias: flag("mlp_bias"),
            ..GATED
        },
        "mistral" | "mixtral" | "phi3" => GATED,
        "qwen2" | "qwen2_moe" => Family { query_bias: true, ..GATED },
        "qwen3" | "qwen3_moe" => Family { head_norms: true, ..GATED },
        "gemma" => Family { tied: true, ..GATED },
        "gemma2" => Family { tied: true, norms: 4, ..GATED },
        "gemma3_text" => Family { tied: true, norms: 4, head_norms: true, ..GATED },
        "gpt2" => Family { places: Some(0), ..BIASED },
        "opt" => Family { places: Some(2), ..BIASED },
        "gpt_neox" => Family { tied: false, ..BIASED },
        "phi" => Family { tied: false, norms: 1, head_bias: true, ..BIASED },
        "starcoder2" => BIASED,
        "falcon" => Family {
            query_bias: flag("bias"),
            output_bias: flag("bias"),
            block_bias: flag("bias"),
            norms: if flag("new_decoder_architecture") || fields.flag("parallel_attn") == Some(false) {
                2
            } else {
                1
            },
            ..BIASED
        },
        _ => return None,
    })
}

/// Sizes that every decoder has.
struct Sizes {
    layers: u64,
    hidden: u64,
    intermediate: u64,
    vocabulary: u64,
    heads: u64,
    key_value_heads: u64,
    width: u64,
}

pub(super) fn read(fields: Fields<'_>, precision: Precision) -> Result<Architecture, ConfigError> {
    let sizes = Sizes::read(fields)?;
    let context =
        fields.number(&["max_position_embeddings", "n_positions", "max_seq_len", "seq_length"], TOKENS)?;
    let parameters = match family(fields) {
        // Embeddings of another width have layers between them that are not counted here.
        Some(_)
            if fields.number(&["word_embed_proj_dim"], WIDTH)?.is_some_and(|width| width != sizes.hidden) =>
        {
            None
        }
        Some(family) => Some(sizes.parameters(family, fields, context)?),
        None => None,
    };
    Ok(Architecture {
        model_type: fields.model_type().to_owned(),
        parameters,
        cache: Cache::Heads {
            layers: sizes.layers,
            heads: sizes.key_value_heads,
            width: sizes.width,
            window: window(fields)?,
        },
        context: stretched(fields, context),
        heads: sizes.heads,
        hidden: sizes.hidden,
        intermediate: sizes.intermediate,
        vocabulary: sizes.vocabulary,
        precision,
        is_part: false,
    })
}

/// Tokens that every layer looks back at, where none looks back at everything.
fn window(fields: Fields<'_>) -> Result<Option<u64>, ConfigError> {
    let is_mixed = match fields.model_type() {
        "mistral" | "mixtral" | "phi3" | "starcoder2" => false,
        // Every layer below `max_window_layers` looks back at everything.
        "qwen2" | "qwen2_moe" | "qwen3" | "qwen3_moe" => return Ok(None),
        _ => true,
    };
    if is_mixed || fields.list("layer_types").any(|kind| kind == "full_attention") {
        return Ok(None);
    }
    fields.number(&["sliding_window"], TOKENS)
}

/// The context with what a scaling of rotary embeddings adds, where the configuration counts from the original one.
fn stretched(fields: Fields<'_>, context: Option<u64>) -> Option<u64> {
    let Some(scaling) = fields.object("rope_scaling") else { return context };
    let kind = scaling.text("rope_type").or_else(|| scaling.text("type"));
    let original = scaling.number(&["original_max_position_embeddings"], TOKENS).ok().flatten();
    match (kind, original, scaling.thousandths("factor")) {
        (Some("yarn"), Some(original), Some(factor)) => context.max(Some(original * factor / 1000)),
        _ => None,
    }
    .or(context)
}

impl Sizes {
    fn read(fields: Fields<'_>) -> Result<Self, ConfigError> {
        let hidden = fields.need(&["hidden_size", "n_embd", "d_model"], WIDTH)?;
        let heads = fields.need(&["num_attention_heads", "n_head", "n_heads"], COUNT)?;
        let width = fields.number(&["head_dim"], WIDTH)?.unwrap_or((hidden / heads).max(1));
        let intermediate =
            fields.number(&["intermediate_size", "ffn_dim", "n_inner", "ffn_hidden_size"], WIDTH)?;
        Ok(Self {
            layers: fields.need(&["num_hidden_layers", "n_layer", "n_layers"], COUNT)?,
            hidden,
            // GPT-2 and Falcon leave it out where it is four times the width.
            intermediate: intermediate.unwrap_or(4 * hidden),
            vocabulary: fields.need(&["vocab_size"], WORDS)?,
            heads,
            key_value_heads: key_value_heads(fields)?.unwrap_or(heads),
            width,
        })
    }

    fn parameters(
        &self,
        family: Family,
        fields: Fields<'_>,
        context: Option<u64>,
    ) -> Result<Parameters, ConfigError> {
        let Self { layers, hidden, vocabulary, heads, key_value_heads, width, .. } = *self;
        let norm = if family.norm_bias { 2 } else { 1 };
        let (queries, keys) = (heads * width, 2 * key_value_heads * width);
        let mut layer = Parameters {
            linear: hidden * (queries + keys) + queries * hidden,
            other: family.norms * norm * hidden,
        };
        layer.other += if family.query_bias { queries + keys } else { 0 };
        layer.other += if family.output_bias { hidden } else { 0 };
        layer.other += if family.head_norms { 2 * width } else { 0 };
        let blocks = self.blocks(family, fields)?;
        let is_tied = fields.flag("tie_word_embeddings").unwrap_or(family.tied);
        let outer = vocabulary * hidden * if is_tied { 1 } else { 2 }
            + if family.head_bias { vocabulary } else { 0 }
            + family.places.zip(context).map_or(0, |(more, context)| (context + more) * hidden)
            + norm * hidden;
        Ok(Parameters {
            linear: layers * layer.linear + blocks.linear,
            other: layers * layer.other + blocks.other + outer,
        })
    }

    /// The blocks behind attention of all layers: one in each, or experts with their router.
    fn blocks(&self, family: Family, fields: Fields<'_>) -> Result<Parameters, ConfigError> {
        let layers = if family.gated { 3 } else { 2 };
        let linear = |intermediate: u64| layers * self.hidden * intermediate;
        let experts = fields.number(&["num_local_experts", "num_experts", "n_routed_experts"], COUNT)?;
        let Some(experts) = experts.filter(|experts| *experts > 0) else {
            let bias = if family.block_bias { self.intermediate + self.hidden } else { 0 };
            return Ok(Parameters {
                linear: self.layers * linear(self.intermediate),
                other: self.layers * bias,
            });
        };
        let own = fields.number(&["moe_intermediate_size"], WIDTH)?.unwrap_or(self.intermediate);
        let shared = fields.number(&["shared_expert_intermediate_size"], WIDTH)?;
        // The shared expert has a gate of its own.
        let gate = if shared.is_some() { self.hidden } else { 0 };
        Ok(Parameters {
            linear: self.layers * (experts * linear(own) + shared.map_or(0, linear)),
            other: self.layers * (experts * self.hidden + gate),
        })
    }
}

/// Key-value heads, where they are fewer than heads.
fn key_value_heads(fields: Fields<'_>) -> Result<Option<u64>, ConfigError> {
    let is_falcon = fields.model_type() == "falcon";
    if is_falcon && fields.flag("new_decoder_architecture") != Some(true) {
        // `num_kv_heads` is of the newer form only.
        return Ok((fields.flag("multi_query") != Some(false)).then_some(1));
    }
    fields.number(&["num_key_value_heads", "num_kv_heads", "n_head_kv"], COUNT)
}
