//! Passing a request on to an endpoint of its model, and the answer back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use lisa_litellm::Reason;

use crate::answer::Problem;
use crate::balance::Turn;
use crate::body::Body;
use crate::choose::{self, Wanted};
use crate::gateway::Gateway;
use crate::options::Options;
use crate::peek::{self, Peek};
use crate::pool::{Lease, Outgoing, SendError};
use crate::registry::{Endpoint, Model, Target, Upstream};

/// Endpoints that are tried for one request. Only before an answer begins: afterwards it might be done twice.
const TRIES: usize = 3;

/// Headers that concern one connection (RFC 9110, 7.6.1), or the gateway alone: they are not passed on.
const OWN: [HeaderName; 12] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::AUTHORIZATION,
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-api-key"),
];

/// More of them, which the type of a constant has no room for.
const ALSO_OWN: [&str; 5] = ["keep-alive", "cookie", "expect", "accept-encoding", "x-request-id"];

/// A request that may pass.
pub(crate) struct Asked<'a> {
    pub(crate) route: &'a str,
    pub(crate) head: &'a Parts,
    pub(crate) body: &'a Bytes,
    pub(crate) peek: &'a Peek,
    pub(crate) model: &'a Arc<Model>,
    pub(crate) wanted: &'a Wanted,
    pub(crate) options: &'a Options,
}

/// Asks endpoints until one answers.
pub(crate) async fn forward(gateway: &Gateway, asked: &Asked<'_>) -> Result<Response<Body>, Problem> {
    let mut tried = Vec::with_capacity(TRIES);
    let mut problem = match choose::wait(asked.model, asked.wanted) {
        Some(wait) => Problem::too_many(wait),
        None => Problem::unreachable(&asked.model.name),
    };
    while tried.len() < TRIES {
        let endpoint = choose::choose(asked.model, asked.wanted, &tried, gateway.random());
        let Some(endpoint) = endpoint else { break };
        tried.push(endpoint.id);
        endpoint.meter.ask();
        let begun = Instant::now();
        let turn = Turn::take(endpoint);
        let upstream = match &endpoint.target {
            Target::Http(upstream) => upstream,
            Target::Bedrock(aws) | Target::SageMaker(aws, _) => &aws.upstream,
            Target::Fixture(fixture) => {
                let Peek { stream, include_usage, .. } = *asked.peek;
                return Ok(fixture.answer(asked.route, &asked.model.name, asked.body, stream, include_usage));
            }
        };
        match ask(gateway, asked, endpoint, upstream, turn).await {
            Ok(answer) if is_refusal(answer.status()) => {
                let reason = Reason::of(answer.status().as_u16());
                let allowed = asked.model.choice.allowed_fails.get(&reason).copied();
                endpoint.health.failed_for(allowed, retry_after(answer.headers()));
                let others = asked.model.endpoints.iter().any(|other| !tried.contains(&other.id));
                // What the last endpoint says is the answer: the caller sees its status and its words.
                if !others || tried.len() == TRIES {
                    return Ok(answer);
                }
            }
            Ok(answer) => {
                endpoint.health.succeeded();
                endpoint.meter.began(begun.elapsed());
                return Ok(answer);
            }
            Err(SendError::Slow) => {
                endpoint.health.failed(None);
                // The model is at work: asking another one would do the work twice.
                return Err(Problem::too_slow(&asked.model.name));
            }
            Err(SendError::Connect(_) | SendError::Broken(_)) => {
                endpoint.health.failed(None);
                problem = Problem::unreachable(&asked.model.name);
            }
        }
    }
    Err(problem)
}

/// Statuses by which an endpoint says that another one should be asked.
const fn is_refusal(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn ask(
    gateway: &Gateway,
    asked: &Asked<'_>,
    endpoint: &Endpoint,
    upstream: &Upstream,
    turn: Turn,
) -> Result<Response<Body>, SendError> {
    let pause = endpoint.terms.keep_alive.unwrap_or(asked.options.keep_alive);
    let request = request(asked, endpoint, upstream);
    let (answer, lease) = gateway.pool.send(endpoint, upstream, request).await?;
    Ok(copy_answer(answer, lease, turn, pause))
}

/// A server's answer for the caller, kept open by comments after such a `pause` where it is one of events.
pub(crate) fn copy_answer(
    answer: Response<Incoming>,
    lease: Lease,
    turn: Turn,
    pause: Duration,
) -> Response<Body> {
    let (head, body) = answer.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_events = kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"));
    let mut passed = Response::new(Body::passed(body, lease, turn, is_events.then_some(pause)));
    *passed.status_mut() = head.status;
    copy(&head.headers, passed.headers_mut());
    if !is_events && let Some(length) = head.headers.get(header::CONTENT_LENGTH) {
        passed.headers_mut().insert(header::CONTENT_LENGTH, length.clone());
    }
    if is_events {
        // nginx and its kin hold back streams that do not say this.
        passed.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    }
    passed
}

fn request(asked: &Asked<'_>, endpoint: &Endpoint, upstream: &Upstream) -> Outgoing {
    let body = rewritten(asked, endpoint);
    let query = asked.head.uri.query().map_or_else(String::new, |query| format!("?{query}"));
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = http::Method::POST;
    // The route is one of a known list and the prefix was a URL's, so this is a path; anything else would be refused.
    if let Ok(uri) = format!("{}/{}{query}", upstream.prefix, asked.route).parse() {
        *request.uri_mut() = uri;
    }
    let headers = request.headers_mut();
    copy(&asked.head.headers, headers);
    if !asked.options.forwards_headers {
        drop_own(headers);
    }
    if let Ok(host) = HeaderValue::from_str(&upstream.authority()) {
        headers.insert(header::HOST, host);
    }
    for (name, value) in &upstream.headers {
        headers.insert(name, value.clone());
    }
    request
}

/// The body with the model's name there in place of the caller's name for it, and with what the endpoint's terms change.
fn rewritten(asked: &Asked<'_>, endpoint: &Endpoint) -> Bytes {
    let mut edits = endpoint.terms.changes.edits(asked.body);
    let name = asked.peek.model.as_deref().unwrap_or_default();
    if let Some(there) = endpoint.name_there(&asked.model.name, name) {
        let there = serde_json::Value::from(there.as_ref()).to_string();
        edits.push(peek::set(asked.body, "model", asked.peek.model_at.as_ref(), &there));
    }
    peek::splice(asked.body, edits)
}

/// Takes out what callers may have put into headers of their own.
fn drop_own(headers: &mut HeaderMap) {
    let own: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("x-")).cloned().collect();
    for name in own {
        headers.remove(name);
    }
}

/// Copies the headers that are meant for the other end.
pub(crate) fn copy(from: &HeaderMap, to: &mut HeaderMap) {
    let named = from.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
    for (name, value) in from {
        let is_own = OWN.contains(name)
            || ALSO_OWN.contains(&name.as_str())
            || named.iter().any(|other| name.as_str().eq_ignore_ascii_case(other));
        if !is_own {
            to.append(name, value.clone());
        }
    }
}
