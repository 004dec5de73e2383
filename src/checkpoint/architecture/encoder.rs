//! Models that read a text once and give it a vector: BERT and its kin.

use super::fields::{COUNT, ConfigError, Fields, TOKENS, WIDTH, WORDS};
use super::{Architecture, Cache, Parameters, Precision};

pub(super) fn read(fields: Fields<'_>, precision: Precision) -> Result<Architecture, ConfigError> {
    let model_type = fields.model_type();
    let hidden = fields.need(&["hidden_size", "dim"], WIDTH)?;
    let intermediate = fields.need(&["intermediate_size", "hidden_dim"], WIDTH)?;
    let layers = fields.need(&["num_hidden_layers", "n_layers"], COUNT)?;
    let heads = fields.need(&["num_attention_heads", "n_heads"], COUNT)?;
    let vocabulary = fields.need(&["vocab_size"], WORDS)?;
    let places = fields.need(&["max_position_embeddings"], TOKENS.min(WORDS))?;
    let kinds = match model_type {
        "distilbert" | "mpnet" => 0,
        _ => fields.number(&["type_vocab_size"], COUNT)?.unwrap_or(2),
    };
    let norm = 2 * hidden;
    let embeddings = (vocabulary + places + kinds) * hidden + norm;
    // The vector of the first word goes through one more layer.
    let pooler = if model_type == "distilbert" { 0 } else { hidden * hidden + hidden };
    // Words of MPNet are weighted by how far they are from each other, in so many steps.
    let distances = if model_type == "mpnet" { 32 * heads } else { 0 };
    let linear = layers * (4 * hidden * hidden + 2 * hidden * intermediate);
    let biases = layers * (4 * hidden + intermediate + hidden + 2 * norm);
    // Places 0 and 1 of RoBERTa's kin are never taken: 1 is that of padding.
    let unused = if matches!(model_type, "camembert" | "mpnet" | "roberta" | "xlm-roberta") { 2 } else { 0 };
    Ok(Architecture {
        model_type: model_type.to_owned(),
        parameters: Some(Parameters { linear, other: embeddings + biases + pooler + distances }),
        cache: Cache::None,
        context: Some(places.saturating_sub(unused)),
        heads,
        hidden,
        intermediate,
        vocabulary,
        precision,
        is_part: false,
    })
}
