//! Passing a request on to an endpoint of its model, or of a model that stands in for it, and the answer back.

mod came;
mod exchange;
mod plan;
mod reply;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use lisa_auth::Caller;
use tokio::time::Instant;

use crate::answer::Problem;
use crate::attempts::{Attempts, Left};
use crate::balance::Turn;
use crate::body::Body;
use crate::choose::{self, Wanted};
use crate::gateway::{Gateway, may_use};
use crate::options::Options;
use crate::peek::Peek;
use crate::record::Record;
use crate::registry::Model;
use crate::route::Ask;

use came::Refusal;
use exchange::Exchange;

pub(crate) use came::{copy, copy_answer};

/// Models that are asked for one request: the one that was asked for, and those that stand in for it.
const MODELS: usize = 8;

/// A request that may pass.
pub(crate) struct Asked<'a> {
    pub(crate) ask: Ask,
    pub(crate) head: &'a Parts,
    pub(crate) body: &'a Bytes,
    pub(crate) peek: &'a Peek,
    pub(crate) caller: &'a Caller,
    /// The request's id, of which ids of answers are made.
    pub(crate) id: &'a str,
    pub(crate) options: &'a Options,
}

impl Asked<'_> {
    /// The name by which the caller asks for a model.
    pub(crate) fn name(&self) -> &str {
        self.peek.model.as_deref().unwrap_or_default()
    }
}

/// Asks the model's endpoints, and then models that stand in for it, until one answers.
pub(crate) async fn forward(
    gateway: &Gateway,
    asked: &Asked<'_>,
    model: Arc<Model>,
    record: &mut Record,
) -> Result<Response<Body>, Problem> {
    let mut waiting = vec![model];
    let mut known: Vec<String> = waiting.iter().map(|model| model.name.clone()).collect();
    let mut last = None;
    while let Some(model) = waiting.pop() {
        record.model(&model.name);
        // One that stands in is asked by its own name, and the first by the caller's, which may be another one of it.
        let name = if last.is_none() { asked.name() } else { &model.name };
        let refusal = match answered_by(gateway, asked, &model, name, record).await {
            Ok(answer) => return Ok(answer),
            Err(refusal) => refusal,
        };
        let registry = gateway.shared.registry.now();
        // The last one is asked first.
        for name in stand_ins(&model.attempts, &refusal).iter().rev() {
            let other = registry.get(name).filter(|other| may_use(asked.caller, other));
            if let Some(other) = other.filter(|_| !known.contains(name) && known.len() < MODELS) {
                known.push(name.clone());
                waiting.push(Arc::clone(other));
            }
        }
        last = Some(refusal);
    }
    // What the last one says is the answer: the caller sees its status and its words.
    last.map_or_else(|| Err(Problem::unreachable("")), |refusal| *refusal.said)
}

/// The models that answer where this one does not, for the reason that it gave.
fn stand_ins<'a>(attempts: &'a Attempts, refusal: &Refusal) -> &'a [String] {
    match &refusal.why {
        Why::TooLong => &attempts.context_window_fallbacks,
        Why::Content => &attempts.content_policy_fallbacks,
        Why::Unable => &attempts.fallbacks,
        Why::Final => &[],
    }
}

/// Why an endpoint did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It cannot at the moment: another one may.
    Unable,
    /// The request is too long for its model.
    TooLong,
    /// Its model refuses what is asked.
    Content,
    /// Another one would say the same.
    Final,
}

/// Asks endpoints of one model until one answers.
async fn answered_by(
    gateway: &Gateway,
    asked: &Asked<'_>,
    model: &Arc<Model>,
    name: &str,
    record: &mut Record,
) -> Result<Response<Body>, Refusal> {
    let wanted = Wanted::of(&model.choice, &asked.head.headers, asked.body);
    let (mut tried, mut attempts, mut left) = (Vec::new(), 0, Left { again: true, pause: None });
    let mut refusal: Option<Refusal> = None;
    while left.again {
        if tried.len() >= model.endpoints.len() {
            // All have been asked: again from the beginning, if that is wished for.
            let Some(pause) = left.pause else { break };
            let asked_for = refusal.as_ref().and_then(|refusal| refusal.after).unwrap_or_default();
            tokio::time::sleep(pause.max(asked_for.min(LONGEST_PAUSE))).await;
            tried.clear();
        }
        let Some(endpoint) = choose::choose(model, &wanted, &tried, gateway.random()) else { break };
        tried.push(endpoint.id);
        endpoint.meter.ask();
        let (turn, begun) = (Turn::take(endpoint), Instant::now());
        let exchange = Exchange { gateway, asked, model, name, endpoint, turn, begun };
        match exchange.run(record).await {
            Ok(answer) => {
                endpoint.health.succeeded();
                endpoint.meter.began(begun.elapsed());
                return Ok(answer);
            }
            Err(other) => {
                let reason = other.reason();
                if other.is_ill {
                    let allowed = model.choice.allowed_fails.get(&reason).copied();
                    endpoint.health.failed_for(allowed, other.after);
                }
                attempts += 1;
                left = model.attempts.after(attempts, reason, other.why == Why::Unable);
                refusal = Some(other);
            }
        }
    }
    Err(refusal.unwrap_or_else(|| nobody(model, &wanted)))
}

/// Why none of a model's endpoints was asked.
fn nobody(model: &Model, wanted: &Wanted) -> Refusal {
    Refusal::unable(match choose::wait(model, wanted) {
        Some(wait) => Problem::too_many(wait),
        None if model.unusable.is_some() => Problem::unusable(&model.name),
        None => Problem::unreachable(&model.name),
    })
}

/// The longest that a request waits before it asks an endpoint again, whatever that asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Statuses by which an endpoint says that another one should be asked.
pub(crate) const fn is_refusal(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504 | 529)
}

/// Of those the ones that say something of the endpoint and not of the request.
pub(crate) const fn is_illness(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504 | 529)
}
