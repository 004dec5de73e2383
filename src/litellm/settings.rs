//! A `litellmConfig` as the gateway works with it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::deployment::{Deployment, Text};
use crate::provider::Wire;
use crate::reader::{Problem, Problems, Reader};
use crate::router::Router;

/// A `litellmConfig`, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `model_list`, without those that are blocked.
    pub models: Vec<Deployment>,
    /// `router_settings`.
    pub router: Router,
    /// `litellm_settings`.
    pub library: Library,
    /// `general_settings`.
    pub general: General,
    /// `environment_variables`: what `os.environ/NAME` stands for before the process's own environment.
    pub environment: BTreeMap<String, String>,
}

/// `litellm_settings`, but for what the router knows too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Library {
    /// Whether parameters that a provider does not know are left out; they are by default, as upstream has it.
    pub drops_params: bool,
    /// How answers are remembered, if they are.
    pub cache: Option<Cache>,
    /// How often a silent stream is kept open by a comment.
    pub keep_alive: Option<Duration>,
    /// Whether headers of callers that begin with `x-` go to model servers.
    pub forwards_headers: bool,
    /// Whether more is logged.
    pub verbose: bool,
    /// All of it as it is written: what the LiteLLM proxy is given.
    pub written: Map<String, Value>,
}

/// How answers are remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// For how long.
    pub ttl: Duration,
    /// Of which routes: `chat/completions`, `completions`, `embeddings`, `rerank`, `responses`.
    pub routes: Vec<&'static str>,
    /// Whether only of requests that ask for it with `"cache": {"use-cache": true}`.
    pub opt_in: bool,
}

/// `general_settings`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct General {
    /// Bytes of a request's body.
    pub max_request: Option<usize>,
    /// Bytes of an answer that is not streamed.
    pub max_response: Option<usize>,
    /// Requests of one caller at a time.
    pub max_parallel: Option<u64>,
    /// Requests of all callers at a time.
    pub global_max_parallel: Option<u64>,
    /// Requests that a thread works on at a time.
    pub max_in_flight: Option<u64>,
    /// Requests that wait for a thread.
    pub max_queued: Option<u64>,
    /// For how long one waits.
    pub queue_timeout: Option<Duration>,
    /// Time between two checks of model servers; none where they are not checked.
    pub health_checks: Option<Duration>,
    /// The routes that are served, where not all are.
    pub allowed_routes: Option<Vec<String>>,
    /// The header whose value becomes `user`.
    pub user_header: Option<String>,
    /// Whether models tell the usage of every stream: to its caller, too, or to nobody who has not asked; to the gateway
    /// alone where `None`.
    pub stream_usage: Option<bool>,
    /// Paths that lead elsewhere.
    pub pass_through: Vec<PassThrough>,
    /// How often the models are read again.
    pub reload: Option<Duration>,
}

/// A path that leads elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassThrough {
    /// The path, with a slash at its beginning.
    pub path: String,
    /// The URL.
    pub target: Text,
    /// Headers of every request.
    pub headers: Vec<(String, Text)>,
    /// Whether any caller may use it, and not administrators alone.
    pub for_users: bool,
    /// Whether paths below it lead there too.
    pub with_subpaths: bool,
    /// Whether headers of the caller are passed on.
    pub forwards_headers: bool,
}

/// As LiteLLM has it.
const HEALTH_CHECK_INTERVAL: Duration = Duration::from_mins(5);

/// For how long the cache remembers if nothing is said, as LiteLLM has it.
const CACHE_TTL: Duration = Duration::from_mins(10);

const MIB: f64 = 1024.0 * 1024.0;

/// Names of calls in LiteLLM, and the routes that they are asked on.
const CALLS: &[(&str, &str)] = &[
    ("completion", "chat/completions"),
    ("text_completion", "completions"),
    ("embedding", "embeddings"),
    ("rerank", "rerank"),
    ("responses", "responses"),
];

impl Settings {
    /// Reads a document; every value that cannot be used is told.
    pub fn read(document: &Value) -> (Self, Vec<Problem>) {
        let mut problems = Problems::default();
        let read = |name: &str| Reader::new(name, &document[name]);
        let (own, library, general) =
            (read("router_settings"), read("litellm_settings"), read("general_settings"));
        let defaults =
            own.get("default_litellm_params").and_then(Value::as_object).cloned().unwrap_or_default();
        let list = document["model_list"]
            .as_array()
            .or_else(|| document["router_settings"]["model_list"].as_array());
        let mut models = Vec::new();
        for (index, entry) in list.into_iter().flatten().enumerate() {
            models.extend(Deployment::read(&mut problems, index, entry, &defaults));
        }
        let all = Reader::new("", document);
        let environment = all.map(&mut problems, "environment_variables").into_iter().collect();
        let router = Router::read(&mut problems, &own, &library);
        let verbose = own.flag(&mut problems, "set_verbose") == Some(true);
        let settings = Self {
            models,
            router,
            library: Library { verbose, ..self::library(&mut problems, &library, &general) },
            general: self::general(&mut problems, &general),
            environment,
        };
        (settings, problems.0)
    }

    /// What a variable's name stands for: these settings' own before the process's.
    pub fn variable(&self, name: &str, process: impl Fn(&str) -> Option<String>) -> Option<String> {
        self.environment.get(name).cloned().or_else(|| process(name))
    }

    /// Whether any model is answered by the LiteLLM proxy.
    pub fn needs_proxy(&self) -> bool {
        self.models.iter().any(|model| model.wire == Wire::Proxy)
    }
}

fn library(problems: &mut Problems, own: &Reader<'_>, general: &Reader<'_>) -> Library {
    let forwards = general.flag(problems, "forward_client_headers_to_llm_api");
    let forwards = forwards.or_else(|| own.flag(problems, "forward_client_headers"));
    Library {
        drops_params: own.flag(problems, "drop_params") != Some(false),
        cache: cache(problems, own),
        keep_alive: own
            .seconds(problems, "sse_keepalive_ping_interval_seconds")
            .filter(|pause| !pause.is_zero()),
        forwards_headers: forwards != Some(false),
        verbose: own.flag(problems, "set_verbose") == Some(true),
        written: own.entries().map(|(key, value)| (key.clone(), value.clone())).collect(),
    }
}

fn cache(problems: &mut Problems, own: &Reader<'_>) -> Option<Cache> {
    let is_on = own.flag(problems, "cache") == Some(true);
    let params = own.inner(problems, "cache_params");
    let ttl = params.seconds(problems, "ttl").or_else(|| params.seconds(problems, "default_in_memory_ttl"));
    let ttl = ttl.or_else(|| own.seconds(problems, "default_in_memory_ttl")).unwrap_or(CACHE_TTL);
    let opt_in = params.text(problems, "mode") == Some("default_off");
    let calls = params.texts(problems, "supported_call_types");
    let is_asked = |call: &str| {
        calls.is_empty()
            || calls.iter().any(|asked| asked.strip_prefix('a').unwrap_or(asked) == call || asked == call)
    };
    let routes = CALLS.iter().filter(|(call, _)| is_asked(call)).map(|(_, route)| *route).collect();
    is_on.then_some(Cache { ttl, routes, opt_in })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size, and never negative")]
fn megabytes(problems: &mut Problems, own: &Reader<'_>, key: &str) -> Option<usize> {
    own.number(problems, key).map(|size| (size * MIB) as usize)
}

fn general(problems: &mut Problems, own: &Reader<'_>) -> General {
    let checks = own.flag(problems, "background_health_checks") == Some(true);
    let interval = own.seconds(problems, "health_check_interval").unwrap_or(HEALTH_CHECK_INTERVAL);
    let routes = own.texts(problems, "allowed_routes");
    General {
        max_request: megabytes(problems, own, "max_request_size_mb"),
        max_response: megabytes(problems, own, "max_response_size_mb"),
        max_parallel: own.count(problems, "max_parallel_requests"),
        global_max_parallel: own.count(problems, "global_max_parallel_requests"),
        max_in_flight: own.count(problems, "max_in_flight_requests_per_worker"),
        max_queued: own.count(problems, "max_queued_requests_per_worker"),
        queue_timeout: own.seconds(problems, "admission_queue_timeout_seconds"),
        health_checks: checks.then(|| interval.max(Duration::from_secs(1))),
        allowed_routes: own.get("allowed_routes").map(|_| routes),
        user_header: own.text(problems, "user_header_name").map(str::to_lowercase),
        stream_usage: own.flag(problems, "always_include_stream_usage"),
        pass_through: pass_through(problems, own),
        reload: own
            .seconds(problems, "proxy_config_reload_interval_seconds")
            .filter(|pause| !pause.is_zero()),
    }
}

fn pass_through(problems: &mut Problems, own: &Reader<'_>) -> Vec<PassThrough> {
    let entries = own.get("pass_through_endpoints").and_then(Value::as_array);
    let mut found = Vec::new();
    for (index, entry) in entries.into_iter().flatten().enumerate() {
        let entry = Reader::new(format!("{}[{index}]", own.at("pass_through_endpoints")), entry);
        let path = entry.text(problems, "path").filter(|path| path.starts_with('/') && path.len() > 1);
        let target = entry.text(problems, "target");
        let (Some(path), Some(target)) = (path, target) else {
            let help = "Write `path`, which begins with a slash, and `target`, a URL.";
            problems.add(entry.place.clone(), "an endpoint needs a path and a target", help);
            continue;
        };
        let headers = entry.map(problems, "headers").into_iter();
        found.push(PassThrough {
            path: path.trim_end_matches('/').to_owned(),
            target: Text::new(target),
            headers: headers.map(|(name, value)| (name, Text::new(value))).collect(),
            for_users: entry.flag(problems, "auth") == Some(true),
            with_subpaths: entry.flag(problems, "include_subpath") == Some(true),
            forwards_headers: entry.flag(problems, "forward_headers") == Some(true),
        });
    }
    found
}
