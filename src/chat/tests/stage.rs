//! The service over a file of its own, and people who call it.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use http::{Method, Request, StatusCode};
use lisa_auth::{Caller, Via};
use lisa_service::AuthorizerContext;
use lisa_store::Database;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::{Config, State};

pub(super) const ENVIRONMENT: [(&str, &str); 7] = [
    ("DEPLOYMENT_NAME", "prod"),
    ("DEPLOYMENT_STAGE", "dev"),
    ("DEPLOYMENT_PREFIX", "/dev/prod/lisa"),
    ("LOG_LEVEL", "INFO"),
    ("USE_AUTH", "true"),
    ("SESSIONS_TABLE_NAME", "sessions"),
    ("CONFIG_TABLE_NAME", "chat"),
];

/// The service; its file goes with it.
pub(super) struct Stage {
    router: Router,
    pub(super) state: State,
    _folder: Option<TempDir>,
}

impl Stage {
    pub(super) async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = State::embedded(&Database::open(folder.path()).unwrap()).await.unwrap();
        Self { _folder: Some(folder), ..Self::over(state) }
    }

    pub(super) fn over(state: State) -> Self {
        let config = Config::read(&ENVIRONMENT.into_iter().collect()).unwrap();
        let router = crate::app(&config.common, state.clone()).into_router();
        Self { router, state, _folder: None }
    }

    /// The whole answer to a request.
    pub(super) async fn send(
        &self,
        caller: &Caller,
        method: &str,
        path: &str,
        body: &str,
    ) -> http::Response<String> {
        let method: Method = method.parse().unwrap();
        let mut request =
            Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap();
        request.extensions_mut().insert(AuthorizerContext::of(caller));
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        http::Response::from_parts(head, String::from_utf8(bytes.into()).unwrap())
    }

    /// Status and JSON of an answer.
    pub(super) async fn ask(
        &self,
        caller: &Caller,
        method: &str,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.send(caller, method, path, &body).await;
        let json = serde_json::from_str(answer.body()).unwrap_or(Value::String(answer.body().clone()));
        (answer.status(), json)
    }

    /// The JSON of an answer of success.
    pub(super) async fn ok(&self, caller: &Caller, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(caller, method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{method} {path}: {answer}");
        answer
    }
}

/// Somebody of these groups.
pub(super) fn person(name: &str, groups: &[&str]) -> Caller {
    let groups: BTreeSet<String> = groups.iter().map(|group| (*group).to_owned()).collect();
    Caller {
        subject: name.to_owned(),
        name: name.to_owned(),
        is_admin: groups.contains("admins"),
        is_rag_admin: groups.contains("admins"),
        may_make_tokens: groups.contains("admins") || groups.contains("api"),
        groups,
        via: Via::OpenId,
    }
}

/// The deployment's own services.
pub(super) fn management() -> Caller {
    Caller { via: Via::Management, ..person("lisa-management-token", &["admins"]) }
}

/// A message of the page.
pub(super) fn said(kind: &str, text: &str) -> Value {
    serde_json::json!({ "type": kind, "content": text, "metadata": {} })
}
