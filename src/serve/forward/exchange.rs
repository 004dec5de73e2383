//! One request to one endpoint: sent in the endpoint's protocol, and its answer made ready for the caller.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode, Uri, response};
use http_body_util::Full;
use tokio::time::Instant;

use super::Asked;
use super::came::{Attempt, Came, Refusal, copy};
use super::plan::Plan;
use super::reply::{Reply, Speaks};
use crate::answer::{self, Problem};
use crate::balance::Turn;
use crate::body::{Body, Underway};
use crate::gateway::Gateway;
use crate::pool::{Coming, Outgoing, SendError};
use crate::protocol::bedrock::embed::{self, Vectors};
use crate::protocol::stream::Stream;
use crate::protocol::{Failure, openai, rerank, sagemaker, v1};
use crate::record::Record;
use crate::registry::{Aws, Endpoint, Model, Target, Upstream};
use crate::usage::{self, Usage};

/// Requests for vectors that are under way at once.
const AT_ONCE: usize = 8;

/// Tells a caller which of its parameters the model was not given.
const DROPPED: HeaderName = HeaderName::from_static("x-lisa-dropped-parameters");

/// A request that is sent to an endpoint.
pub(super) struct Exchange<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) asked: &'a Asked<'a>,
    pub(super) model: &'a Arc<Model>,
    /// The name by which the model is asked for.
    pub(super) name: &'a str,
    pub(super) endpoint: &'a Endpoint,
    pub(super) turn: Turn,
    pub(super) begun: Instant,
}

impl Exchange<'_> {
    /// Asks.
    pub(super) async fn run(self, record: &mut Record) -> Attempt {
        let mut plan = Plan::new(self.asked, self.name, self.model, self.endpoint).map_err(Refusal::last)?;
        let dropped = std::mem::take(&mut plan.dropped).join(", ");
        let mut answer = match &self.endpoint.target {
            Target::Fixture(fixture) => {
                let peek = self.asked.peek;
                let stream = matches!(plan.reply, Reply::Translated(_, _, true)) || peek.stream;
                let usage = matches!(plan.reply, Reply::Translated(..)) || peek.include_usage;
                let body = plan.bodies.pop().unwrap_or_default();
                let fixed = fixture.answer(&plan.path, self.name, &body, stream, usage);
                fixed.and_then(|fixed| built_in(fixed, plan.reply)).map_err(Refusal::last)?
            }
            Target::Http(upstream) => self.ask(upstream, None, plan, record).await?,
            Target::Bedrock(aws) | Target::SageMaker(aws, _) => {
                self.ask(&aws.upstream, Some(aws), plan, record).await?
            }
        };
        if let Ok(names) = HeaderValue::from_str(&dropped)
            && !dropped.is_empty()
        {
            answer.headers_mut().insert(DROPPED, names);
        }
        Ok(answer)
    }

    async fn ask(
        self,
        upstream: &Upstream,
        aws: Option<&Aws>,
        mut plan: Plan,
        record: &mut Record,
    ) -> Attempt {
        if let Reply::Vectors(speaks, request, is_first) = &plan.reply {
            let found = self.vectors(upstream, aws, &plan, *speaks).await?;
            let usage = Usage { prompt: found.tokens, completion: 0 };
            Self::count(self.endpoint, Some(usage), record);
            let mut body = request.answer(self.name, &found);
            if *is_first {
                body = v1::embedded(&body).map_err(|failure| Refusal::of(failure, None))?;
            }
            return Ok(answer::of(StatusCode::OK, JSON, body.into()));
        }
        let body = plan.bodies.pop().unwrap_or_default();
        let request = self.request(upstream, aws, &plan, body)?;
        let is_stream = matches!(plan.reply, Reply::Translated(_, _, true)) || self.asked.peek.stream;
        let (head, body) = self.send(upstream, request, is_stream).await?;
        let keep_alive = self.keep_alive();
        let Self { endpoint, turn, begun, gateway, asked, model, name } = self;
        let times = endpoint.times;
        let came = Came { head, underway: Underway { body, turn, times, begun, keep_alive } };
        match plan.reply {
            Reply::Passed { without_usage } if aws.is_none() => {
                came.passed(gateway, model, without_usage).await
            }
            Reply::Passed { .. } => came.unwrapped(gateway).await,
            Reply::Translated(speaks, wanted, true) => came.streamed(gateway, speaks, wanted).await,
            Reply::Translated(speaks, wanted, false) => {
                let (body, usage) = came
                    .whole(gateway, speaks, |body| {
                        let mut answer = speaks.answer(body)?;
                        answer.choices.iter_mut().for_each(text_as_content);
                        Ok((wanted.answer(&answer), answer.usage.map(Usage::from)))
                    })
                    .await?;
                Self::count(endpoint, usage, record);
                Ok(answer::of(StatusCode::OK, JSON, body.into()))
            }
            Reply::Embedded => {
                let (body, usage) = came
                    .whole(gateway, Speaks::OpenAi, |body| Ok((v1::embedded(body)?, usage_of(body))))
                    .await?;
                Self::count(endpoint, usage, record);
                Ok(answer::of(StatusCode::OK, JSON, body.into()))
            }
            Reply::Reranked(request) => {
                let tokens = rerank::tokens(&came.head.headers);
                let read = |body: &[u8]| request.answer(asked.id, name, body, tokens);
                let body = came.whole(gateway, Speaks::OpenAi, read).await?;
                let usage = tokens.map(|prompt| Usage { prompt, completion: 0 });
                Self::count(endpoint, usage, record);
                Ok(answer::of(StatusCode::OK, JSON, body.into()))
            }
            Reply::Counted | Reply::Vectors(..) => {
                let body = came.whole(gateway, Speaks::Converse(false), counted).await?;
                Ok(answer::of(StatusCode::OK, JSON, body.into()))
            }
        }
    }

    /// After which silence a stream is kept open by a comment.
    fn keep_alive(&self) -> Duration {
        self.endpoint.terms.keep_alive.unwrap_or(self.asked.options.keep_alive)
    }

    /// Counts what an answer took, for the caller and for the endpoint's terms.
    fn count(endpoint: &Endpoint, usage: Option<Usage>, record: &mut Record) {
        if let Some(usage) = usage {
            endpoint.meter.count(usage.prompt + usage.completion);
        }
        record.usage(usage);
    }

    /// Sends a request and waits until its answer begins.
    async fn send(
        &self,
        upstream: &Upstream,
        request: Outgoing,
        is_stream: bool,
    ) -> Result<(response::Parts, Coming), Refusal> {
        let times = self.endpoint.times;
        let first_byte = times.first_byte_of_stream.filter(|_| is_stream).unwrap_or(times.first_byte);
        let left = times.total.map(|total| total.saturating_sub(self.begun.elapsed()));
        let limit = left.map_or(first_byte, |left| left.min(first_byte));
        let name = &self.model.name;
        match self.gateway.pool.send(self.endpoint, upstream, request, limit).await {
            Ok(answer) => Ok(answer.into_parts()),
            // The model is at work: asking another one would do the work twice.
            Err(SendError::Slow) => Err(Refusal { is_ill: true, ..Refusal::last(Problem::too_slow(name)) }),
            Err(SendError::Connect(_) | SendError::Broken(_)) => {
                Err(Refusal::unable(Problem::unreachable(name)))
            }
        }
    }

    /// The vectors of all texts, asked for with as many requests as the model needs.
    async fn vectors(
        &self,
        upstream: &Upstream,
        aws: Option<&Aws>,
        plan: &Plan,
        speaks: Speaks,
    ) -> Result<Vectors, Refusal> {
        let one = |body: Bytes| async move {
            let request = self.request(upstream, aws, plan, body)?;
            let (head, body) = self.send(upstream, request, false).await?;
            let (times, begun) = (self.endpoint.times, self.begun);
            let turn = Turn::take(self.turn.endpoint());
            let tokens = head.headers.get("x-amzn-bedrock-input-token-count");
            let tokens = tokens.and_then(|count| count.to_str().ok()?.parse().ok());
            let keep_alive = self.keep_alive();
            let came = Came { head, underway: Underway { body, turn, times, begun, keep_alive } };
            let read = |body: &[u8]| match speaks {
                Speaks::SageMakerTexts => sagemaker::vectors(body),
                _ => embed::vectors(body, tokens),
            };
            came.whole(self.gateway, speaks, read).await
        };
        let asked = futures_util::stream::iter(plan.bodies.iter().cloned().map(one)).buffered(AT_ONCE);
        let found: Vec<Vectors> = asked.try_collect().await?;
        let tokens = found.iter().map(|found| found.tokens).sum();
        Ok(Vectors { vectors: found.into_iter().flat_map(|found| found.vectors).collect(), tokens })
    }

    /// A request as it is sent. One to AWS has none of the caller's headers, and a signature.
    fn request(
        &self,
        upstream: &Upstream,
        aws: Option<&Aws>,
        plan: &Plan,
        body: Bytes,
    ) -> Result<Outgoing, Refusal> {
        let prefix = match plan.reply {
            // Its route stands beside those of OpenAI's protocol, and not among them.
            Reply::Reranked(_) => upstream.prefix.strip_suffix("/v1").unwrap_or(&upstream.prefix),
            _ => &upstream.prefix,
        };
        let path = [prefix, &plan.path].concat();
        let mut request = Request::new(());
        *request.method_mut() = http::Method::POST;
        let headers = request.headers_mut();
        if let Some(accept) = &plan.accept {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
            headers.insert(header::ACCEPT, accept.clone());
        } else {
            copy(&self.asked.head.headers, headers);
            if !self.asked.options.forwards_headers {
                drop_own(headers);
            }
        }
        if !matches!(plan.reply, Reply::Passed { .. }) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        }
        headers.insert(header::HOST, upstream.authority.clone());
        for (name, value) in &upstream.headers {
            headers.insert(name, value.clone());
        }
        if let Some((aws, signer)) = aws.and_then(|aws| Some((aws, aws.signer.as_ref()?))) {
            let name =
                if matches!(self.endpoint.target, Target::Bedrock(_)) { "bedrock" } else { "sagemaker" };
            let scheme = if upstream.tls { "https" } else { "http" };
            *request.uri_mut() = uri(&format!("{scheme}://{}{path}", upstream.authority()));
            let signed = signer.sign(&mut request, &body, &aws.region, name);
            signed.map_err(|error| Refusal::unable(Problem::unsigned(&self.model.name, &error)))?;
        }
        *request.uri_mut() = uri(&path);
        Ok(request.map(|()| Full::new(body)))
    }
}

/// The route is one of a known list and the prefix was a URL's, so this is a path; anything else would be refused.
fn uri(text: &str) -> Uri {
    text.parse().unwrap_or_default()
}

pub(super) const JSON: &str = "application/json";

/// Text completions hold their text elsewhere.
fn text_as_content(choice: &mut openai::Choice) {
    if let Some(text) = choice.text.take() {
        choice.message.content = Some(text);
    }
}

fn usage_of(body: &[u8]) -> Option<Usage> {
    let mut watch = usage::Watch::default();
    watch.see(body);
    watch.found()
}

/// Anthropic's count of tokens from Bedrock's.
fn counted(body: &[u8]) -> Result<Vec<u8>, Failure> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Counted {
        input_tokens: u64,
    }
    let garbled = |error| Failure::garbled(format!("the count of tokens cannot be read: {error}"));
    let Counted { input_tokens } = serde_json::from_slice(body).map_err(garbled)?;
    Ok(serde_json::json!({ "input_tokens": input_tokens }).to_string().into_bytes())
}

/// What a built-in model says, in the caller's protocol.
fn built_in(fixed: crate::fixture::Fixed, reply: Reply) -> Result<Response<Body>, Problem> {
    use crate::fixture::Fixed;
    Ok(match (fixed, reply) {
        (Fixed::Json(body), Reply::Translated(speaks, wanted, _)) => {
            Fixed::Json(wanted.answer(&speaks.answer(&body)?).into())
        }
        (Fixed::Json(body), Reply::Embedded) => Fixed::Json(v1::embedded(&body)?.into()),
        (Fixed::Events(events), Reply::Translated(speaks, wanted, _)) => {
            let mut stream = Stream::new(speaks.source(), wanted.sink());
            let mut out = BytesMut::new();
            let mut written: Vec<Bytes> = Vec::with_capacity(events.len());
            for event in events {
                stream.feed(&event, &mut out);
                written.extend((!out.is_empty()).then(|| out.split().freeze()));
            }
            Fixed::Events(written)
        }
        (fixed, _) => fixed,
    }
    .answer())
}

/// Takes out what callers may have put into headers of their own.
fn drop_own(headers: &mut HeaderMap) {
    let own: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("x-")).cloned().collect();
    for name in own {
        headers.remove(name);
    }
}
