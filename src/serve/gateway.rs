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

use crate::admission::Queue;
use crate::answer::{self, Problem, Shape};
use crate::bill::Bills;
use crate::body::{Body, Budget, Share};
use crate::cache::{Cache, Question};
use crate::log::Log;
use crate::metrics::Metrics;
use crate::options::Options;
use crate::parallel::Parallel;
use crate::peek::Peek;
use crate::pool::Pool;
use crate::protocol::v1;
use crate::rate::Limits;
use crate::record::Record;
use crate::registry::{Model, Registry};
use crate::route::{Ask, Route};
use crate::trace::{Place, Tracer};
use crate::{catalog, forward, origin, pass_through, usage};

/// The largest body.
pub const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// Where a caller names a request, and is told its name.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where keys are looked for beside `Authorization`.
const API_KEY: HeaderName = HeaderName::from_static("api-key");
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// For how long a body may send nothing.
const BODY_PAUSE: Duration = Duration::from_secs(30);

/// For how long it may be on its way in all.
const BODY_WHOLE: Duration = Duration::from_mins(10);

/// What all threads share.
pub struct Shared {
    /// Who is calling.
    pub authenticator: Authenticator,
    /// The models.
    pub registry: Registry,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where the access log goes.
    pub log: Log,
    /// Origins that browsers may call from.
    pub origins: origin::Origins,
    /// How often callers may ask; as often as they like without.
    pub limits: Option<Limits>,
    /// What callers have under way.
    pub parallel: Parallel,
    /// Answers that are remembered.
    pub cache: Cache,
    /// Who sends traces, where any are.
    pub tracer: Option<Tracer>,
    /// Where it is told who used what.
    pub bills: Bills,
}

impl Shared {
    /// What a gateway needs at least: no models yet, no limits, and its access log on standard output.
    pub fn new(authenticator: Authenticator) -> Self {
        Self {
            authenticator,
            registry: Registry::default(),
            metrics: Arc::new(Metrics::default()),
            log: Log::stdout(),
            origins: origin::Origins::default(),
            limits: None,
            parallel: Parallel::default(),
            cache: Cache::default(),
            tracer: None,
            bills: Bills::default(),
        }
    }
}

/// The gateway of one thread.
pub struct Gateway {
    pub(crate) shared: Arc<Shared>,
    pub(crate) pool: Pool,
    pub(crate) budget: Budget,
    queue: Queue,
    random: Cell<u64>,
}

impl Gateway {
    /// A gateway that holds at most `budget` bytes of bodies.
    pub fn new(shared: Arc<Shared>, pool: Pool, budget: usize, seed: u64) -> Self {
        let (budget, queue, random) = (Budget::new(budget), Queue::default(), Cell::new(seed | 1));
        Self { shared, pool, budget, queue, random }
    }

    /// Answers a request.
    pub async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let (mut head, body) = request.into_parts();
        let id = self.request_id(&head.headers);
        let shape = Route::shape(head.uri.path());
        let Shared { metrics, log, .. } = &*self.shared;
        let mut record = Box::new(Record::begin(&id, &head.method, head.uri.path(), metrics, log));
        record.bill(&self.shared.bills);
        if let Some(tracer) = &self.shared.tracer {
            let ids = [self.random(), self.random(), self.random()];
            let place = Place::below(&head.headers, ids, tracer.sampled());
            if let Some(value) = place.header() {
                head.headers.insert(HeaderName::from_static("traceparent"), value);
            }
            record.trace(tracer, place);
        }
        let mut answer = match self.respond(&head, body, &id, &mut record).await {
            Ok(answer) => answer,
            Err(problem) => problem.answer(shape),
        };
        record.status(answer.status());
        if let Ok(value) = HeaderValue::from_str(&id) {
            if shape == Shape::Anthropic {
                answer.headers_mut().insert(HeaderName::from_static("request-id"), value.clone());
            }
            answer.headers_mut().insert(REQUEST_ID, value);
        }
        self.shared.origins.allow(&head.headers, answer.headers_mut());
        Ok(answer.map(|body| body.recorded(record)))
    }

    async fn respond(
        &self,
        head: &Parts,
        body: Incoming,
        id: &str,
        record: &mut Record,
    ) -> Result<Response<Body>, Problem> {
        let path = head.uri.path();
        let has_null = |text: &str| text.contains("%00");
        if has_null(path) || head.uri.query().is_some_and(has_null) {
            return Err(Problem::null_byte());
        }
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
        if let Some(under_way) = under_way.map_err(|_| Problem::too_many_at_once())? {
            record.hold(under_way);
        }
        if let Some(found) = pass_through::find(options, path, &caller) {
            let (body, _share) = self.collect(options, &head.headers, body).await?;
            return pass_through::answer(self, found, head, body, options.keep_alive).await;
        }
        if !options.allows(path) {
            return Err(Problem::unknown_route(&head.method, path));
        }
        match route {
            Route::Ask(ask) => {
                let asking = Asking { ask, head, caller: &caller, id };
                self.ask(asking, body, record).await
            }
            Route::Metrics if caller.is_admin => {
                let text = Bytes::from(self.shared.metrics.text());
                Ok(answer::of(StatusCode::OK, "text/plain; version=0.0.4", text))
            }
            Route::Kept => Err(Problem::not_kept()),
            Route::MethodNotAllowed(allowed) => Err(Problem::method(&head.method, allowed)),
            _ => catalog::tell(&self.shared.registry.now(), route, head, &caller),
        }
    }

    async fn caller(&self, headers: &HeaderMap) -> Result<Arc<Caller>, Problem> {
        let values = |name: &HeaderName| headers.get_all(name).iter().map(HeaderValue::as_bytes);
        let keys = values(&API_KEY).chain(values(&X_API_KEY));
        let credential = Credential::from_headers(values(&header::AUTHORIZATION), keys);
        let caller = self.shared.authenticator.authenticate(credential).await;
        caller.map_err(|refusal| Problem::refused(&refusal))
    }

    /// Asks a model.
    async fn ask(
        &self,
        asking: Asking<'_>,
        body: Incoming,
        record: &mut Record,
    ) -> Result<Response<Body>, Problem> {
        let Asking { ask, head, caller, id } = asking;
        let registry = self.shared.registry.now();
        let options = &registry.options;
        let place = self.queue.enter(options.admission).await.ok_or_else(Problem::busy)?;
        record.hold(place);
        let (body, _share) = self.collect(options, &head.headers, body).await?;
        let (peek, provider) = read(ask, &head.headers, &body)?;
        let name = peek.model.as_deref().ok_or_else(Problem::no_model)?;
        let model = registry.get(name).filter(|model| may_use(caller, model));
        let model = model.filter(|model| provider.is_none_or(|provider| model.provider == provider));
        let model = Arc::clone(model.ok_or_else(|| Problem::unknown_model(name))?);
        record.model(&model.name);
        let asked = forward::Asked { ask, head, body: &body, peek: &peek, caller, id, options };
        self.remembered(&asked, model, record).await
    }

    /// The answer that is remembered, or the model's, which is remembered where that is asked for.
    async fn remembered(
        &self,
        asked: &forward::Asked<'_>,
        model: Arc<Model>,
        record: &mut Record,
    ) -> Result<Response<Body>, Problem> {
        let (options, cache) = (asked.options, &self.shared.cache);
        let question = match (asked.ask, &options.cache) {
            (Ask::Json(route), Some(rules)) => {
                let question = Question::of(rules, route, &model.name, asked.body, asked.peek.stream);
                question.map(|question| (rules, question))
            }
            _ => None,
        };
        if let Some((rules, question)) = &question
            && let Some(answer) = cache.find(rules, question)
        {
            return Ok(answer);
        }
        let is_stream = asked.peek.stream || asked.ask == Ask::GenerateStream;
        let answer = forward::forward(self, asked, model, record).await?;
        let limit = options.max_response.filter(|_| !is_stream);
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
        let begun = Instant::now();
        loop {
            let left = BODY_WHOLE.saturating_sub(begun.elapsed()).min(BODY_PAUSE);
            let frame = tokio::time::timeout(left, body.frame()).await.map_err(|_| Problem::cut_body())?;
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
        let own = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok());
        let is_sound = |id: &&str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        own.filter(is_sound).map_or_else(
            || format!("{:032x}", u128::from(self.random()) << 64 | u128::from(self.random())),
            str::to_owned,
        )
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

/// A model is asked for something.
struct Asking<'a> {
    ask: Ask,
    head: &'a Parts,
    caller: &'a Caller,
    id: &'a str,
}

/// What the gateway must know of a body, and of upstream's first routes the provider that it names.
fn read(ask: Ask, headers: &HeaderMap, body: &[u8]) -> Result<(Peek, Option<String>), Problem> {
    let unreadable = |error| Problem::body(&error);
    match ask {
        Ask::Form(_) => {
            let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            Ok((Peek::read_form(kind, body).map_err(unreadable)?, None))
        }
        Ask::Generate | Ask::GenerateStream | Ask::Embed => {
            let v1::Request { provider, model_name, .. } = v1::Request::read(body)?;
            Ok((Peek { model: Some(model_name), ..Peek::default() }, Some(provider)))
        }
        Ask::Json(_) | Ask::Messages | Ask::CountTokens => Ok((Peek::read(body).map_err(unreadable)?, None)),
    }
}

/// Whether a caller may use a model.
pub(crate) fn may_use(caller: &Caller, model: &Model) -> bool {
    caller.is_admin || caller.is_in_any(&model.groups)
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
