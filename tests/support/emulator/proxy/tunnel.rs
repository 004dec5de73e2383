//! AWS's names over HTTPS: what a deployment says of itself is asked for where it says that it is, and the emulator
//! answers. The certificate is made on the spot, and nobody vouches for it.

use std::convert::Infallible;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::StatusCode;
use reqwest::header::HOST;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::{Asked, Inside, respond};

/// What stands between the id of an API and its region.
const API: &str = ".execute-api.";

/// What the name of a load balancer ends in.
const BALANCER: &str = ".elb.amazonaws.com";

/// How TLS is spoken for every name.
pub(super) fn certificate() -> Result<Arc<ServerConfig>> {
    let made = rcgen::generate_simple_self_signed(["amazonaws.com".to_owned()])?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())?;
    Ok(Arc::new(config))
}

/// Answers `CONNECT`: behind it is the emulator, for the names that it has.
pub(super) fn open(inside: Arc<Inside>, request: Request) -> Response {
    let host = request.uri().host().unwrap_or_default();
    if !(host.contains(API) || host.contains(BALANCER)) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    tokio::spawn(async move {
        // A connection that breaks is noticed by who opened it.
        let _ = talk(inside, request).await;
    });
    StatusCode::OK.into_response()
}

async fn talk(inside: Arc<Inside>, request: Request) -> Result<()> {
    let raw = hyper::upgrade::on(request).await?;
    let stream = TlsAcceptor::from(Arc::clone(&inside.certificate)).accept(TokioIo::new(raw)).await?;
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let inside = Arc::clone(&inside);
        async move { Ok::<_, Infallible>(respond(&inside, request.map(Body::new)).await) }
    });
    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.context("a tunnel broke")
}

/// Addresses an API or a load balancer by its path: the emulator does not know the one by its name, and answers for the
/// other itself where the path is one of its own.
pub(super) fn address(asked: &mut Asked) {
    let host = asked.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let path = asked.path.trim_start_matches('/');
    asked.path = if let Some((id, _)) = host.split_once(API) {
        let (stage, rest) = path.split_once('/').unwrap_or((path, ""));
        format!("/restapis/{id}/{stage}/_user_request_/{rest}")
    } else if let Some(name) = host.contains(BALANCER).then(|| balancer(host)).flatten() {
        format!("/_alb/{name}/{path}")
    } else {
        return;
    };
    asked.headers.remove(HOST);
}

/// The name of a load balancer: its host begins with it, and with a part that AWS adds.
fn balancer(host: &str) -> Option<&str> {
    let (name, _) = host.split('.').next()?.rsplit_once('-')?;
    Some(name.strip_prefix("internal-").unwrap_or(name))
}
