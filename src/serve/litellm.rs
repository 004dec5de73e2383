//! Models and options out of a `litellmConfig`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use lisa_litellm::{Deployment, PassThrough as Written, Reason, Router, Settings, Text, Wire};
use lisa_signed::{Session, Signer, Whose, service};

use crate::attempts::Attempts;
use crate::balance::{CoolDown, Health};
use crate::choose::Choice;
use crate::edit::Changes;
use crate::gateway::LARGEST_BODY;
use crate::options::{Admission, Options, PassThrough};
use crate::registry::{Aws, Container, Endpoint, Kind, Model, Target, Times, Upstream};
use crate::terms::{Meter, Terms};

/// LiteLLM's own figures for what is not set.
const ALLOWED_FAILS: u32 = 3;
const COOL_DOWN: Duration = Duration::from_secs(5);

/// Where the LiteLLM proxy listens, and its key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    /// `http://127.0.0.1:4000`.
    pub(crate) url: String,
    /// The key that it takes.
    pub(crate) key: String,
}

/// What models need of the world.
pub(crate) struct World<'a> {
    /// The process's environment.
    pub(crate) environment: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Where AWS is reached; none on a machine without.
    pub(crate) session: Option<&'a Session>,
    /// The LiteLLM proxy, where one runs.
    pub(crate) proxy: Option<Proxy>,
}

/// A model of the list that cannot be served: its place and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`litellmConfig.{place}` is not served: {why}")]
pub(crate) struct Unserved {
    place: String,
    why: String,
}

/// The endpoints that the last document made, so that one that is the same again keeps its health and its connections.
#[derive(Default)]
pub(crate) struct Known(BTreeMap<String, Arc<Endpoint>>);

/// The models of a document. The ids of new endpoints come from `next`.
pub(crate) async fn models(
    settings: &Settings,
    world: &World<'_>,
    known: &mut Known,
    next: &mut u64,
) -> (Vec<Model>, Vec<Unserved>) {
    let mut models: BTreeMap<String, Model> = BTreeMap::new();
    let (mut unserved, mut kept) = (Vec::new(), Known::default());
    for deployment in &settings.models {
        let identity = identity(settings, deployment, world);
        let endpoint = match known.0.get(&identity) {
            Some(endpoint) => Arc::clone(endpoint),
            None => match endpoint(settings, deployment, world, *next).await {
                Ok(endpoint) => {
                    *next += 1;
                    Arc::new(endpoint)
                }
                Err(why) => {
                    unserved.push(Unserved { place: deployment.place.clone(), why });
                    continue;
                }
            },
        };
        kept.0.insert(identity, Arc::clone(&endpoint));
        let model = models.entry(deployment.name.clone()).or_insert_with(|| model(settings, deployment));
        model.is_hidden &= !deployment.listed;
        model.endpoints.push(endpoint);
    }
    *known = kept;
    (models.into_values().collect(), unserved)
}

/// Everything that makes an endpoint what it is. It stays in this process.
fn identity(settings: &Settings, deployment: &Deployment, world: &World<'_>) -> String {
    let resolved = |text: &Option<Text>| text.as_ref().and_then(|text| resolve(settings, text, world));
    let (key, base) = (resolved(&deployment.key), resolved(&deployment.base));
    let proxy = world.proxy.as_ref().map(|proxy| proxy.url.as_str());
    let params = serde_json::Value::from(deployment.params.clone());
    format!("{:?}", (&deployment.name, params.to_string(), key, base, proxy, &settings.router))
}

fn resolve(settings: &Settings, text: &Text, world: &World<'_>) -> Option<String> {
    text.resolve(|name| settings.variable(name, world.environment))
}

/// What a text stands for; the error names the variable that is not set.
fn needed(settings: &Settings, text: &Text, world: &World<'_>) -> Result<String, String> {
    let variable = || text.variable().unwrap_or_default().to_owned();
    resolve(settings, text, world)
        .ok_or_else(|| format!("the environment variable `{}` is not set", variable()))
}

fn model(settings: &Settings, deployment: &Deployment) -> Model {
    let router = &settings.router;
    let kind = match deployment.kind {
        lisa_litellm::Kind::Textgen => Kind::Textgen,
        lisa_litellm::Kind::Embedding => Kind::Embedding,
    };
    Model {
        name: deployment.name.clone(),
        kind,
        provider: String::new(),
        groups: Vec::new(),
        endpoints: Vec::new(),
        attempts: attempts(router, deployment),
        choice: choice(router),
        is_hidden: true,
        info: deployment.info.clone(),
        unusable: None,
    }
}

fn attempts(router: &Router, deployment: &Deployment) -> Attempts {
    let usual = Attempts::default();
    let retries = deployment.traffic.retries.or(router.retries);
    let policy = router.model_retry_policy.get(&deployment.name).unwrap_or(&router.retry_policy);
    // A filter's refusal is a bad request where nothing else is said of it, as LiteLLM has it.
    let filtered = policy.get(&Reason::BadRequest).map(|retries| (&Reason::ContentPolicy, retries));
    let policy = filtered.into_iter().chain(policy);
    let count = |retries: u32| usize::try_from(retries).unwrap_or(usize::MAX);
    let of = |lists: &BTreeMap<String, Vec<String>>| lists.get(&deployment.name).cloned().unwrap_or_default();
    Attempts {
        retries: retries.map_or(usual.retries, count),
        by_reason: policy.map(|(reason, retries)| (*reason, count(*retries))).collect(),
        // Who asks for retries wants them of a single endpoint, too.
        again_after: retries.map(|_| router.retry_after.unwrap_or_default()).or(router.retry_after),
        fallbacks: router.fallbacks_of(&deployment.name, &deployment.fallbacks),
        context_window_fallbacks: of(&router.context_fallbacks),
        content_policy_fallbacks: of(&router.policy_fallbacks),
    }
}

fn choice(router: &Router) -> Choice {
    let usual = Choice::default();
    Choice {
        strategy: router.strategy,
        latency_buffer: router.latency_buffer,
        latency_ttl: router.latency_ttl.unwrap_or(usual.latency_ttl),
        checks_window: router.checks_window,
        filters_tags: router.filters_tags,
        any_tag: router.any_tag,
        allowed_fails: router.allowed_fails_policy.clone(),
    }
}

async fn endpoint(
    settings: &Settings,
    deployment: &Deployment,
    world: &World<'_>,
    id: u64,
) -> Result<Endpoint, String> {
    let router = &settings.router;
    let target = match &deployment.mock {
        Some(text) => Target::Fixture(crate::fixture::Fixture::Text(text.clone().into())),
        None => target(settings, deployment, world).await?,
    };
    let traffic = &deployment.traffic;
    let usual = Times::default();
    let first_byte = traffic.timeout.or(router.timeout).unwrap_or(usual.first_byte);
    let times =
        Times { first_byte, first_byte_of_stream: traffic.stream_timeout.or(router.stream_timeout), ..usual };
    let pause = if router.cools_down {
        traffic.cooldown.or(router.cooldown).unwrap_or(COOL_DOWN)
    } else {
        Duration::ZERO
    };
    let failures = router.allowed_fails.unwrap_or(ALLOWED_FAILS).max(1);
    let failures = if router.cools_down { failures } else { u32::MAX };
    let model = match deployment.wire {
        Wire::Proxy => deployment.name.clone(),
        _ => deployment.model.clone(),
    };
    Ok(Endpoint {
        id,
        target,
        model: Some(model),
        health: Health::new(CoolDown { failures, pause, longest: pause }),
        times,
        terms: terms(settings, deployment),
        meter: Meter::default(),
    })
}

fn terms(settings: &Settings, deployment: &Deployment) -> Terms {
    let traffic = &deployment.traffic;
    let defaults = deployment.defaults.iter().filter(|_| deployment.wire != Wire::Proxy);
    let kept = |name: &&String| !deployment.allowed.contains(*name) && *name != "model";
    Terms {
        weight: traffic.weight,
        order: traffic.order,
        rpm: traffic.rpm,
        tpm: traffic.tpm,
        max_parallel: traffic.max_parallel.or(settings.router.max_parallel),
        tags: deployment.tags.clone(),
        cost: deployment.cost.map_or(f64::MAX, |(input, output)| input + output),
        window: deployment.window,
        keep_alive: traffic.keep_alive,
        changes: Changes {
            defaults: defaults.map(|(key, value)| (key.clone(), value.to_string())).collect(),
            dropped: deployment.dropped.iter().filter(kept).cloned().collect(),
        },
    }
}

async fn target(settings: &Settings, deployment: &Deployment, world: &World<'_>) -> Result<Target, String> {
    let drops = deployment.drop_params.unwrap_or(settings.library.drops_params);
    match deployment.wire {
        Wire::OpenAi | Wire::Anthropic => upstream(settings, deployment, world).map(Target::Http),
        Wire::Bedrock => Ok(Target::Bedrock(Aws {
            drop_parameters: drops,
            ..aws(settings, deployment, world, &service::BEDROCK_RUNTIME).await?
        })),
        Wire::SageMaker | Wire::SageMakerChat => {
            let container =
                if deployment.wire == Wire::SageMakerChat { Container::Chat } else { Container::Inputs };
            let aws = aws(settings, deployment, world, &service::SAGEMAKER_RUNTIME).await?;
            Ok(Target::SageMaker(Aws { drop_parameters: drops, ..aws }, container))
        }
        Wire::Proxy => {
            let proxy = world.proxy.as_ref().ok_or_else(|| {
                let name = deployment.provider.name;
                format!("`{name}` is left to the LiteLLM proxy, and none runs beside the gateway")
            })?;
            let server = Upstream::parse(&format!("{}/v1", proxy.url)).map_err(told)?;
            let server = server.with_key(&proxy.key).map_err(told)?;
            Ok(Target::Http(server.with_stream_options()))
        }
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn upstream(settings: &Settings, deployment: &Deployment, world: &World<'_>) -> Result<Upstream, String> {
    let base = match (&deployment.base, deployment.provider.base) {
        (Some(base), _) => needed(settings, base, world)?,
        (None, Some(base)) => base.to_owned(),
        (None, None) => return Err("it has no `api_base`".to_owned()),
    };
    let mut upstream = Upstream::parse(&base).map_err(told)?;
    let key = match (&deployment.key, deployment.provider.key) {
        (Some(key), _) => Some(needed(settings, key, world)?),
        // The provider's own variable, where the entry names another server than the provider's, too: as LiteLLM has it.
        (None, Some(name)) => settings.variable(name, world.environment),
        (None, None) => None,
    };
    if let Some(key) = key.filter(|key| key != "ignored") {
        upstream = upstream.with_key(&key).map_err(told)?;
    }
    upstream.speaks_messages = deployment.wire == Wire::Anthropic;
    upstream.stream_options = deployment.provider.stream_options;
    for (name, value) in &deployment.headers {
        upstream.headers.push(header(name, &needed(settings, value, world)?)?);
    }
    Ok(upstream)
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let parsed = name.parse::<HeaderName>().ok().zip(HeaderValue::from_str(value).ok());
    let (name, mut value) =
        parsed.ok_or_else(|| format!("`{name}` is no header, or its value has other letters"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

async fn aws(
    settings: &Settings,
    deployment: &Deployment,
    world: &World<'_>,
    service: &lisa_signed::Service,
) -> Result<Aws, String> {
    let session = world.session.ok_or("there is no AWS on this machine")?;
    let own = &deployment.aws;
    let text = |text: &Option<Text>| text.as_ref().map(|text| needed(settings, text, world)).transpose();
    let region = text(&own.region)?.or_else(|| session.region().map(str::to_owned));
    let region = region.ok_or("it names no `aws_region_name`, and the task has no region")?;
    let whose = match (text(&own.access_key)?, text(&own.secret_key)?, text(&own.role)?) {
        (_, _, Some(role)) => {
            Whose::Role { role, session: text(&own.session_name)?, external_id: text(&own.external_id)? }
        }
        (Some(id), Some(secret), None) => Whose::Keys { id, secret, token: text(&own.session_token)? },
        _ => Whose::Session,
    };
    let signer = Signer::new(session, &whose).await;
    tokio::spawn(signer.clone().keep_fresh());
    let endpoint = text(&own.bedrock_endpoint)?.or(text(&deployment.base)?);
    let fips = session.config().use_fips().unwrap_or_default();
    Aws::new(service, &region, fips, endpoint.as_deref(), signer).map_err(told)
}

/// What holds for every request.
pub(crate) fn options(settings: &Settings, world: &World<'_>, next: &mut u64) -> Result<Options, String> {
    let (usual, general, library) = (Options::default(), &settings.general, &settings.library);
    let admission = Admission {
        in_flight: general.max_in_flight,
        queued: general.max_queued.unwrap_or(usual.admission.queued),
        patience: general.queue_timeout.unwrap_or(usual.admission.patience),
    };
    let routes = general.allowed_routes.as_ref().map(|routes| {
        let plain = |route: &String| {
            let route = route.trim_matches('/');
            route.strip_prefix("v1/").unwrap_or(route).to_owned()
        };
        routes.iter().map(plain).collect()
    });
    Ok(Options {
        max_request: general.max_request.map_or(LARGEST_BODY, |size| size.min(LARGEST_BODY)),
        max_response: general.max_response.map(|size| size as u64),
        allowed_routes: routes,
        user_header: general.user_header.as_ref().and_then(|name| name.parse().ok()),
        stream_usage: general.stream_usage,
        forwards_headers: library.forwards_headers,
        keep_alive: library.keep_alive.unwrap_or(usual.keep_alive),
        max_parallel: general.max_parallel,
        global_max_parallel: general.global_max_parallel,
        admission,
        cache: library.cache.clone(),
        pass_through: general
            .pass_through
            .iter()
            .map(|written| {
                *next += 1;
                pass_through(settings, written, world, *next)
            })
            .collect::<Result<_, _>>()?,
    })
}

fn pass_through(
    settings: &Settings,
    written: &Written,
    world: &World<'_>,
    id: u64,
) -> Result<PassThrough, String> {
    let target = needed(settings, &written.target, world)?;
    let target = Upstream::parse(&target).map_err(told)?;
    let headers = written.headers.iter().map(|(name, value)| header(name, &needed(settings, value, world)?));
    Ok(PassThrough {
        path: written.path.clone(),
        endpoint: Arc::new(Endpoint::new(id, Target::Http(target.clone()))),
        target,
        headers: headers.collect::<Result<_, _>>()?,
        for_users: written.for_users,
        with_subpaths: written.with_subpaths,
        forwards_headers: written.forwards_headers,
    })
}

#[cfg(test)]
mod tests;
