//! What every request meets first: is it this machine's user's, whose is it, and which part of LISA answers it.

use std::convert::Infallible;
use std::pin::Pin;

use axum::body::Body;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, SET_COOKIE};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use lisa_auth::Caller;
use lisa_serve::beside::{Answering, Beside};
use lisa_service::AuthorizerContext;
use tower::ServiceExt as _;

use crate::origin::Names;
use crate::page::Page;
use crate::rest::Rest;
use crate::sign_in::SignIn;

/// The path of the link that the terminal shows.
pub(crate) const LINK: &str = "/sign-in/";

/// Headers of every answer that is not the gateway's.
const SECURITY: [(HeaderName, HeaderValue); 3] = [
    (http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (http::header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (http::header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// The user of this machine, as far as browsers are concerned.
pub(crate) struct User {
    /// The browsers that are the user's.
    pub(crate) sign_in: SignIn,
    /// Whom services are told.
    pub(crate) caller: Caller,
    /// What the gateway is shown for a browser that is signed in: a key of this process.
    pub(crate) authorization: HeaderValue,
}

/// What stands in front of everything.
#[derive(Clone)]
pub(crate) struct Front(std::sync::Arc<Parts>);

struct Parts {
    names: Names,
    /// None where an OpenID provider signs people in.
    user: Option<User>,
    rest: Rest,
    page: Page,
}

impl Front {
    pub(crate) fn new(names: Names, user: Option<User>, rest: Rest, page: Page) -> Self {
        Self(std::sync::Arc::new(Parts { names, user, rest, page }))
    }

    async fn answer(self, request: Request<Body>) -> Response {
        let mut response = self.respond(request).await;
        for (name, value) in SECURITY {
            response.headers_mut().entry(name).or_insert(value);
        }
        response
    }

    async fn respond(&self, request: Request<Body>) -> Response {
        let Parts { user, rest, page, .. } = &*self.0;
        let path = request.uri().path();
        if let Some(user) = user {
            if let Some(secret) = path.strip_prefix(LINK) {
                return follow(&user.sign_in, secret).await;
            }
            if path == "/logout" && request.method() == Method::POST {
                return leave(&user.sign_in, &request).await;
            }
        }
        match rest.service(request.method(), path) {
            Some(service) => {
                service.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {})
            }
            None if matches!(*request.method(), Method::GET | Method::HEAD) => {
                page.answer(path, request.headers())
            }
            None => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        }
    }
}

impl Beside for Front {
    fn take(&self, mut request: Request<Incoming>) -> Result<Answering, Request<Incoming>> {
        let Parts { names, user, .. } = &*self.0;
        let headers = request.headers();
        if !names.are_meant(headers) {
            return Ok(boxed(async { misdirected() }));
        }
        let is_gateways = is_gateways(request.uri().path());
        // Who shows a credential is judged by it, in a browser as elsewhere.
        let shows_none = !headers.contains_key(AUTHORIZATION) && !headers.contains_key("api-key");
        let known =
            user.as_ref().filter(|user| shows_none && user.sign_in.knows(headers) && names.made(headers));
        match known {
            Some(user) if is_gateways => {
                request.headers_mut().insert(AUTHORIZATION, user.authorization.clone());
            }
            Some(user) => {
                request.extensions_mut().insert(AuthorizerContext::of(&user.caller));
            }
            None => {}
        }
        if is_gateways {
            return Err(request);
        }
        Ok(boxed(self.clone().answer(request.map(Body::new))))
    }
}

/// Whether the path is the gateway's. Its `/health` speaks for the whole process.
fn is_gateways(path: &str) -> bool {
    path.starts_with("/v2/") || path == "/metrics" || path == "/health" || path.starts_with("/health/")
}

fn boxed(answer: impl Future<Output = Response> + 'static) -> Answering {
    let answer = async { answer.await.map(|body| body.map_err(Into::into).boxed_unsync()) };
    let answer: Pin<Box<dyn Future<Output = _>>> = Box::pin(answer);
    answer
}

async fn follow(sign_in: &SignIn, secret: &str) -> Response {
    match sign_in.exchange(secret).await {
        Ok(Some(cookie)) => ([(SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        Ok(None) => (StatusCode::GONE, [(CACHE_CONTROL, "no-store")], USED).into_response(),
        Err(error) => failed(&*error),
    }
}

async fn leave(sign_in: &SignIn, request: &Request<Body>) -> Response {
    match sign_in.forget(request.headers()).await {
        Ok(cookie) => (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response(),
        Err(error) => failed(&*error),
    }
}

fn failed(error: &dyn std::error::Error) -> Response {
    tracing::error!(reason = error.to_string(), "could not keep who is signed in");
    (StatusCode::INTERNAL_SERVER_ERROR, "could not keep who is signed in; the terminal tells more\n")
        .into_response()
}

fn misdirected() -> Response {
    (StatusCode::MISDIRECTED_REQUEST, "this process answers to 127.0.0.1 and localhost alone\n")
        .into_response()
}

const USED: &str = "This link has been used, or was made by an earlier start.\n\
    A browser that has used one is signed in for thirty days: open the address without `/sign-in/`.\n\
    Otherwise start `lisa local` again and open the link that it prints.\n";
