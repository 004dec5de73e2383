//! What came back from an endpoint: made into the caller's answer, or into the reason why there is none.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode, response};
use http_body_util::BodyExt as _;
use lisa_litellm::Reason;

use super::exchange::JSON;
use super::reply::{Speaks, Wanted};
use super::{Why, is_illness, is_refusal};
use crate::answer::{self, Problem};
use crate::body::{Body, Underway};
use crate::gateway::Gateway;
use crate::protocol::openai::strip::Strip;
use crate::protocol::stream::Stream;
use crate::protocol::{Failure, event_stream, openai};
use crate::registry::Model;

/// Bytes that an answer may have which is read as a whole.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Bytes of an error that are looked at for its reason.
const LARGEST_ERROR: u64 = 64 * 1024;

/// Headers that concern one connection (RFC 9110, 7.6.1), or the gateway alone: they are not passed on.
fn is_own(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept-encoding"
            | "api-key"
            | "authorization"
            | "connection"
            | "content-length"
            | "cookie"
            | "expect"
            | "host"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "x-api-key"
            | "x-request-id"
    )
}

/// An endpoint that did not answer, or not as it was asked to.
pub(crate) struct Refusal {
    pub(super) why: Why,
    /// Whether the endpoint is to blame, and not what it was asked.
    pub(super) is_ill: bool,
    /// For how long it asks to be left alone.
    pub(super) after: Option<Duration>,
    /// What the caller is told if nobody else answers.
    pub(super) said: Box<Result<Response<Body>, Problem>>,
}

impl Refusal {
    /// Another endpoint may answer.
    pub(super) fn unable(problem: Problem) -> Self {
        Self { why: Why::Unable, is_ill: true, after: None, said: Box::new(Err(problem)) }
    }

    /// Why it did not answer, by the status with which the caller would be answered.
    pub(super) fn reason(&self) -> Reason {
        let status = match &*self.said {
            Ok(answer) => answer.status(),
            Err(problem) => problem.status(),
        };
        if self.why == Why::Content { Reason::ContentPolicy } else { Reason::of(status.as_u16()) }
    }

    /// Another endpoint would say the same.
    pub(super) fn last(problem: Problem) -> Self {
        Self { why: Why::Final, is_ill: false, after: None, said: Box::new(Err(problem)) }
    }

    /// What an endpoint said itself.
    pub(super) fn of(failure: Failure, after: Option<Duration>) -> Self {
        let why = match (failure.code.as_str(), is_refusal(failure.status)) {
            ("context_length_exceeded", _) => Why::TooLong,
            ("content_policy_violation" | "content_filter", _) => Why::Content,
            (_, true) => Why::Unable,
            _ => Why::Final,
        };
        let is_ill = is_illness(failure.status);
        Self { why, is_ill, after, said: Box::new(Err(Problem::from(failure).after(after))) }
    }
}

pub(super) type Attempt = Result<Response<Body>, Refusal>;

/// What came back, before it is known what it is.
pub(super) struct Came {
    pub(super) head: response::Parts,
    pub(super) underway: Underway,
}

impl Came {
    /// As it is, perhaps without a stream's usage, unless it should be asked for again.
    pub(super) async fn passed(self, gateway: &Gateway, model: &Model, without_usage: bool) -> Attempt {
        let status = self.head.status;
        let attempts = &model.attempts;
        let after = retry_after(&self.head.headers);
        if is_refusal(status) {
            let (why, is_ill) = (Why::Unable, is_illness(status));
            return Err(Refusal { why, is_ill, after, said: Box::new(Ok(self.unchanged(None, false))) });
        }
        if !attempts.concern(status) {
            return Ok(self.unchanged(None, without_usage));
        }
        let size = http_body::Body::size_hint(&self.underway.body).upper();
        let is_looked_at = status == StatusCode::BAD_REQUEST
            && attempts.ask_for_reasons()
            && size.is_some_and(|size| size <= LARGEST_ERROR);
        if !is_looked_at {
            let said = Box::new(Ok(self.unchanged(None, false)));
            return Err(Refusal { why: Why::Final, is_ill: false, after, said });
        }
        let Self { head, underway } = self;
        let body = collect(gateway, underway).await?;
        let why = Refusal::of(reasoned(openai::failure(status, &body)), after).why;
        let said = passed_head(&head, Body::full(body), false);
        Err(Refusal { why, is_ill: false, after, said: Box::new(Ok(said)) })
    }

    /// What a container behind SageMaker says, without the service's own headers.
    pub(super) async fn unwrapped(self, gateway: &Gateway) -> Attempt {
        if !self.head.status.is_success() {
            return Err(self.refused(gateway, Speaks::SageMakerChat).await);
        }
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(JSON))]);
        Ok(self.unchanged(Some(headers), false))
    }

    fn unchanged(self, headers: Option<HeaderMap>, without_usage: bool) -> Response<Body> {
        let Self { mut head, underway } = self;
        let kind = head.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_events = kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"));
        if let Some(headers) = headers {
            head.headers = headers;
        }
        let strip = without_usage && is_events && !head.headers.contains_key(header::CONTENT_ENCODING);
        passed_head(&head, Body::passed(underway, is_events, strip.then(Strip::default)), is_events)
    }

    /// A stream in another protocol.
    pub(super) async fn streamed(self, gateway: &Gateway, speaks: Speaks, wanted: Wanted) -> Attempt {
        let kind = self.head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let expected =
            if speaks == Speaks::OpenAi { "text/event-stream" } else { event_stream::CONTENT_TYPE };
        let is_expected = kind.is_some_and(|kind| kind.starts_with(expected));
        if !self.head.status.is_success() {
            return Err(self.refused(gateway, speaks).await);
        }
        if !is_expected {
            let text =
                format!("the model was asked for a stream and answered with `{}`", kind.unwrap_or_default());
            return Err(Refusal::of(Failure::garbled(text), None));
        }
        let stream = Stream::new(speaks.source(), wanted.sink());
        let mut answer = answer::of(StatusCode::OK, "text/event-stream", Bytes::new());
        answer.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
        *answer.body_mut() = Body::translated(self.underway, stream);
        Ok(answer)
    }

    /// The whole answer, made into something else.
    pub(super) async fn whole<T>(
        self,
        gateway: &Gateway,
        speaks: Speaks,
        read: impl FnOnce(&[u8]) -> Result<T, Failure>,
    ) -> Result<T, Refusal> {
        if !self.head.status.is_success() {
            return Err(self.refused(gateway, speaks).await);
        }
        let body = collect(gateway, self.underway).await?;
        read(&body).map_err(|failure| Refusal::of(failure, None))
    }

    /// What an answer with an error's status says.
    async fn refused(self, gateway: &Gateway, speaks: Speaks) -> Refusal {
        let Self { head, underway } = self;
        let after = retry_after(&head.headers);
        match collect(gateway, underway).await {
            Ok(body) => Refusal::of(reasoned(speaks.failure(&head, &body)), after),
            Err(refusal) => refusal,
        }
    }
}

/// Reasons that servers write in words alone: vLLM's, and OpenAI's own.
fn reasoned(failure: Failure) -> Failure {
    let message = failure.message.to_ascii_lowercase();
    let is_bare = !matches!(failure.code.as_str(), "context_length_exceeded" | "content_policy_violation");
    let too_long = ["maximum context length", "context window", "too many tokens", "must have less than"];
    if is_bare
        && failure.status == StatusCode::BAD_REQUEST
        && too_long.iter().any(|text| message.contains(text))
    {
        return Failure { code: "context_length_exceeded".to_owned(), ..failure };
    }
    failure
}

/// The whole body, within its own limit, that of all bodies together, and the endpoint's times.
async fn collect(gateway: &Gateway, underway: Underway) -> Result<Bytes, Refusal> {
    let Underway { mut body, turn: _turn, times, begun, .. } = underway;
    let mut share = gateway.budget.take(0).ok_or_else(|| Refusal::last(Problem::busy()))?;
    let mut whole = BytesMut::new();
    let cut = |text: &str| Refusal { is_ill: true, ..Refusal::of(Failure::garbled(text), None) };
    loop {
        let left = times.total.map(|total| total.saturating_sub(begun.elapsed()));
        let limit = left.map_or(times.silence, |left| left.min(times.silence));
        let frame = tokio::time::timeout(limit, body.frame()).await;
        let Some(frame) = frame.map_err(|_| cut("the model did not go on in time"))? else { break };
        let Ok(data) = frame.map_err(|_| cut("the model broke off"))?.into_data() else { continue };
        if whole.len() + data.len() > LARGEST_ANSWER {
            return Err(cut("the model's answer is too large"));
        }
        if !share.grow(data.len()) {
            return Err(Refusal::last(Problem::busy()));
        }
        whole.extend_from_slice(&data);
    }
    body.give_back();
    Ok(whole.freeze())
}

/// A server's answer as it is.
pub(crate) fn copy_answer(head: response::Parts, underway: Underway) -> Response<Body> {
    Came { head, underway }.unchanged(None, false)
}

fn passed_head(head: &response::Parts, body: Body, is_events: bool) -> Response<Body> {
    let mut passed = Response::new(body);
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

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Copies the headers that are meant for the other end.
pub(crate) fn copy(from: &HeaderMap, to: &mut HeaderMap) {
    let named = from.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
    for (name, value) in from {
        if !is_own(name) && !named.iter().any(|other| name.as_str().eq_ignore_ascii_case(other)) {
            to.append(name, value.clone());
        }
    }
}
