//! Configurations that tell too little, or what cannot be.

use serde_json::{Value, json};

use super::published::{decoder, llama_8b, read};
use crate::Architecture;
use crate::architecture::Dtype;
use crate::fit::{Demand, FitError, Verdict, hosts, size};
use crate::safetensors::Stored;

fn refusal(config: &Value) -> String {
    Architecture::read(config).unwrap_err().to_string()
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let mut config = llama_8b();
    config.as_object_mut().unwrap().remove("num_hidden_layers");
    assert_eq!(refusal(&config), "`num_hidden_layers` is missing, which a model of the type `llama` has");
    let wrong = |name: &str, value: Value| {
        let mut config = llama_8b();
        config[name] = value;
        refusal(&config)
    };
    assert_eq!(
        wrong("num_attention_heads", json!(0)),
        "`num_attention_heads` is `0`, and should be at least 1"
    );
    assert!(wrong("hidden_size", json!(u64::MAX)).contains("up to 262144"));
    assert!(wrong("vocab_size", json!("many")).contains("should be a whole number"));
    assert!(wrong("torch_dtype", json!("complex64")).contains("no kind of number"));
    let unknown = json!({ "quant_method": "hqq" });
    assert!(wrong("quantization_config", unknown).contains("its size in memory is known for awq"));
    assert_eq!(refusal(&json!([])), "it is no JSON object");
}

/// The largest of everything at once: sums of products stay numbers.
#[test]
fn nothing_overflows() {
    let more = json!({
        "num_local_experts": 1024, "head_dim": 262_144, "max_position_embeddings": 4_294_967_296_u64,
    });
    let config = decoder("mixtral", [262_144, 262_144, 1024, 1024, 1024, 16_777_216], &more);
    let (model, demand) = (read(&config), Demand::default());
    let size = size(&model, None, &demand).unwrap();
    assert!(size.weights > 1 << 58);
    let found = hosts(&model, &size, &demand);
    assert!(found.iter().all(|host| matches!(host.verdict, Verdict::TooSmall { .. })));
}

#[test]
fn an_architecture_that_is_not_known_is_measured_by_its_files() {
    let model = read(&decoder("of-tomorrow", [4096, 14336, 32, 32, 8, 32000], &json!({})));
    let demand = Demand::default();
    assert_eq!(size(&model, None, &demand), Err(FitError::Weights("of-tomorrow".to_owned())));
    assert_eq!(size(&model, Some(&files(15_000_000_000)), &demand).unwrap().weights, 15_000_000_000);
}

fn files(bytes: u64) -> Stored {
    Stored { bytes, ..Stored::default() }
}

/// An engine keeps half of numbers of 32 bits; only those who know that they are such may count so.
#[test]
fn files_whose_numbers_are_not_named_are_judged_by_their_headers() {
    let of = |dtype: Option<&str>, stored: &Stored| {
        let config =
            decoder("of-tomorrow", [4096, 14336, 32, 32, 8, 32000], &json!({ "torch_dtype": dtype }));
        let model = read(&config).kept_as(Some(stored));
        (size(&model, Some(stored), &Demand::default()).unwrap().weights, model.precision.dtype)
    };
    assert_eq!(of(Some("float32"), &files(8000)), (4000, Dtype::Float32));
    assert_eq!(of(None, &files(8000)), (8000, Dtype::Float32));
    let read = |kind: &str| {
        let entry =
            |from: u64, to: u64| json!({ "dtype": kind, "shape": [to - from], "data_offsets": [from, to] });
        let header =
            json!({ "__metadata__": { "format": "pt" }, "a": entry(0, 4000), "b": entry(4000, 7000) });
        let text = header.to_string();
        let mut stored = files(8000);
        stored
            .read([&(text.len() as u64).to_le_bytes(), text.as_bytes(), &[0; 16]].concat().as_slice())
            .unwrap();
        stored
    };
    assert_eq!(of(None, &read("BF16")), (8000, Dtype::Bfloat16));
    assert_eq!(of(None, &read("F32")), (4500, Dtype::Float32));
    assert_eq!(of(Some("float16"), &read("BF16")), (8000, Dtype::Float16));
    assert!(files(0).read(&b"\xff\xff\xff\xff\xff\xff\xff\xff{}"[..]).is_ok());
    assert!(files(0).read(&b"\x02\x00\x00\x00\x00\x00\x00\x00{"[..]).is_err());
}

#[test]
fn a_context_is_within_the_models() {
    let demand = Demand { context: Some(200_000), ..Demand::default() };
    let refused = size(&read(&llama_8b()), None, &demand).unwrap_err();
    assert_eq!(refused.to_string(), "200000 tokens of context are more than the model's 131072");
}
