//! An entry of `model_list`: one place that answers for a model, and on which terms.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::keys::Block;
use crate::provider::{self, Provider, Wire};
use crate::reader::{Problems, Reader};

/// A text that may stand for an environment variable: `os.environ/NAME`.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The text as it is written.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The variable that it stands for.
    pub fn variable(&self) -> Option<&str> {
        self.0.strip_prefix("os.environ/")
    }

    /// What it stands for; `None` where that variable is not set.
    pub fn resolve(&self, variables: impl Fn(&str) -> Option<String>) -> Option<String> {
        match self.variable() {
            Some(name) => variables(name),
            None => Some(self.0.clone()),
        }
    }
}

/// A key is not shown.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.variable().is_some() { &self.0 } else { "Text(..)" })
    }
}

/// What a model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Textgen,
    /// Vectors.
    Embedding,
}

/// Where Bedrock or SageMaker is reached and with whose credentials; the task's own where none are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aws {
    /// `aws_region_name`.
    pub region: Option<Text>,
    /// `aws_access_key_id`.
    pub access_key: Option<Text>,
    /// `aws_secret_access_key`.
    pub secret_key: Option<Text>,
    /// `aws_session_token`.
    pub session_token: Option<Text>,
    /// `aws_role_name`: an ARN.
    pub role: Option<Text>,
    /// `aws_session_name`.
    pub session_name: Option<Text>,
    /// `aws_external_id`.
    pub external_id: Option<Text>,
    /// `aws_bedrock_runtime_endpoint`.
    pub bedrock_endpoint: Option<Text>,
    /// `aws_sts_endpoint`.
    pub sts_endpoint: Option<Text>,
}

/// How much an endpoint is asked, and how it is chosen among others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// Requests in a minute.
    pub rpm: Option<u64>,
    /// Tokens in a minute.
    pub tpm: Option<u64>,
    /// Requests at a time.
    pub max_parallel: Option<u64>,
    /// How often it is chosen beside others.
    pub weight: Option<f64>,
    /// Lower ones are asked first.
    pub order: u64,
    /// For how long an answer may not begin.
    pub timeout: Option<Duration>,
    /// The same for streams.
    pub stream_timeout: Option<Duration>,
    /// Further tries.
    pub retries: Option<u32>,
    /// For how long it is left alone after it has failed.
    pub cooldown: Option<Duration>,
    /// How often a silent stream is kept open by a comment.
    pub keep_alive: Option<Duration>,
}

/// An entry of `model_list`.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// Its place below `litellmConfig`.
    pub place: String,
    /// The name that callers use, with a `*` where it stands for many.
    pub name: String,
    /// Who answers.
    pub provider: &'static Provider,
    /// How it is spoken to: the provider's way, but for `use_litellm_proxy`.
    pub wire: Wire,
    /// The model's name there.
    pub model: String,
    /// The base URL.
    pub base: Option<Text>,
    /// The key.
    pub key: Option<Text>,
    /// The query parameter `api-version`.
    pub api_version: Option<Text>,
    /// Headers of every request.
    pub headers: Vec<(String, Text)>,
    /// Bedrock and SageMaker.
    pub aws: Aws,
    /// How much it is asked.
    pub traffic: Traffic,
    /// Parameters of every request that has none of its own.
    pub defaults: Map<String, Value>,
    /// Whether parameters that the provider does not know are left out; as in `litellm_settings` where `None`.
    pub drop_params: Option<bool>,
    /// Parameters that are taken out of every request.
    pub dropped: Vec<String>,
    /// Parameters that are passed on whatever `drop_params` says.
    pub allowed: Vec<String>,
    /// Requests with these tags are its own.
    pub tags: Vec<String>,
    /// US dollars for a token of the prompt and of the answer.
    pub cost: Option<(f64, f64)>,
    /// Tokens that prompt and answer may have.
    pub window: Option<u64>,
    /// The answer, where no server is asked.
    pub mock: Option<String>,
    /// Models that are asked when this one fails.
    pub fallbacks: Vec<String>,
    /// What it answers.
    pub kind: Kind,
    /// Whether it can stream.
    pub streaming: Option<bool>,
    /// Whether it is shown in lists.
    pub listed: bool,
    /// `model_info` as it is written.
    pub info: Map<String, Value>,
    /// `litellm_params` as they are written, defaults included: what the LiteLLM proxy is given.
    pub params: Map<String, Value>,
}

/// Whether an entry with these parameters is answered by the LiteLLM proxy.
pub(crate) fn is_served_by_proxy(params: &Value, defaults: &Value) -> bool {
    let get = |key: &str| if params[key].is_null() { &defaults[key] } else { &params[key] };
    wire(
        get("model").as_str().unwrap_or_default(),
        get("custom_llm_provider").as_str(),
        get("use_litellm_proxy"),
    ) == Wire::Proxy
}

fn wire(model: &str, provider: Option<&str>, proxied: &Value) -> Wire {
    if proxied.as_bool() == Some(true) { Wire::Proxy } else { provider::of(model, provider).0.wire }
}

impl Deployment {
    /// Reads an entry; `None` where it is blocked, or names no model, which is a problem.
    pub(crate) fn read(
        problems: &mut Problems,
        index: usize,
        entry: &Value,
        defaults: &Map<String, Value>,
    ) -> Option<Self> {
        let place = format!("model_list[{index}]");
        let merged = merged(&entry["litellm_params"], defaults);
        let params = Reader::new(format!("{place}.litellm_params"), &merged);
        let info = Reader::new(format!("{place}.model_info"), &entry["model_info"]);
        if info.flag(problems, "blocked") == Some(true) {
            return None;
        }
        let Some(model) = params.text(problems, "model").filter(|model| !model.is_empty()) else {
            problems.add(
                params.at("model"),
                "the entry names no model",
                "Write provider and model, such as `openai/gpt-4o`.",
            );
            return None;
        };
        let given = params.text(problems, "custom_llm_provider");
        let (provider, model) = provider::of(model, given);
        let wire = wire(model, Some(provider.name), params.get("use_litellm_proxy").unwrap_or(&Value::Null));
        let base = text(problems, &params, "api_base");
        if wire == Wire::OpenAi && base.is_none() && provider.base.is_none() {
            problems.add(
                params.at("model"),
                format!("`{}/` has no server of its own", provider.name),
                "Add `api_base`, the base URL of the model server.",
            );
        }
        let mode = info.text(problems, "mode");
        let is_embedding = entry["lisa_params"]["model_type"] == "embedding" || mode == Some("embedding");
        Some(Self {
            name: entry["model_name"].as_str().unwrap_or_default().to_owned(),
            provider,
            wire,
            model: model.to_owned(),
            base,
            key: text(problems, &params, "api_key").filter(|key| *key != Text::new("ignored")),
            api_version: text(problems, &params, "api_version"),
            headers: headers(problems, &params),
            aws: aws(problems, &params),
            traffic: traffic(problems, &params),
            defaults: of_request(&params),
            drop_params: params.flag(problems, "drop_params"),
            dropped: params.texts(problems, "additional_drop_params"),
            allowed: params.texts(problems, "allowed_openai_params"),
            tags: [params.texts(problems, "tags"), info.texts(problems, "tags")].concat(),
            cost: cost(problems, &params).or_else(|| cost(problems, &info)),
            window: info.count(problems, "max_input_tokens").or_else(|| info.count(problems, "max_tokens")),
            mock: params.text(problems, "mock_response").map(str::to_owned),
            fallbacks: params.texts(problems, "fallbacks"),
            kind: if is_embedding { Kind::Embedding } else { Kind::Textgen },
            streaming: entry["lisa_params"]["streaming"].as_bool(),
            listed: info.flag(problems, "discoverable") != Some(false),
            info: entry["model_info"].as_object().cloned().unwrap_or_default(),
            params: merged.as_object().cloned().unwrap_or_default(),
            place,
        })
    }
}

/// The entry's parameters over the defaults of all.
fn merged(own: &Value, defaults: &Map<String, Value>) -> Value {
    let mut merged = defaults.clone();
    merged.extend(own.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(merged)
}

fn text(problems: &mut Problems, reader: &Reader<'_>, key: &str) -> Option<Text> {
    reader.text(problems, key).filter(|text| !text.is_empty()).map(Text::new)
}

fn headers(problems: &mut Problems, params: &Reader<'_>) -> Vec<(String, Text)> {
    let organization = text(problems, params, "organization");
    let organization = organization.map(|name| ("openai-organization".to_owned(), name));
    let given = [params.map(problems, "headers"), params.map(problems, "extra_headers")].concat();
    given.into_iter().map(|(name, value)| (name, Text::new(value))).chain(organization).collect()
}

fn aws(problems: &mut Problems, params: &Reader<'_>) -> Aws {
    let mut get = |key| text(problems, params, key);
    Aws {
        region: get("aws_region_name").or_else(|| get("region_name")),
        access_key: get("aws_access_key_id"),
        secret_key: get("aws_secret_access_key"),
        session_token: get("aws_session_token"),
        role: get("aws_role_name"),
        session_name: get("aws_session_name"),
        external_id: get("aws_external_id"),
        bedrock_endpoint: get("aws_bedrock_runtime_endpoint"),
        sts_endpoint: get("aws_sts_endpoint"),
    }
}

fn traffic(problems: &mut Problems, params: &Reader<'_>) -> Traffic {
    let retries = params.count(problems, "max_retries").or_else(|| params.count(problems, "num_retries"));
    let timeout = params.seconds(problems, "timeout").or_else(|| params.seconds(problems, "request_timeout"));
    Traffic {
        rpm: params.count(problems, "rpm"),
        tpm: params.count(problems, "tpm"),
        max_parallel: params.count(problems, "max_parallel_requests"),
        weight: params.number(problems, "weight"),
        order: params.count(problems, "order").unwrap_or(1),
        timeout,
        stream_timeout: params.seconds(problems, "stream_timeout"),
        retries: retries.map(|retries| u32::try_from(retries).unwrap_or(u32::MAX)),
        cooldown: params.seconds(problems, "cooldown_time"),
        keep_alive: params.seconds(problems, "keepalive_seconds").filter(|pause| !pause.is_zero()),
    }
}

fn cost(problems: &mut Problems, reader: &Reader<'_>) -> Option<(f64, f64)> {
    let input = reader.number(problems, "input_cost_per_token");
    let output = reader.number(problems, "output_cost_per_token");
    (input.is_some() || output.is_some()).then(|| (input.unwrap_or_default(), output.unwrap_or_default()))
}

/// Whatever is no option is a parameter of every request.
fn of_request(params: &Reader<'_>) -> Map<String, Value> {
    let own = params.entries().filter(|(key, _)| Block::Params.find(key).is_none());
    own.map(|(key, value)| (key.clone(), value.clone())).collect()
}
