//! The table holds every name that LiteLLM has, and documents are judged and read by it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::{Block, Kind, Reason, Settings, Strategy, Verdict, Wire, judge};

const NAMES: &str = include_str!("../../schemas/litellm/keys.json");

#[test]
fn every_key_of_litellm_is_judged() {
    let names: Value = serde_json::from_str(NAMES).unwrap();
    let mut counts = Vec::new();
    for block in [Block::General, Block::Router, Block::Params, Block::ModelInfo] {
        let known = names[block.name()].as_array().unwrap();
        let missing: Vec<&str> = known
            .iter()
            .map(|name| name.as_str().unwrap())
            .filter(|name| block.find(name).is_none())
            .collect();
        assert!(missing.is_empty(), "{}: {missing:?}", block.name());
        counts.push(known.len());
    }
    assert_eq!(counts, [115, 58, 247, 28]);
}

#[test]
fn a_row_stands_once_and_says_why() {
    for block in Block::ALL {
        let mut names = BTreeSet::new();
        for key in block.keys() {
            assert!(names.insert(key.name), "{} stands twice in {}", key.name, block.name());
            assert!(key.why.len() > 10 && !key.why.ends_with('.'), "{}: {}", key.name, key.why);
        }
    }
}

#[test]
fn nothing_of_a_document_is_left_out() {
    let document = json!({
        "general_settings": { "master_key": "sk-1", "database_url": "x", "custom_auth": "a.b", "mastre_key": "x" },
        "litellm_settings": { "callbacks": ["prometheus", "my.module"], "cache_params": { "type": "redis" } },
        "router_settings": { "num_retries": 3, "redis_host": "h", "retry_policy": { "TimeoutErrorRetries": 1 } },
        "model_list": [
            { "model_name": "a", "litellm_params": { "model": "openai/x", "rpm": 5, "azure_scope": "s", "temperature": 0 } },
            { "model_name": "b", "litellm_params": { "model": "azure/x", "azure_scope": "s", "waeight": 1 } },
        ],
        "environment_variables": { "A": "b" },
        "callback_settings": { "otel": {} },
    });
    let findings = judge(&document);
    let of = |path: &str| findings.iter().find(|finding| finding.path == path).map(|finding| finding.verdict);
    for (path, verdict) in [
        ("general_settings.master_key", Verdict::Honoured),
        ("general_settings.database_url", Verdict::Warned),
        ("general_settings.custom_auth", Verdict::Refused),
        ("general_settings.mastre_key", Verdict::Warned),
        ("litellm_settings.callbacks", Verdict::Refused),
        ("litellm_settings.cache_params", Verdict::Refused),
        ("router_settings.num_retries", Verdict::Honoured),
        ("router_settings.redis_host", Verdict::Warned),
        ("router_settings.retry_policy", Verdict::Honoured),
        ("model_list[0].litellm_params.rpm", Verdict::Honoured),
        ("model_list[0].litellm_params.azure_scope", Verdict::Warned),
        ("model_list[0].litellm_params.temperature", Verdict::Honoured),
        ("model_list[1].litellm_params.azure_scope", Verdict::Proxy),
        ("model_list[1].litellm_params.waeight", Verdict::Warned),
        ("environment_variables.A", Verdict::Honoured),
        ("callback_settings.otel", Verdict::Warned),
    ] {
        assert_eq!(of(path), Some(verdict), "{path}");
    }
    let typo = findings.iter().find(|finding| finding.path.ends_with("mastre_key")).unwrap();
    assert!(typo.why.contains("`master_key`"), "{}", typo.why);
    assert_eq!(findings.len(), 18);
}

#[test]
fn models_are_read() {
    let (settings, problems) = Settings::read(&json!({
        "router_settings": {
            "routing_strategy": "latency-based-routing", "routing_strategy_args": { "ttl": 10 },
            "default_litellm_params": { "timeout": 7, "temperature": 0.5 },
            "retry_policy": { "RateLimitErrorRetries": 4 },
            "fallbacks": [{ "big": ["small"] }],
            "model_group_alias": { "gpt-4": "big", "secret": { "model": "small", "hidden": true } },
        },
        "litellm_settings": { "num_retries": "2", "cache": true, "cache_params": { "type": "local", "ttl": 5 } },
        "model_list": [
            { "model_name": "big", "lisa_params": { "model_type": "textgen", "streaming": true },
              "litellm_params": { "model": "hosted_vllm/org/name", "api_base": "http://h/v1", "api_key": "ignored",
                "rpm": 60, "max_tokens": 9, "stream_timeout": 1.5, "organization": "o" } },
            { "model_name": "small", "model_info": { "mode": "embedding" },
              "litellm_params": { "model": "bedrock/amazon.titan", "aws_region_name": "os.environ/REGION" } },
            { "model_name": "gone", "model_info": { "blocked": true }, "litellm_params": { "model": "x" } },
        ],
    }));
    assert_eq!(problems, []);
    let [big, small] = &settings.models[..] else { panic!("two models") };
    assert_eq!((big.wire, big.model.as_str(), big.key.is_none()), (Wire::OpenAi, "org/name", true));
    assert_eq!((big.traffic.rpm, big.traffic.timeout), (Some(60), Some(Duration::from_secs(7))));
    assert_eq!(Value::from(big.defaults.clone()), json!({ "temperature": 0.5, "max_tokens": 9 }));
    assert_eq!((small.wire, small.kind), (Wire::Bedrock, Kind::Embedding));
    assert_eq!(small.aws.region.as_ref().unwrap().variable(), Some("REGION"));
    let router = &settings.router;
    assert_eq!((router.strategy, router.retries), (Strategy::Latency, Some(2)));
    assert_eq!(router.retry_policy[&Reason::RateLimit], 4);
    assert_eq!(router.fallbacks_of("big", &[]), ["small"]);
    assert_eq!(router.aliases["secret"], ("small".to_owned(), false));
    assert_eq!(settings.library.cache.unwrap().ttl, Duration::from_secs(5));
}

#[test]
fn values_that_cannot_be_used_are_told_with_their_place() {
    let (_, problems) = Settings::read(&json!({
        "router_settings": { "routing_strategy": "lar1", "num_retries": -1, "fallbacks": { "a": "b" },
            "retry_policy": { "WrongRetries": 1 } },
        "litellm_settings": { "request_timeout": "soon" },
        "general_settings": { "pass_through_endpoints": [{ "path": "x" }] },
        "model_list": [
            { "model_name": "a", "litellm_params": { "model": "hosted_vllm/x", "rpm": "many" } },
        ],
    }));
    let places: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        places,
        [
            "model_list[0].litellm_params.model",
            "model_list[0].litellm_params.rpm",
            "router_settings.routing_strategy",
            "router_settings.num_retries",
            "router_settings.retry_policy.WrongRetries",
            "litellm_settings.request_timeout",
            "router_settings.fallbacks",
            "general_settings.pass_through_endpoints[0]",
        ]
    );
}

#[test]
fn providers() {
    for (model, given, wire, name) in [
        ("openai/gpt-4o", None, Wire::OpenAi, "gpt-4o"),
        ("gpt-4o", None, Wire::OpenAi, "gpt-4o"),
        ("org/name", None, Wire::OpenAi, "org/name"),
        ("org/name", Some("hosted_vllm"), Wire::OpenAi, "org/name"),
        ("claude-sonnet", None, Wire::Anthropic, "claude-sonnet"),
        ("bedrock/arn:aws:bedrock:us-east-1::x/y", None, Wire::Bedrock, "arn:aws:bedrock:us-east-1::x/y"),
        ("sagemaker_chat/endpoint", None, Wire::SageMakerChat, "endpoint"),
        ("cohere_chat/command-r", None, Wire::Proxy, "command-r"),
    ] {
        let (provider, found) = crate::provider::of(model, given);
        assert_eq!((provider.wire, found), (wire, name), "{model}");
    }
}
