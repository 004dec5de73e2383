//! A proxy before the emulator, so that the unmodified program can deploy whole templates to it.
//!
//! It shows the emulator what the emulator knows of each template ([`view`](super::view)), and the program what the program
//! gave; everything else passes as it is. As a proxy of HTTPS (`HTTPS_PROXY`) it leads AWS's names to the emulator. It
//! keeps a log, by which a test can tell that a second run moved nothing.

mod connect;
mod log;
mod templates;
mod tunnel;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use reqwest::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HeaderMap, TRANSFER_ENCODING};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::rustls::ServerConfig;

pub use self::log::Passed;
use self::templates::Templates;
use super::Emulator;

/// More than any layer of an image that a test pushes.
const LARGEST_BODY: usize = 1 << 30;

/// A service that the emulator does not have and never answers for.
const UNANSWERED: &str = "servicequotas";

/// Headers that belong to one connection.
const OF_A_CONNECTION: [reqwest::header::HeaderName; 4] =
    [CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING];

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    inside: Arc<Inside>,
    _runtime: Runtime,
}

/// What all requests share.
#[derive(Debug)]
struct Inside {
    upstream: String,
    address: SocketAddr,
    client: reqwest::Client,
    passed: Mutex<Vec<Passed>>,
    templates: Templates,
    certificate: Arc<ServerConfig>,
}

/// A request that was read whole.
struct Asked {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Proxy {
    /// Starts a proxy before an emulator.
    pub fn start(emulator: &Emulator) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let client =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        let listener =
            runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).context("no free port")?;
        let address = listener.local_addr()?;
        let (upstream, templates) = (emulator.url(), Templates::of(address));
        let (passed, certificate) = (Mutex::default(), tunnel::certificate()?);
        let inside = Arc::new(Inside { upstream, address, client, passed, templates, certificate });
        let router = Router::new()
            .fallback(pass)
            .layer(DefaultBodyLimit::max(LARGEST_BODY))
            .with_state(inside.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, inside, _runtime: runtime })
    }

    /// Where it is reached, for `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests since the start, or since they were last taken.
    pub fn take_passed(&self) -> Vec<Passed> {
        std::mem::take(&mut self.inside.passed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn pass(State(inside): State<Arc<Inside>>, request: Request) -> Response {
    if request.method() == Method::CONNECT {
        return tunnel::open(inside, request);
    }
    respond(&inside, request).await
}

async fn respond(inside: &Inside, request: Request) -> Response {
    inside.pass(request).await.unwrap_or_else(|error| {
        // Loudly, in the form of CloudFormation: a request is wrong, and trying again is of no use.
        let why = format!("{error:#}").replace('&', "&amp;").replace('<', "&lt;");
        let error = format!("<Error><Code>ProxyOfTheTest</Code><Message>{why}</Message></Error>");
        (StatusCode::BAD_REQUEST, format!("<ErrorResponse>{error}</ErrorResponse>")).into_response()
    })
}

impl Inside {
    async fn pass(&self, request: Request) -> Result<Response> {
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let body = axum::body::to_bytes(body, LARGEST_BODY).await?;
        let mut asked = Asked { method: head.method, path, headers: head.headers, body };
        tunnel::address(&mut asked);
        let mut passed = Passed::of(&asked);
        if passed.service == "cloudformation" {
            self.templates.show(self, &mut asked).await?;
        }
        if passed.service == UNANSWERED {
            return Ok(StatusCode::NOT_FOUND.into_response());
        }
        let (status, headers, mut body) = self.forward(&asked).await?;
        passed.status = status.as_u16();
        match (passed.service.as_str(), passed.action.as_str()) {
            ("cloudformation", "GetTemplate") if status.is_success() => body = self.templates.original(body),
            ("ecr", _) if status.is_success() => body = self.registry_here(&body)?,
            _ => {}
        }
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).push(passed);
        Ok(answer(&asked.method, status, headers, body))
    }

    async fn forward(&self, asked: &Asked) -> Result<(StatusCode, HeaderMap, Bytes)> {
        let mut headers = asked.headers.clone();
        for name in OF_A_CONNECTION {
            headers.remove(name);
        }
        let url = format!("{}{}", self.upstream, asked.path);
        let request = self.client.request(asked.method.clone(), url).headers(headers);
        let answer = request.body(asked.body.clone()).send().await?;
        Ok((answer.status(), answer.headers().clone(), answer.bytes().await?))
    }

    /// The emulator's registry answers here, by HTTP, and not where its name says.
    fn registry_here(&self, body: &[u8]) -> Result<Bytes> {
        let mut answer: Value = serde_json::from_slice(body)?;
        for token in list(&mut answer, "authorizationData") {
            token["proxyEndpoint"] = format!("http://{}", self.address).into();
        }
        for repository in list(&mut answer, "repositories") {
            let name = repository["repositoryName"].as_str().unwrap_or_default();
            repository["repositoryUri"] = format!("{}/{name}", self.address).into();
        }
        Ok(answer.to_string().into())
    }
}

fn list<'a>(answer: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    answer.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

fn answer(method: &Method, status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Response {
    // The answer to HEAD tells the length of what it does not hold.
    let own = if method == Method::HEAD { &OF_A_CONNECTION[2..] } else { &OF_A_CONNECTION[..] };
    for name in own {
        headers.remove(name);
    }
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
