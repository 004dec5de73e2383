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

use crate::answer::{self, Problem};
use crate::body::{Body, Budget, Share};
use crate::metrics::Metrics;
use crate::peek::Peek;
use crate::pool::Pool;
use crate::rate::Limits;
use crate::record::{Record, Sink};
use crate::registry::{Model, Registry};
use crate::route::Route;
use crate::{forward, origin};

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
}

/// The gateway of one thread.
pub struct Gateway {
    pub(crate) shared: Arc<Shared>,
    pub(crate) pool: Pool,
    budget: Budget,
    random: Cell<u64>,
}

impl Gateway {
    /// A gateway that holds at most `budget` bytes of bodies.
    pub fn new(shared: Arc<Shared>, pool: Pool, budget: usize, seed: u64) -> Self {
        Self { shared, pool, budget: Budget::new(budget), random: Cell::new(seed | 1) }
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
        let usable = registry.all().filter(|model| may_use(caller, model));
        let data: Vec<_> = usable.map(|model| describe(model)).collect();
        let list = json!({ "object": "list", "data": data });
        answer::of(StatusCode::OK, "application/json", answer::json(&list))
    }

    fn model(&self, name: &str, caller: &Caller) -> Result<Response<Body>, Problem> {
        let registry = self.shared.registry.now();
        let model = registry.get(name).filter(|model| may_use(caller, model));
        let model = model.ok_or_else(|| Problem::unknown_model(name))?;
        Ok(answer::of(StatusCode::OK, "application/json", answer::json(&describe(model))))
    }

    async fn pass(
        &self,
        route: &str,
        head: &Parts,
        body: Incoming,
        caller: &Caller,
        record: &mut Record,
    ) -> Result<Response<Body>, Problem> {
        let (body, _share) = self.collect(&head.headers, body).await?;
        let peek = Peek::read(&body).map_err(|error| Problem::body(&error))?;
        let name = peek.model.as_deref().ok_or_else(Problem::no_model)?;
        let registry = self.shared.registry.now();
        let model = registry.get(name).filter(|model| may_use(caller, model));
        let model = Arc::clone(model.ok_or_else(|| Problem::unknown_model(name))?);
        record.model(&model.name);
        forward::forward(self, &forward::Asked { route, head, body: &body, peek: &peek, model: &model }).await
    }

    /// The whole body, within its own limit and that of all bodies together.
    async fn collect(&self, headers: &HeaderMap, mut body: Incoming) -> Result<(Bytes, Share), Problem> {
        let length =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let expected = length.unwrap_or_default();
        if expected > LARGEST_BODY {
            return Err(Problem::too_large(LARGEST_BODY));
        }
        let mut share = self.budget.take(expected).ok_or_else(Problem::busy)?;
        let mut whole = bytes::BytesMut::with_capacity(expected);
        loop {
            let frame =
                tokio::time::timeout(BODY_PAUSE, body.frame()).await.map_err(|_| Problem::cut_body())?;
            let Some(frame) = frame else { return Ok((whole.freeze(), share)) };
            let Ok(data) = frame.map_err(|_| Problem::cut_body())?.into_data() else { continue };
            if whole.len() + data.len() > LARGEST_BODY {
                return Err(Problem::too_large(LARGEST_BODY));
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

fn describe(model: &Model) -> serde_json::Value {
    json!({ "id": model.name, "object": "model", "created": 0, "owned_by": "lisa" })
}
