//! Paths that lead elsewhere, as `pass_through_endpoints` of `litellmConfig` names them: requests go there as they are.

use std::time::Duration;

use bytes::Bytes;
use http::header;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use lisa_auth::Caller;
use tokio::time::Instant;

use crate::answer::Problem;
use crate::balance::Turn;
use crate::body::{Body, Underway};
use crate::forward::{copy, copy_answer};
use crate::gateway::Gateway;
use crate::options::{Options, PassThrough};
use crate::pool::SendError;

/// The endpoint behind a path, for a caller who may use it. For another caller there is none.
pub(crate) fn find<'a>(options: &'a Options, path: &str, caller: &Caller) -> Option<&'a PassThrough> {
    let leads = |own: &&PassThrough| match path.strip_prefix(own.path.as_str()) {
        Some("") => true,
        Some(rest) => own.with_subpaths && rest.starts_with('/') && !rest.split('/').any(|part| part == ".."),
        None => false,
    };
    let found = options.pass_through.iter().filter(leads).max_by_key(|own| own.path.len())?;
    (found.for_users || caller.is_admin).then_some(found)
}

/// What is answered there.
pub(crate) async fn answer(
    gateway: &Gateway,
    to: &PassThrough,
    head: &Parts,
    body: Bytes,
    keep_alive: Duration,
) -> Result<Response<Body>, Problem> {
    let path = head.uri.path().strip_prefix(to.path.as_str()).unwrap_or_default();
    let query = head.uri.query().map_or_else(String::new, |query| format!("?{query}"));
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = head.method.clone();
    let place = format!("{}{path}{query}", to.target.prefix);
    let place = if place.starts_with('/') { place } else { format!("/{place}") };
    *request.uri_mut() = place.parse().map_err(|_| Problem::unknown_route(&head.method, head.uri.path()))?;
    let headers = request.headers_mut();
    if to.forwards_headers {
        copy(&head.headers, headers);
    } else if let Some(kind) = head.headers.get(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, kind.clone());
    }
    headers.insert(header::HOST, to.target.authority.clone());
    headers.extend(to.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    let (turn, times, begun) = (Turn::take(&to.endpoint), to.endpoint.times, Instant::now());
    match gateway.pool.send(&to.endpoint, &to.target, request, times.first_byte).await {
        Ok(answer) => {
            let (head, body) = answer.into_parts();
            Ok(copy_answer(head, Underway { body, turn, times, begun, keep_alive }))
        }
        Err(SendError::Slow) => Err(Problem::too_slow(&to.path)),
        Err(SendError::Connect(_) | SendError::Broken(_)) => Err(Problem::unreachable(&to.path)),
    }
}
