//! Documents become models and options.

use std::sync::Arc;

use serde_json::json;

use super::*;

/// The models of a document in an environment with one variable.
async fn served(document: &serde_json::Value, known: &mut Known) -> (Vec<Model>, Vec<Unserved>, Options) {
    let (settings, problems) = Settings::read(document);
    assert_eq!(problems, []);
    let environment = |name: &str| (name == "OUR_KEY").then(|| "sk-resolved".to_owned());
    let world = World { environment: &environment, session: None, proxy: None };
    let mut next = 0;
    let (models, unserved) = models(&settings, &world, known, &mut next).await;
    (models, unserved, options(&settings, &world, &mut next).unwrap())
}

#[tokio::test]
async fn entries_of_one_name_are_endpoints_of_one_model() {
    let document = json!({
        "router_settings": { "routing_strategy": "simple-shuffle", "num_retries": 4, "retry_after": 2, "timeout": 9,
            "allowed_fails": 1, "cooldown_time": 7, "fallbacks": [{ "big": ["small"] }] },
        "litellm_settings": { "sse_keepalive_ping_interval_seconds": 5 },
        "general_settings": { "max_request_size_mb": 1, "allowed_routes": ["/v1/chat/completions"],
            "pass_through_endpoints": [{ "path": "/rerank", "target": "http://h:1/x", "headers": { "A": "os.environ/OUR_KEY" } }] },
        "model_list": [
            { "model_name": "big", "litellm_params": { "model": "hosted_vllm/a", "api_base": "http://h:8000/v1",
                "api_key": "os.environ/OUR_KEY", "weight": 3, "seed": 1, "additional_drop_params": ["user"] } },
            { "model_name": "big", "litellm_params": { "model": "openai/b", "api_base": "http://i:8000/v1",
                "extra_headers": { "X-A": "b" } } },
            { "model_name": "small", "litellm_params": { "model": "openai/c", "mock_response": "hi" } },
        ],
    });
    let (models, unserved, options) = served(&document, &mut Known::default()).await;
    assert_eq!(unserved, []);
    let [big, small] = &models[..] else { panic!("two models: {models:?}") };
    assert_eq!((big.endpoints.len(), small.endpoints.len()), (2, 1));
    assert_eq!((big.attempts.retries, big.attempts.again_after), (4, Some(Duration::from_secs(2))));
    assert_eq!(big.attempts.fallbacks, ["small"]);
    let first = &big.endpoints[0];
    assert_eq!((first.model.as_deref(), first.times.first_byte), (Some("a"), Duration::from_secs(9)));
    assert_eq!(first.terms.weight, Some(3.0));
    assert_eq!(first.terms.changes.dropped, ["user"]);
    assert_eq!(first.terms.changes.defaults, [("seed".to_owned(), "1".to_owned())]);
    let upstream = first.target.upstream().unwrap();
    assert!(upstream.headers.iter().any(|(_, value)| value == "Bearer sk-resolved"));
    let second = big.endpoints[1].target.upstream().unwrap();
    assert_eq!(second.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["x-a"]);
    first.health.failed(None);
    assert!(first.health.is_ejected(), "one failure is allowed");
    assert_eq!((options.max_request, options.keep_alive), (1 << 20, Duration::from_secs(5)));
    assert!(options.allows("/v2/serve/chat/completions") && !options.allows("/v2/serve/embeddings"));
    assert_eq!(options.pass_through[0].headers[0].1, "sk-resolved");
}

#[tokio::test]
async fn retries_by_kind_and_the_usage_of_streams_are_read() {
    let document = json!({
        "router_settings": {
            "retry_policy": { "BadRequestErrorRetries": 1, "TimeoutErrorRetries": 2 },
            "model_group_retry_policy": { "own": { "RateLimitErrorRetries": 3, "DefaultRetries": 0 } },
        },
        "general_settings": { "always_include_stream_usage": false },
        "model_list": [
            { "model_name": "as-all", "litellm_params": { "model": "hosted_vllm/x", "api_base": "http://h/v1" } },
            { "model_name": "own", "litellm_params": { "model": "mistral/x" } },
        ],
    });
    let (models, unserved, options) = served(&document, &mut Known::default()).await;
    assert_eq!(unserved, []);
    let [all, own] = &models[..] else { panic!("two models: {models:?}") };
    let expected = [(Reason::BadRequest, 1), (Reason::Timeout, 2), (Reason::ContentPolicy, 1)];
    assert_eq!(all.attempts.by_reason, expected.into());
    let named = |reason| own.attempts.by_reason.get(&reason).copied();
    assert_eq!(
        (named(Reason::RateLimit), named(Reason::BadRequest), named(Reason::Internal)),
        (Some(3), Some(0), Some(0))
    );
    let takes = [all, own].map(|model| model.endpoints[0].target.upstream().unwrap().stream_options);
    assert_eq!((takes, options.stream_usage), ([true, false], Some(false)));
}

#[tokio::test]
async fn an_endpoint_that_is_the_same_again_keeps_its_connections() {
    let entry = |port: u16| {
        json!({ "model_list": [
        { "model_name": "a", "litellm_params": { "model": "openai/x", "api_base": format!("http://h:{port}/v1") } },
    ] })
    };
    let mut known = Known::default();
    let (first, ..) = served(&entry(1), &mut known).await;
    let (again, ..) = served(&entry(1), &mut known).await;
    assert!(Arc::ptr_eq(&first[0].endpoints[0], &again[0].endpoints[0]));
    let (moved, ..) = served(&entry(2), &mut known).await;
    assert!(!Arc::ptr_eq(&first[0].endpoints[0], &moved[0].endpoints[0]));
}

#[tokio::test]
async fn models_that_cannot_be_served_say_why() {
    let document = json!({ "model_list": [
        { "model_name": "a", "litellm_params": { "model": "openai/x", "api_key": "os.environ/NOT_SET" } },
        { "model_name": "b", "litellm_params": { "model": "cohere_chat/x" } },
        { "model_name": "c", "litellm_params": { "model": "bedrock/x" } },
        { "model_name": "d", "litellm_params": { "model": "openai/x", "api_base": "ftp://h" } },
    ] });
    let (models, unserved, _) = served(&document, &mut Known::default()).await;
    assert!(models.is_empty());
    let told: Vec<String> = unserved.iter().map(ToString::to_string).collect();
    for (line, words) in
        told.iter().zip(["`NOT_SET` is not set", "LiteLLM proxy", "no AWS", "neither `http://`"])
    {
        assert!(line.starts_with("`litellmConfig.model_list[") && line.contains(words), "{line}");
    }
    assert_eq!(told.len(), 4);
}
