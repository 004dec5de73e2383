//! Parameters and caches of published models. The numbers of parameters are those that the Hugging Face Hub counts in each
//! model's safetensors (`safetensors.total` of `https://huggingface.co/api/models/<id>`), or that its paper names where it
//! says so here; the configurations are those files' own fields.

use serde_json::{Value, json};

use crate::Architecture;
use crate::architecture::{Cache, Dtype};

pub(super) fn read(config: &Value) -> Architecture {
    Architecture::read(config).unwrap()
}

fn counted(config: &Value) -> u64 {
    read(config).parameters.unwrap().total()
}

/// The fields that all of Llama's kin have.
pub(super) fn decoder(model_type: &str, sizes: [u64; 6], more: &Value) -> Value {
    let [hidden, intermediate, layers, heads, key_value_heads, vocabulary] = sizes;
    let mut config = json!({
        "model_type": model_type,
        "hidden_size": hidden,
        "intermediate_size": intermediate,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_value_heads,
        "vocab_size": vocabulary,
        "tie_word_embeddings": false,
        "torch_dtype": "bfloat16",
        "max_position_embeddings": 32768,
    });
    for (name, value) in more.as_object().unwrap() {
        config[name] = value.clone();
    }
    config
}

pub(super) fn mistral_7b() -> Value {
    let more = json!({ "sliding_window": 4096, "rope_theta": 10000.0 });
    decoder("mistral", [4096, 14336, 32, 32, 8, 32000], &more)
}

pub(super) fn llama_8b() -> Value {
    decoder("llama", [4096, 14336, 32, 32, 8, 128_256], &llama_more())
}

pub(super) fn llama_70b() -> Value {
    decoder("llama", [8192, 28672, 80, 64, 8, 128_256], &llama_more())
}

fn llama_more() -> Value {
    json!({
        "attention_bias": false,
        "mlp_bias": false,
        "max_position_embeddings": 131_072,
        "rope_scaling": {
            "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192, "rope_type": "llama3",
        },
    })
}

pub(super) fn mixtral() -> Value {
    let more = json!({ "num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": null });
    decoder("mixtral", [4096, 14336, 32, 32, 8, 32000], &more)
}

pub(super) fn e5_large() -> Value {
    json!({
        "model_type": "bert",
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
        "vocab_size": 30522,
        "torch_dtype": "float32",
    })
}

pub(super) fn deepseek_v2_lite() -> Value {
    json!({
        "model_type": "deepseek_v2",
        "hidden_size": 2048,
        "intermediate_size": 10944,
        "moe_intermediate_size": 1408,
        "num_hidden_layers": 27,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
        "vocab_size": 102_400,
        "q_lora_rank": null,
        "kv_lora_rank": 512,
        "qk_rope_head_dim": 64,
        "qk_nope_head_dim": 128,
        "v_head_dim": 128,
        "n_routed_experts": 64,
        "n_shared_experts": 2,
        "first_k_dense_replace": 1,
        "max_position_embeddings": 163_840,
        "torch_dtype": "bfloat16",
    })
}

#[test]
fn gated_decoders() {
    let tied = json!({ "tie_word_embeddings": true });
    let models = [
        ("mistralai/Mistral-7B-v0.1", mistral_7b(), 7_241_732_096),
        ("meta-llama/Llama-3.1-8B", llama_8b(), 8_030_261_248),
        ("meta-llama/Llama-3.1-70B", llama_70b(), 70_553_706_496),
        (
            "meta-llama/Llama-2-7b-hf",
            decoder("llama", [4096, 11008, 32, 32, 32, 32000], &json!({})),
            6_738_415_616,
        ),
        ("HuggingFaceTB/SmolLM2-135M", decoder("llama", [576, 1536, 30, 9, 3, 49152], &tied), 134_515_008),
        ("Qwen/Qwen2.5-0.5B", decoder("qwen2", [896, 4864, 24, 14, 2, 151_936], &tied), 494_032_768),
        ("Qwen/Qwen2.5-7B", decoder("qwen2", [3584, 18944, 28, 28, 4, 152_064], &json!({})), 7_615_616_512),
        ("Qwen/Qwen2.5-72B", decoder("qwen2", [8192, 29568, 80, 64, 8, 152_064], &json!({})), 72_706_203_648),
        (
            "Qwen/Qwen3-8B",
            decoder("qwen3", [4096, 12288, 36, 32, 8, 151_936], &json!({ "head_dim": 128 })),
            8_190_735_360,
        ),
        (
            "google/gemma-2-9b",
            decoder(
                "gemma2",
                [3584, 14336, 42, 16, 8, 256_000],
                &json!({ "head_dim": 256, "tie_word_embeddings": null }),
            ),
            9_241_705_984,
        ),
        (
            "microsoft/Phi-3-mini-4k-instruct",
            decoder("phi3", [3072, 8192, 32, 32, 32, 32064], &json!({})),
            3_821_079_552,
        ),
    ];
    for (name, config, parameters) in models {
        assert_eq!(counted(&config), parameters, "{name}");
    }
}

#[test]
fn experts() {
    assert_eq!(counted(&mixtral()), 46_702_792_704, "mistralai/Mixtral-8x7B-v0.1");
    let more = json!({ "head_dim": 128, "num_experts": 128, "moe_intermediate_size": 768 });
    let qwen = decoder("qwen3_moe", [2048, 6144, 48, 32, 4, 151_936], &more);
    assert_eq!(counted(&qwen), 30_532_122_624, "Qwen/Qwen3-30B-A3B");
    assert_eq!(counted(&deepseek_v2_lite()), 15_706_484_224, "deepseek-ai/DeepSeek-V2-Lite");
}

#[test]
fn decoders_with_biases() {
    let gpt2 = json!({
        "model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024, "vocab_size": 50257,
    });
    let opt = json!({
        "model_type": "opt", "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "ffn_dim": 3072,
        "max_position_embeddings": 2048, "vocab_size": 50272, "word_embed_proj_dim": 768, "torch_dtype": "float16",
    });
    let neox = json!({
        "model_type": "gpt_neox", "hidden_size": 6144, "num_hidden_layers": 44, "num_attention_heads": 64,
        "intermediate_size": 24576, "max_position_embeddings": 2048, "vocab_size": 50432, "tie_word_embeddings": false,
    });
    let phi = json!({
        "model_type": "phi", "hidden_size": 2560, "num_hidden_layers": 32, "num_attention_heads": 32,
        "num_key_value_heads": 32, "intermediate_size": 10240, "max_position_embeddings": 2048, "vocab_size": 51200,
        "tie_word_embeddings": false,
    });
    let falcon = json!({
        "model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71,
        "multi_query": true, "parallel_attn": true, "bias": false, "new_decoder_architecture": false,
        "vocab_size": 65024,
    });
    let starcoder =
        decoder("starcoder2", [3072, 12288, 30, 24, 2, 49152], &json!({ "tie_word_embeddings": null }));
    let models = [
        ("openai-community/gpt2", gpt2, 124_439_808),
        ("facebook/opt-125m", opt, 125_239_296),
        ("EleutherAI/gpt-neox-20b", neox, 20_554_567_680),
        ("microsoft/phi-2", phi, 2_779_683_840),
        ("tiiuae/falcon-7b", falcon, 6_921_720_704),
        ("bigcode/starcoder2-3b", starcoder, 3_030_371_328),
    ];
    for (name, config, parameters) in models {
        assert_eq!(counted(&config), parameters, "{name}");
    }
}

/// Of BERT and XLM-RoBERTa the numbers are those of `BertModel` and `XLMRobertaModel` with their pooler: files of some of
/// these models hold the numbers of the places, 512 or 514, as a tensor beside the parameters.
#[test]
fn encoders() {
    let minilm = json!({
        "model_type": "bert", "hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 6,
        "num_attention_heads": 12, "max_position_embeddings": 512, "type_vocab_size": 2, "vocab_size": 30522,
    });
    let multilingual = json!({
        "model_type": "xlm-roberta", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
        "num_attention_heads": 16, "max_position_embeddings": 514, "type_vocab_size": 1, "vocab_size": 250_002,
    });
    let distilbert = json!({
        "model_type": "distilbert", "dim": 768, "hidden_dim": 3072, "n_layers": 6, "n_heads": 12,
        "max_position_embeddings": 512, "vocab_size": 30522,
    });
    let mpnet = json!({
        "model_type": "mpnet", "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
        "num_attention_heads": 12, "max_position_embeddings": 514, "vocab_size": 30527,
    });
    let models = [
        ("intfloat/e5-large-v2", e5_large(), 335_141_888, 512),
        ("sentence-transformers/all-MiniLM-L6-v2", minilm, 22_713_216, 512),
        ("intfloat/multilingual-e5-large", multilingual, 559_890_432, 512),
        ("distilbert-base-uncased", distilbert, 66_362_880, 512),
        ("sentence-transformers/all-mpnet-base-v2", mpnet, 109_486_464, 512),
    ];
    for (name, config, parameters, context) in models {
        let model = read(&config);
        assert_eq!(model.parameters.unwrap().total(), parameters, "{name}");
        assert_eq!((model.cache, model.context), (Cache::None, Some(context)), "{name}");
    }
}

#[test]
fn caches() {
    // 2 × 32 layers × 8 heads × 128 numbers, of two bytes: 128 KiB; a copy of a head is needed on each of 16.
    let llama = read(&llama_8b()).cache;
    assert_eq!([1, 4, 16].map(|gpus| llama.numbers_per_token(gpus) * 2), [131_072, 32_768, 16_384]);
    let mistral = read(&mistral_7b()).cache;
    assert_eq!([1000, 8000].map(|context| mistral.kept(context)), [1000, 4096]);
    // 27 layers of 512 + 64 numbers, however many accelerators there are.
    let latent = read(&deepseek_v2_lite()).cache;
    assert_eq!([1, 8].map(|gpus| latent.numbers_per_token(gpus)), [15_552, 15_552]);
    // A window that Qwen's files name and switch off, and one that only some layers have.
    let off = json!({ "sliding_window": 131_072, "use_sliding_window": false });
    let qwen = read(&decoder("qwen2", [3584, 18944, 28, 28, 4, 152_064], &off));
    let some =
        read(&decoder("gemma2", [3584, 14336, 42, 16, 8, 256_000], &json!({ "sliding_window": 4096 })));
    for model in [qwen, some] {
        assert_eq!(model.cache.kept(20_000), 20_000, "{}", model.model_type);
    }
}

#[test]
fn contexts() {
    assert_eq!(read(&llama_8b()).context, Some(131_072));
    let yarn = json!({ "rope_scaling": { "factor": 4.0, "original_max_position_embeddings": 32768, "type": "yarn" } });
    let qwen = decoder("qwen2", [3584, 18944, 28, 28, 4, 152_064], &yarn);
    assert_eq!(read(&qwen).context, Some(131_072));
}

#[test]
fn numbers() {
    let mut config = llama_8b();
    assert_eq!(read(&config).precision.dtype, Dtype::Bfloat16);
    let parameters = read(&config).parameters.unwrap();
    let whole = read(&config).precision.bytes(parameters);
    assert_eq!(whole, 16_060_522_496);
    // hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4: its two files have 5.73 GB together.
    let four = json!({ "quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true });
    // neuralmagic/Meta-Llama-3.1-8B-Instruct-FP8: its two files have 9.08 GB together.
    let eight = json!({ "quant_method": "fp8", "activation_scheme": "static" });
    let packed = json!({ "quant_method": "compressed-tensors", "config_groups": { "group_0": {
        "targets": ["Linear"], "weights": { "num_bits": 8, "type": "float", "strategy": "tensor" },
    } } });
    for (section, published) in [(four, 5_730_000_000_u64), (eight, 9_080_000_000), (packed, 9_080_000_000)] {
        config["quantization_config"] = section;
        let bytes = read(&config).precision.bytes(parameters);
        assert!(bytes.abs_diff(published) < published / 100, "{bytes} for {published}: {config}");
    }
}

#[test]
fn the_language_model_of_one_that_sees() {
    let config = json!({
        "model_type": "llava",
        "torch_dtype": "float16",
        "text_config": decoder("llama", [4096, 11008, 32, 32, 32, 32064], &json!({ "torch_dtype": null })),
        "vision_config": { "hidden_size": 1024 },
    });
    let model = read(&config);
    assert!(model.is_part);
    assert_eq!((model.model_type.as_str(), model.precision.dtype), ("llama", Dtype::Float16));
}
