//! Traces in OpenTelemetry's form: one span for each request, a child of the caller's where it names one (W3C trace
//! context), sent in batches over OTLP/HTTP with JSON by a thread of its own.
//!
//! The exporter crates bring a second HTTP client and a protobuf compiler's run time into a program whose only span has
//! a dozen attributes; OTLP's JSON form is a page of text.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use lisa_service::Environment;
use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::metrics::Metrics;
use crate::pool::{self, Pool};
use crate::registry::{BadUrl, Endpoint, Target, Upstream};

/// Where the caller's trace stands.
const TRACEPARENT: &str = "traceparent";

/// Spans that wait; further ones are lost and counted.
const WAITING: usize = 4096;

/// Spans of a batch, and how long one waits to be full.
const BATCH: usize = 512;
const PAUSE: Duration = Duration::from_secs(2);

/// For how long a collector may not answer.
const LIMIT: Duration = Duration::from_secs(10);

/// Sends spans.
#[derive(Clone, Debug)]
pub struct Tracer {
    sender: SyncSender<Span>,
    /// How many of those that no caller has decided on, of 2^64.
    sampled: u64,
}

/// A span's place: its trace, itself, and its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    trace: u128,
    span: u64,
    parent: Option<u64>,
    is_sampled: bool,
}

/// A request that has ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) place: Place,
    pub(crate) begun: SystemTime,
    pub(crate) ended: SystemTime,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) model: Option<String>,
    pub(crate) first_byte_ms: Option<f64>,
    pub(crate) prompt_tokens: Option<u64>,
    pub(crate) completion_tokens: Option<u64>,
}

/// Settings of traces that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// No URL.
    #[error("`OTEL_EXPORTER_OTLP_ENDPOINT`: {0}")]
    Endpoint(#[from] BadUrl),
    /// Headers that are none.
    #[error("`OTEL_EXPORTER_OTLP_HEADERS` is not a list of `name=value` with commas")]
    Headers,
    /// No thread.
    #[error("the thread that sends traces does not start: {0}")]
    Thread(String),
}

impl Place {
    /// A place below the caller's, if its header is one; `ids` are random.
    pub fn below(headers: &HeaderMap, ids: [u64; 3], sampled: u64) -> Self {
        let [high, low, span] = ids.map(|id| id.max(1));
        let caller = headers.get(TRACEPARENT).and_then(|value| parse(value.to_str().ok()?));
        match caller {
            Some((trace, parent, is_sampled)) => Self { trace, span, parent: Some(parent), is_sampled },
            None => Self {
                trace: (u128::from(high) << 64) | u128::from(low),
                span,
                parent: None,
                is_sampled: low <= sampled,
            },
        }
    }

    /// The trace's id, as people look for it.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// What a model server is told.
    pub fn header(&self) -> Option<HeaderValue> {
        let Self { trace, span, is_sampled, .. } = self;
        HeaderValue::from_str(&format!("00-{trace:032x}-{span:016x}-{:02x}", u8::from(*is_sampled))).ok()
    }
}

/// `00-<trace>-<parent>-<flags>` (W3C Trace Context, 3.2).
fn parse(text: &str) -> Option<(u128, u64, bool)> {
    let mut parts = text.trim().split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hexadecimal = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_sound =
        is_hexadecimal(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    if !(is_sound && is_hexadecimal(trace, 32) && is_hexadecimal(parent, 16) && is_hexadecimal(flags, 2)) {
        return None;
    }
    let trace = u128::from_str_radix(trace, 16).ok().filter(|trace| *trace != 0)?;
    let parent = u64::from_str_radix(parent, 16).ok().filter(|parent| *parent != 0)?;
    Some((trace, parent, u8::from_str_radix(flags, 16).ok()? & 1 == 1))
}

impl Tracer {
    /// A tracer where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector.
    pub fn from_environment(
        environment: &Environment,
        metrics: &Arc<Metrics>,
    ) -> Result<Option<Self>, TraceError> {
        let Some(url) = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") else { return Ok(None) };
        let mut collector = Upstream::parse(url)?;
        for pair in environment.get("OTEL_EXPORTER_OTLP_HEADERS").into_iter().flat_map(|list| list.split(','))
        {
            let (name, value) = pair.split_once('=').ok_or(TraceError::Headers)?;
            let parsed = name.trim().parse::<HeaderName>().ok().zip(HeaderValue::from_str(value.trim()).ok());
            collector.headers.push(parsed.ok_or(TraceError::Headers)?);
        }
        let share =
            environment.get("OTEL_TRACES_SAMPLER_ARG").and_then(|share| share.parse().ok()).unwrap_or(1.0);
        let service = environment.get("OTEL_SERVICE_NAME").unwrap_or("lisa-serve").to_owned();
        let (sender, receiver) = sync_channel(WAITING);
        let metrics = Arc::clone(metrics);
        let send = move || export(&receiver, &collector, &service, &metrics);
        let thread = std::thread::Builder::new().name("traces".to_owned()).spawn(send);
        thread.map_err(|error| TraceError::Thread(error.to_string()))?;
        Ok(Some(Self { sender, sampled: part_of_all(share) }))
    }

    /// How many of 2^64 are sent that no caller has decided on.
    pub fn sampled(&self) -> u64 {
        self.sampled
    }

    /// Sends a span, if its trace is sampled and there is room; `false` where there is none.
    pub(crate) fn send(&self, span: Span) -> bool {
        !span.place.is_sampled || self.sender.try_send(span).is_ok()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "`as` keeps to the bounds"
)]
fn part_of_all(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * u64::MAX as f64) as u64
}

/// Sends batches for as long as there is anybody who makes spans.
fn export(receiver: &Receiver<Span>, collector: &Upstream, service: &str, metrics: &Metrics) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let pool = Pool::new(pool::authorities());
    let endpoint = Endpoint::new(0, Target::Http(collector.clone()));
    let mut is_open = true;
    while is_open {
        let (batch, open) = batch(receiver);
        is_open = open;
        if batch.is_empty() {
            continue;
        }
        let request = request(collector, &batch, service);
        let sent = LocalSet::new().block_on(&runtime, async {
            let answer =
                pool.send(&endpoint, collector, request, LIMIT).await.map_err(|error| error.to_string())?;
            let status = answer.status();
            // What a collector says of a batch is for its own log.
            let _ = answer.into_body().collect().await;
            if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
        });
        if let Err(reason) = sent {
            metrics.lost_spans(batch.len() as u64);
            tracing::warn!(reason, spans = batch.len(), "traces were not taken");
        }
    }
}

fn batch(receiver: &Receiver<Span>) -> (Vec<Span>, bool) {
    let mut batch = Vec::new();
    let until = std::time::Instant::now() + PAUSE;
    while batch.len() < BATCH {
        match receiver.recv_timeout(until.saturating_duration_since(std::time::Instant::now())) {
            Ok(span) => batch.push(span),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return (batch, false),
        }
    }
    (batch, true)
}

fn request(collector: &Upstream, batch: &[Span], service: &str) -> pool::Outgoing {
    let spans: Vec<Value> = batch.iter().map(Span::json).collect();
    let resource = json!({ "attributes": [attribute("service.name", &json!({ "stringValue": service }))] });
    let body = json!({ "resourceSpans": [{ "resource": resource,
        "scopeSpans": [{ "scope": { "name": "lisa-serve", "version": env!("CARGO_PKG_VERSION") }, "spans": spans }] }] });
    let mut request = Request::new(Full::new(body.to_string().into()));
    *request.method_mut() = Method::POST;
    if let Ok(uri) = format!("{}/v1/traces", collector.prefix).parse() {
        *request.uri_mut() = uri;
    }
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::HOST, collector.authority.clone());
    headers.extend(collector.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    request
}

fn attribute(key: &str, value: &Value) -> Value {
    json!({ "key": key, "value": value })
}

fn nanos(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

/// What a model is asked for, as OpenTelemetry's conventions call it; they have no name for the rest.
fn operation(path: &str) -> Option<&'static str> {
    match path.rsplit_once('/')? {
        (rest, "completions") if rest.ends_with("/chat") => Some("chat"),
        (_, "completions" | "generate" | "generateStream") => Some("text_completion"),
        (_, "messages" | "responses") => Some("chat"),
        (_, "embeddings") => Some("embeddings"),
        _ => None,
    }
}

impl Span {
    /// As OTLP has it; names of attributes are OpenTelemetry's semantic conventions for HTTP servers and generative AI.
    fn json(&self) -> Value {
        let text = |key: &str, text: &str| attribute(key, &json!({ "stringValue": text }));
        let count = |key: &str, count: u64| attribute(key, &json!({ "intValue": count.to_string() }));
        let mut attributes = vec![
            text("http.request.method", &self.method),
            text("url.scheme", "http"),
            text("url.path", &self.path),
            count("http.response.status_code", self.status.into()),
        ];
        attributes.extend(self.model.as_deref().map(|model| text("gen_ai.request.model", model)));
        attributes.extend(self.prompt_tokens.map(|tokens| count("gen_ai.usage.input_tokens", tokens)));
        attributes.extend(self.completion_tokens.map(|tokens| count("gen_ai.usage.output_tokens", tokens)));
        let first = self.first_byte_ms.map(|millis| json!({ "doubleValue": millis / 1000.0 }));
        attributes.extend(first.map(|first| attribute("gen_ai.response.time_to_first_chunk", &first)));
        let Place { trace, span, parent, .. } = self.place;
        let route = self.path.rsplit('/').next().unwrap_or_default();
        attributes.extend(operation(&self.path).map(|name| text("gen_ai.operation.name", name)));
        let name =
            self.model.as_ref().map_or_else(|| self.method.clone(), |model| format!("{route} {model}"));
        let mut json = json!({
            "traceId": format!("{trace:032x}"), "spanId": format!("{span:016x}"), "name": name, "kind": 2,
            "startTimeUnixNano": nanos(self.begun), "endTimeUnixNano": nanos(self.ended), "attributes": attributes,
            "status": if self.status >= 500 { json!({ "code": 2 }) } else { json!({}) },
        });
        if let Some(parent) = parent {
            json["parentSpanId"] = json!(format!("{parent:016x}"));
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(traceparent: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_str(traceparent).unwrap());
        headers
    }

    #[test]
    fn a_trace_is_taken_up_and_passed_on() {
        let place = Place::below(&headers(PARENT), [1, 2, 3], 0);
        assert_eq!(place.header().unwrap(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000003-01");
        assert_eq!((place.parent, place.is_sampled), (Some(0x00f0_67aa_0ba9_02b7), true));
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            let place = Place::below(&headers(wrong), [1, 2, 3], u64::MAX);
            assert_eq!((place.parent, place.trace), (None, (1_u128 << 64) | 2), "{wrong}");
        }
        assert!(!Place::below(&HeaderMap::new(), [1, 2, 3], 1).is_sampled);
    }

    #[test]
    fn a_span_is_what_collectors_take() {
        let span = Span {
            place: Place::below(&headers(PARENT), [1, 2, 3], 0),
            begun: UNIX_EPOCH + Duration::from_secs(1),
            ended: UNIX_EPOCH + Duration::from_secs(2),
            method: "POST".to_owned(),
            path: "/v2/serve/chat/completions".to_owned(),
            status: 200,
            model: Some("m".to_owned()),
            first_byte_ms: Some(250.0),
            prompt_tokens: Some(3),
            completion_tokens: Some(5),
        };
        let json = span.json();
        assert_eq!(json["name"], "completions m");
        assert_eq!(json["parentSpanId"], "00f067aa0ba902b7");
        assert_eq!(
            (json["startTimeUnixNano"].as_str(), json["kind"].as_u64()),
            (Some("1000000000"), Some(2))
        );
        let attributes = json["attributes"].to_string();
        for part in ["gen_ai.usage.output_tokens", "\"5\"", "time_to_first_chunk", "0.25", "\"chat\""] {
            assert!(attributes.contains(part), "{part} is not in {attributes}");
        }
        assert!(!json.to_string().contains("authorization"));
    }
}
