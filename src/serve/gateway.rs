//! One request, from its head to its answer: who is calling, what for, and which model answers.

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use lisa_auth::{Authenticator, Caller, Credential};
use serde_json::json;

use crate::admission::Queue;
use crate::answer::{self, Problem};
use crate::body::{Body, Budget, Share};
use crate::cache::{Cache, Question};
use crate::choose::Wanted;
use crate::metrics::Metrics;
use crate::options::Options;
use crate::parallel::Parallel;
use crate::peek::Peek;
use crate::pool::Pool;
use crate::rate::Limits;
use crate::record::{Record, Sink};
use crate::registry::{Model, Registry};
use crate::route::Route;
use crate::{forward, origin, pass_through, usage};

/// The largest body.
pub const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// For how long a body may send nothing.
const BODY_PAUSE: Duration = Duration::from_secs(30);

/// What all threads share.
pub struct Shared {
    /// Who is calling.
    pub authenticator: Authenticator,
    /// The models.
    pub registry: Registry,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where the access log goes.
    pub log: Sink,
    /// Origins that browsers may call from.
    pub origins: origin::Origins,
    /// How often callers may ask; as often as they like without.
    pub limits: Option<Limits>,
    /// What callers have under way.
    pub parallel: Parallel,
    /// Answers that are remembered.
    pub cache: Cache,
}

/// The gateway of one thread.
pub struct Gateway {
    pub(crate) shared: Arc<Shared>,
    pub(crate) pool: Pool,
    budget: Budget,
    queue: Queue,
    random: Cell<u64>,
}

impl Gateway {
    /// A gateway that holds at most `budget` bytes of bodies.
    pub fn new(shared: Arc<Shared>, pool: Pool, budget: usize, seed: u64) -> Self {
        Self {
            shared,
            pool,
            budget: Budget::new(budget),
            queue: Queue::default(),
            random: Cell::new(seed | 1),
        }
    }

    /// Answers a request.
    pub async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let (head, body) = request.into_parts();
        let id = self.request_id(&head.headers);
        let Shared { metrics, log, .. } = &*self.shared;
        let mut record = Record::begin(&id, &head.method, head.uri.path(), metrics, log);
        let mut answer = match self.respond(&head, body, &mut record).await {
            Ok(answer) => answer,
            Err(problem) => problem.answer(),
        };
        record.status(answer.status());
        if let Ok(value) = HeaderValue::from_str(&id) {
            answer.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
        }
        self.shared.origins.allow(&head.headers, answer.headers_mut());
        Ok(answer.map(|body| body.recorded(record)))
    }

    async fn respond(
        &self,
        head: &Parts,
        body: Incoming,
        record: &mut Record,
    ) -> Result<Response<Body>, Problem> {
        let path = head.uri.path();
        let route = Route::of(&head.method, path);
        match route {
            Route::Health => return Ok(answer::of(StatusCode::OK, "application/json", HEALTHY)),
            Route::Preflight => return Ok(self.shared.origins.preflight(&head.headers)),
            _ => {}
        }
        // Who may not pass learns nothing of the routes either.
        let caller = self.caller(&head.headers).await?;
        record.caller(&caller.subject);
        if let Some(limits) = &self.shared.limits {
            limits.take(&caller, Instant::now()).map_err(Problem::too_many)?;
        }
        let snapshot = self.shared.registry.now();
        let options = &snapshot.options;
        let under_way = self.shared.parallel.enter(options, &caller.subject);
        record.hold(under_way.map_err(|()| Problem::too_many_at_once())?);
        if let Some(found) = pass_through::find(options, path, &caller) {
            let (body, _share) = self.collect(options, &head.headers, body).await?;
            return pass_through::answer(self, found, head, body, options.keep_alive).await;
        }
        if !options.allows(path) {
            return Err(Problem::unknown_route(&head.method, path));
        }
        match route {
            Route::Models => Ok(self.models(&caller)),
            Route::Model(name) => self.model(name, &caller),
            Route::Pass(route) => self.pass(route, head, body, &caller, record).await,
            Route::Metrics if caller.is_admin => {
                let text = Bytes::from(self.shared.metrics.text());
                Ok(answer::of(StatusCode::OK, "text/plain; version=0.0.4", text))
            }
            Route::MethodNotAllowed(allowed) => Err(Problem::method(&head.method, allowed)),
            _ => Err(Problem::unknown_route(&head.method, path)),
        }
    }

    async fn caller(&self, headers: &HeaderMap) -> Result<Arc<Caller>, Problem> {
        let values = |name: &str| headers.get_all(name).iter().map(HeaderValue::as_bytes).collect::<Vec<_>>();
        let keys = [values("api-key"), values("x-api-key")].concat();
        let credential = Credential::from_headers(values("authorization"), keys);
        let caller = self.shared.authenticator.authenticate(credential).await;
        caller.map_err(|refusal| Problem::refused(&refusal))
    }

    fn models(&self, caller: &Caller) -> Response<Body> {
        let registry = self.shared.registry.now();
        let usable = registry.all().filter(|(_, model)| may_use(caller, model));
        let data: Vec<_> = usable.map(|(name, _)| describe(name)).collect();
        let list = json!({ "object": "list", "data": data });
        answer::of(StatusCode::OK, "application/json", answer::json(&list))
    }

    fn model(&self, name: &str, caller: &Caller) -> Result<Response<Body>, Problem> {
        let registry = self.shared.registry.now();
        let model = registry.get(name).filter(|model| may_use(caller, model));
        model.ok_or_else(|| Problem::unknown_model(name))?;
        Ok(answer::of(StatusCode::OK, "application/json", answer::json(&describe(name))))
    }

    async fn pass(
        &self,
        route: &str,
        head: &Parts,
        body: Incoming,
        caller: &Caller,
        record: &mut Record,
    ) -> Result<Response<Body>, Problem> {
        let registry = self.shared.registry.now();
        let options = &registry.options;
        let place = self.queue.enter(options.admission).await.ok_or_else(Problem::busy)?;
        record.hold(place);
        let (body, _share) = self.collect(options, &head.headers, body).await?;
        let peek = Peek::read(&body).map_err(|error| Problem::body(&error))?;
        let name = peek.model.as_deref().ok_or_else(Problem::no_model)?;
        let model = registry.get(name).filter(|model| may_use(caller, model));
        let model = Arc::clone(model.ok_or_else(|| Problem::unknown_model(name))?);
        record.model(&model.name);
        let wanted = Wanted::of(&model.choice, &head.headers, &body);
        let asked =
            forward::Asked { route, head, body: &body, peek: &peek, model: &model, wanted: &wanted, options };
        self.remembered(&asked, record).await
    }

    /// The answer that is remembered, or the model's, which is remembered where that is asked for.
    async fn remembered(
        &self,
        asked: &forward::Asked<'_>,
        record: &mut Record,
    ) -> Result<Response<Body>, Problem> {
        let (options, cache) = (asked.options, &self.shared.cache);
        let question = options.cache.as_ref().and_then(|rules| {
            let streams = asked.peek.stream;
            Question::of(rules, asked.route, &asked.model.name, asked.body, streams)
                .map(|question| (rules, question))
        });
        if let Some((rules, question)) = &question
            && let Some(answer) = cache.find(rules, question)
        {
            return Ok(answer);
        }
        let answer = forward::forward(self, asked).await?;
        let limit = options.max_response.filter(|_| !asked.peek.stream);
        if question.is_none() && limit.is_none() {
            return Ok(answer);
        }
        let (answer, body) = whole(answer, limit, record).await?;
        if let Some((_, question)) = question.filter(|(_, question)| question.writes())
            && answer.status() == StatusCode::OK
        {
            cache.keep(&question, answer.headers(), &body);
        }
        Ok(answer.map(|()| Body::full(body)))
    }

    /// The whole body, within its own limit and that of all bodies together.
    pub(crate) async fn collect(
        &self,
        options: &Options,
        headers: &HeaderMap,
        mut body: Incoming,
    ) -> Result<(Bytes, Share), Problem> {
        let limit = options.max_request;
        let length =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let expected = length.unwrap_or_default();
        if expected > limit {
            return Err(Problem::too_large(limit));
        }
        let mut share = self.budget.take(expected).ok_or_else(Problem::busy)?;
        let mut whole = bytes::BytesMut::with_capacity(expected);
        loop {
            let frame =
                tokio::time::timeout(BODY_PAUSE, body.frame()).await.map_err(|_| Problem::cut_body())?;
            let Some(frame) = frame else { return Ok((whole.freeze(), share)) };
            let Ok(data) = frame.map_err(|_| Problem::cut_body())?.into_data() else { continue };
            if whole.len() + data.len() > limit {
                return Err(Problem::too_large(limit));
            }
            let more = (whole.len() + data.len()).saturating_sub(expected.max(whole.len()));
            if more > 0 && !share.grow(more) {
                return Err(Problem::busy());
            }
            whole.extend_from_slice(&data);
        }
    }

    /// The caller's own id of the request, or a new one.
    fn request_id(&self, headers: &HeaderMap) -> String {
        let own = headers.get("x-request-id").and_then(|value| value.to_str().ok());
        let is_sound = |id: &&str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        own.filter(is_sound)
            .map_or_else(|| format!("{:016x}{:016x}", self.random(), self.random()), str::to_owned)
    }

    /// A number that looks random: for ids and the choice of endpoints, never for secrets.
    pub(crate) fn random(&self) -> u64 {
        let mut next = self.random.get();
        next ^= next << 13;
        next ^= next >> 7;
        next ^= next << 17;
        self.random.set(next);
        next.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

const HEALTHY: Bytes = Bytes::from_static(br#"{"status":"OK"}"#);

fn may_use(caller: &Caller, model: &Model) -> bool {
    caller.is_admin || caller.is_in_any(&model.groups)
}

fn describe(name: &str) -> serde_json::Value {
    json!({ "id": name, "object": "model", "created": 0, "owned_by": "lisa" })
}

/// An answer read to its end, as far as it may be large.
async fn whole(
    answer: Response<Body>,
    limit: Option<u64>,
    record: &mut Record,
) -> Result<(Response<()>, Bytes), Problem> {
    let (head, mut body) = answer.into_parts();
    let mut bytes = bytes::BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Problem::broken_answer())?.into_data() else { continue };
        bytes.extend_from_slice(&data);
        if let Some(limit) = limit.filter(|limit| bytes.len() as u64 > *limit) {
            return Err(Problem::answer_too_large(limit));
        }
    }
    let bytes = bytes.freeze();
    let mut watch = usage::Watch::default();
    watch.see(&bytes);
    record.usage(watch.found());
    Ok((Response::from_parts(head, ()), bytes))
}
