//! How a model's endpoints are chosen among, tried again, left alone and replaced.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::reader::{Problems, Reader};

/// Which endpoint of a model answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// The less busy of two; by weight where an endpoint has one.
    #[default]
    Unset,
    /// By weight, or by rpm or tpm where there are no weights.
    Shuffle,
    /// The less busy of two.
    LeastBusy,
    /// The one that began to answer soonest of late.
    Latency,
    /// The one with the least tokens of this minute.
    Usage,
    /// The cheapest.
    Cost,
}

/// Names of strategies in LiteLLM.
const STRATEGIES: &[(&str, Strategy)] = &[
    ("simple-shuffle", Strategy::Shuffle),
    ("least-busy", Strategy::LeastBusy),
    ("latency-based-routing", Strategy::Latency),
    ("usage-based-routing", Strategy::Usage),
    ("usage-based-routing-v2", Strategy::Usage),
    ("cost-based-routing", Strategy::Cost),
];

/// Why an endpoint did not answer, as LiteLLM's policies tell failures apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// 400 and its kin.
    BadRequest,
    /// 401 and 403.
    Authentication,
    /// 404.
    NotFound,
    /// 408 and 504, or no answer in time.
    Timeout,
    /// 429.
    RateLimit,
    /// A filter of the provider.
    ContentPolicy,
    /// 500, and what has no name of its own.
    Internal,
    /// 502, or no connection.
    BadGateway,
    /// 503.
    Unavailable,
}

/// First parts of the keys of `retry_policy` and `allowed_fails_policy`.
const REASONS: &[(&str, Reason)] = &[
    ("BadRequestError", Reason::BadRequest),
    ("AuthenticationError", Reason::Authentication),
    ("NotFoundError", Reason::NotFound),
    ("TimeoutError", Reason::Timeout),
    ("RateLimitError", Reason::RateLimit),
    ("ContentPolicyViolationError", Reason::ContentPolicy),
    ("InternalServerError", Reason::Internal),
    ("BadGatewayError", Reason::BadGateway),
    ("ServiceUnavailableError", Reason::Unavailable),
];

impl Reason {
    /// The reason behind a status.
    pub const fn of(status: u16) -> Self {
        match status {
            401 | 403 => Self::Authentication,
            404 => Self::NotFound,
            408 | 504 => Self::Timeout,
            429 => Self::RateLimit,
            502 => Self::BadGateway,
            503 => Self::Unavailable,
            400..=499 => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}

/// Figures by kind of failure.
pub type Fails = BTreeMap<Reason, u32>;

/// The options of the router.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of LiteLLM's by its own name")]
pub struct Router {
    /// Which endpoint answers.
    pub strategy: Strategy,
    /// How much slower than the fastest an endpoint may be: a share of its time.
    pub latency_buffer: f64,
    /// For how long a measured latency counts.
    pub latency_ttl: Option<Duration>,
    /// Further tries; the gateway's own where `None`.
    pub retries: Option<u32>,
    /// The same by kind of failure.
    pub retry_policy: Fails,
    /// The same for single models.
    pub model_retry_policy: BTreeMap<String, Fails>,
    /// The least time between two tries of the same endpoint.
    pub retry_after: Option<Duration>,
    /// For how long an answer may not begin.
    pub timeout: Option<Duration>,
    /// The same for streams.
    pub stream_timeout: Option<Duration>,
    /// Models that are asked when one fails.
    pub fallbacks: BTreeMap<String, Vec<String>>,
    /// When its prompt is too long.
    pub context_fallbacks: BTreeMap<String, Vec<String>>,
    /// When a filter refuses.
    pub policy_fallbacks: BTreeMap<String, Vec<String>>,
    /// Of models without fallbacks.
    pub default_fallbacks: Vec<String>,
    /// How many of them.
    pub max_fallbacks: usize,
    /// Failures in a row after which an endpoint is left alone.
    pub allowed_fails: Option<u32>,
    /// The same by kind of failure.
    pub allowed_fails_policy: Fails,
    /// For how long it is left alone.
    pub cooldown: Option<Duration>,
    /// Whether it is at all.
    pub cools_down: bool,
    /// Whether windows are looked at.
    pub checks_window: bool,
    /// Whether tags are looked at.
    pub filters_tags: bool,
    /// Whether one tag of several is enough.
    pub any_tag: bool,
    /// Other names of models, and whether they are listed.
    pub aliases: BTreeMap<String, (String, bool)>,
    /// `default_max_parallel_requests`.
    pub max_parallel: Option<u64>,
}

/// LiteLLM's own figure.
const MAX_FALLBACKS: u64 = 5;

impl Router {
    /// Reads `router_settings`, and what `litellm_settings` says of the same; the router's own word goes first.
    pub(crate) fn read(problems: &mut Problems, own: &Reader<'_>, library: &Reader<'_>) -> Self {
        let arguments = own.inner(problems, "routing_strategy_args");
        let count = |problems: &mut Problems, key: &str| {
            let found = own.count(problems, key).or_else(|| library.count(problems, key));
            found.map(|count| u32::try_from(count).unwrap_or(u32::MAX))
        };
        let seconds = |problems: &mut Problems, key: &str| {
            own.seconds(problems, key).or_else(|| library.seconds(problems, key))
        };
        let lists = |problems: &mut Problems, key: &str| {
            let mut found = lists(problems, library, key);
            found.extend(lists(problems, own, key));
            found
        };
        let defaults = own.texts(problems, "default_fallbacks");
        Self {
            strategy: strategy(problems, own),
            latency_buffer: arguments.number(problems, "lowest_latency_buffer").unwrap_or_default(),
            latency_ttl: arguments.seconds(problems, "ttl"),
            retries: count(problems, "num_retries"),
            retry_policy: policy(problems, own, "retry_policy", "Retries"),
            model_retry_policy: model_policies(problems, own),
            retry_after: seconds(problems, "retry_after"),
            timeout: own
                .seconds(problems, "timeout")
                .or_else(|| library.seconds(problems, "request_timeout")),
            stream_timeout: own.seconds(problems, "stream_timeout"),
            fallbacks: lists(problems, "fallbacks"),
            context_fallbacks: lists(problems, "context_window_fallbacks"),
            policy_fallbacks: lists(problems, "content_policy_fallbacks"),
            default_fallbacks: if defaults.is_empty() {
                library.texts(problems, "default_fallbacks")
            } else {
                defaults
            },
            max_fallbacks: own
                .count(problems, "max_fallbacks")
                .or_else(|| library.count(problems, "max_fallbacks"))
                .map_or(MAX_FALLBACKS, |count| count)
                .try_into()
                .unwrap_or(usize::MAX),
            allowed_fails: count(problems, "allowed_fails"),
            allowed_fails_policy: policy(problems, own, "allowed_fails_policy", "AllowedFails"),
            cooldown: seconds(problems, "cooldown_time"),
            cools_down: own.flag(problems, "disable_cooldowns") != Some(true),
            checks_window: own.flag(problems, "enable_pre_call_checks") == Some(true),
            filters_tags: own.flag(problems, "enable_tag_filtering") == Some(true),
            any_tag: own.flag(problems, "tag_filtering_match_any") != Some(false),
            aliases: aliases(problems, own),
            max_parallel: own.count(problems, "default_max_parallel_requests"),
        }
    }

    /// The models that are asked after `model` has failed for this reason, in their order.
    pub fn fallbacks_of(&self, model: &str, own: &[String]) -> Vec<String> {
        let named = self.fallbacks.get(model).or_else(|| self.fallbacks.get("*"));
        let chosen = if own.is_empty() { named.unwrap_or(&self.default_fallbacks) } else { own };
        chosen.iter().filter(|name| *name != model).take(self.max_fallbacks).cloned().collect()
    }
}

fn strategy(problems: &mut Problems, own: &Reader<'_>) -> Strategy {
    let Some(name) = own.text(problems, "routing_strategy") else { return Strategy::Unset };
    let found = STRATEGIES.iter().find(|(known, _)| *known == name);
    if found.is_none() {
        let known: Vec<String> = STRATEGIES.iter().map(|(name, _)| format!("`{name}`")).collect();
        let help = format!("Write one of {}.", known.join(", "));
        problems.add(own.at("routing_strategy"), format!("the gateway has no strategy `{name}`"), help);
    }
    found.map_or(Strategy::Unset, |(_, strategy)| *strategy)
}

fn policy(problems: &mut Problems, own: &Reader<'_>, key: &str, suffix: &str) -> Fails {
    let policy = own.inner(problems, key);
    fails(problems, &policy, suffix)
}

fn fails(problems: &mut Problems, policy: &Reader<'_>, suffix: &str) -> Fails {
    let mut found = Fails::new();
    for (key, _) in policy.entries() {
        let name = key.strip_suffix(suffix).unwrap_or_default();
        let count = policy.count(problems, key).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        match (REASONS.iter().find(|(known, _)| *known == name), count) {
            (Some((_, reason)), Some(count)) => drop(found.insert(*reason, count)),
            (None, Some(count)) if name == "Default" => {
                for (_, reason) in REASONS {
                    found.entry(*reason).or_insert(count);
                }
            }
            (None, Some(_)) => {
                let known: Vec<String> =
                    REASONS.iter().map(|(name, _)| format!("`{name}{suffix}`")).collect();
                problems.add(
                    policy.at(key),
                    format!("`{key}` is no kind of failure"),
                    format!("Write one of {}.", known.join(", ")),
                );
            }
            (_, None) => {}
        }
    }
    found
}

fn model_policies(problems: &mut Problems, own: &Reader<'_>) -> BTreeMap<String, Fails> {
    let groups = own.inner(problems, "model_group_retry_policy");
    let read = |(name, _): (&String, &Value)| {
        let policy = groups.inner(problems, name);
        (name.clone(), fails(problems, &policy, "Retries"))
    };
    groups.entries().map(read).collect()
}

/// `[{"a": ["b", "c"]}, {"d": ["e"]}]`.
fn lists(problems: &mut Problems, reader: &Reader<'_>, key: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let Some(value) = reader.get(key) else { return found };
    let rows = value.as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, row) in rows.iter().enumerate() {
        let row = Reader::new(format!("{}[{index}]", reader.at(key)), row);
        found.extend(row.entries().map(|(name, _)| (name.clone(), row.texts(problems, name))));
    }
    if found.is_empty() && value.as_array().is_none_or(|rows| !rows.is_empty()) {
        problems.add(
            reader.at(key),
            format!("`{key}` is not a list of mappings"),
            "Write a model and those that are asked in its place: `[{\"big\": [\"small\"]}]`.",
        );
    }
    found
}

fn aliases(problems: &mut Problems, own: &Reader<'_>) -> BTreeMap<String, (String, bool)> {
    let aliases = own.inner(problems, "model_group_alias");
    let mut found = BTreeMap::new();
    for (alias, value) in aliases.entries() {
        let name = value.as_str().or_else(|| value["model"].as_str());
        match name {
            Some(name) => drop(found.insert(alias.clone(), (name.to_owned(), value["hidden"] != true))),
            None => problems.add(
                aliases.at(alias),
                format!("`{alias}` stands for no model"),
                "Write a model's name, or `model` and `hidden`.",
            ),
        }
    }
    found
}
