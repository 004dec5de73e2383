//! Which instance types hold published models.

use serde_json::{Value, json};

use super::published::{decoder, e5_large, llama_8b, llama_70b, mistral_7b, mixtral, read};
use crate::fit::{Demand, Host, Verdict, hosts, size};

fn on(config: &Value, demand: &Demand, instance_type: &str) -> Verdict {
    let model = read(config);
    let size = size(&model, None, demand).unwrap();
    let found: Vec<Host> = hosts(&model, &size, demand);
    found.iter().find(|host| host.instance_type == instance_type).unwrap().verdict
}

fn first(config: &Value, demand: &Demand) -> &'static str {
    let model = read(config);
    let size = size(&model, None, demand).unwrap();
    let found = hosts(&model, &size, demand);
    let held = found.iter().find(|host| matches!(host.verdict, Verdict::Holds { .. }));
    held.map_or("none", |host| host.instance_type)
}

fn long(context: u64) -> Demand {
    Demand { context: Some(context), ..Demand::default() }
}

/// vLLM 0.6 reports some 43,000 tokens of cache for this model on an A10G: ten sequences of a window each.
#[test]
fn a_model_of_7_billion_on_24_gb() {
    let Verdict::Holds { sequences: Some(sequences) } = on(&mistral_7b(), &Demand::default(), "g5.xlarge")
    else {
        panic!("it is known to run there");
    };
    assert!((8..=11).contains(&sequences), "{sequences}");
    // 14.5 GB of weights are more than a T4 has to give.
    assert!(matches!(on(&mistral_7b(), &Demand::default(), "g4dn.xlarge"), Verdict::TooSmall { .. }));
}

#[test]
fn a_context_may_be_what_does_not_fit() {
    let Verdict::Short { context } = on(&llama_8b(), &Demand::default(), "g5.xlarge") else {
        panic!("131,072 tokens take 17 GB");
    };
    assert!((10_000..40_000).contains(&context), "{context}");
    assert!(matches!(on(&llama_8b(), &long(8192), "g5.xlarge"), Verdict::Holds { sequences: Some(2..) }));
    let small = Demand { small_cache: true, ..Demand::default() };
    assert!(
        matches!(on(&llama_8b(), &small, "g5.xlarge"), Verdict::Short { context: more } if more > context * 19 / 10)
    );
}

#[test]
fn larger_models_are_spread() {
    assert_eq!(first(&llama_8b(), &long(8192)), "g5.xlarge");
    // 141 GB of weights: four accelerators of 48 GB, and not of 24 GB.
    assert!(matches!(on(&llama_70b(), &long(8192), "g5.12xlarge"), Verdict::TooSmall { .. }));
    assert!(matches!(on(&llama_70b(), &long(8192), "g6e.12xlarge"), Verdict::Holds { .. }));
    assert!(matches!(on(&mixtral(), &long(8192), "g5.48xlarge"), Verdict::Holds { .. }));
    let four = json!({ "quant_method": "awq", "bits": 4, "group_size": 128 });
    let mut small = llama_70b();
    small["quantization_config"] = four;
    assert!(matches!(on(&small, &long(8192), "g5.12xlarge"), Verdict::Holds { .. }));
}

#[test]
fn heads_are_dealt_out_evenly() {
    let qwen = decoder("qwen2", [3584, 18944, 28, 28, 4, 152_064], &json!({}));
    assert_eq!(on(&qwen, &long(8192), "g5.48xlarge"), Verdict::Uneven { heads: 28, of: "attention" });
    assert!(matches!(on(&qwen, &long(8192), "g5.12xlarge"), Verdict::Holds { .. }));
    // Four accelerators do not get the same of 10 key-value heads (Phi-3-medium), nor of 3 a copy each.
    let phi = |keys| decoder("phi3", [5120, 17920, 40, 40, keys, 32064], &json!({}));
    assert_eq!(on(&phi(10), &long(4096), "g5.12xlarge"), Verdict::Uneven { heads: 10, of: "key-value" });
    assert_eq!(on(&phi(3), &long(4096), "g5.12xlarge"), Verdict::Uneven { heads: 3, of: "key-value" });
    // Fewer heads than accelerators are copied: two, or one, take as much of each as four do.
    let [one, two, four] = [1, 2, 4].map(|keys| read(&phi(keys)).cache.numbers_per_token(4));
    assert!(one == two && two == four);
    assert!(matches!(on(&phi(2), &long(4096), "g5.12xlarge"), Verdict::Holds { .. }));
}

#[test]
fn old_accelerators_know_no_bfloat16() {
    let told = |config: &Value| {
        let (model, demand) = (read(config), long(8192));
        let size = size(&model, None, &demand).unwrap();
        let found = hosts(&model, &size, &demand);
        found.into_iter().filter(|host| host.needs_float16).map(|host| host.instance_type).collect::<Vec<_>>()
    };
    let old = told(&llama_8b());
    assert!(old.len() == 7 && old.iter().all(|name| name.starts_with("g4dn.")), "{old:?}");
    let mut half = llama_8b();
    half["torch_dtype"] = json!("float16");
    assert!(told(&half).is_empty());
}

#[test]
fn an_encoder_keeps_nothing() {
    assert_eq!(on(&e5_large(), &Demand::default(), "g4dn.xlarge"), Verdict::Holds { sequences: None });
}

#[test]
fn more_is_never_held_by_less() {
    let memory = |instance_type: &str| {
        let found = lisa_names::InstanceType::new(instance_type).unwrap();
        u64::from(found.facts().total_gpu_memory_gib())
    };
    let mut least = 0;
    for context in [1024, 4096, 16_384, 65_536, 131_072] {
        let now = memory(first(&llama_70b(), &long(context)));
        assert!(now >= least, "{context}");
        least = now;
    }
}
