//! Requests to one endpoint: signed for AWS, with a password, or in the clear.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use lisa_signed::service::OPENSEARCH;
use lisa_signed::{Request, Signed, Wire};
use serde_json::Value;

use super::failure;
use crate::error::{Error, Why};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(25);

/// Who asks.
#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "one for each store, made once; its size depends on features")]
pub enum Access {
    /// A role that the domain lets in (SigV4).
    Signed(Box<Signed>),
    /// A user of the domain's own database.
    Password {
        /// The connections.
        wire: Wire,
        /// The user's name.
        user: String,
        /// The password.
        password: String,
    },
    /// Nobody in particular: for a server on the same machine.
    Open(Wire),
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Signed(_) => "Signed",
            Self::Password { .. } => "Password",
            Self::Open(_) => "Open",
        })
    }
}

/// The way to an endpoint.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    endpoint: String,
    name: String,
    access: Access,
}

impl Transport {
    pub(super) fn new(endpoint: &str, access: Access) -> Self {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let name =
            format!("OpenSearch at {}", endpoint.split_once("://").map_or(&*endpoint, |(_, host)| host));
        Self { endpoint, name, access }
    }

    /// How messages name the store.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, Error> {
        self.send(Method::GET, path, "application/json", String::new()).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.send(Method::POST, path, "application/json", body.to_string()).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.send(Method::PUT, path, "application/json", body.to_string()).await
    }

    /// JSON documents, one a line.
    pub(super) async fn lines(&self, path: &str, lines: String) -> Result<Value, Error> {
        self.send(Method::POST, path, "application/x-ndjson", lines).await
    }

    /// Removes something; what is not there is removed.
    pub(super) async fn delete(&self, path: &str) -> Result<(), Error> {
        match self.send(Method::DELETE, path, "application/json", String::new()).await {
            Err(error) if error.why == Why::NoCollection || error.message.ends_with("(status 404)") => Ok(()),
            answer => answer.map(drop),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        kind: &'static str,
        body: String,
    ) -> Result<Value, Error> {
        let mut headers = HeaderMap::new();
        if !body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let body = Bytes::from(body);
        let (status, answer) = match &self.access {
            Access::Signed(signed) => return self.signed(signed, method, path, headers, body).await,
            Access::Open(wire) => self.plain(wire, method, path, headers, body).await?,
            Access::Password { wire, user, password } => {
                let both = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
                let both = HeaderValue::from_str(&both);
                headers.insert(header::AUTHORIZATION, both.map_err(|error| self.told(Why::Invalid, &error))?);
                self.plain(wire, method, path, headers, body).await?
            }
        };
        if status >= 400 { Err(failure::refused(&self.name, status, &answer)) } else { self.read(&answer) }
    }

    async fn signed(
        &self,
        signed: &Signed,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Value, Error> {
        let (operation, path, endpoint) = (method.to_string(), path.to_owned(), Some(self.endpoint.clone()));
        let request = Request { operation, method, path, headers, body, endpoint };
        match signed.clone().with_limit(LIMIT).send(&OPENSEARCH, request).await {
            Ok(answer) => self.read(&answer.body),
            Err(error) => Err(match error.status {
                Some(404) if error.message.contains("no such index") => {
                    self.told(Why::NoCollection, &error.message)
                }
                Some(status) => failure::refused(
                    &self.name,
                    status,
                    serde_json::json!({ "message": error.message }).to_string().as_bytes(),
                ),
                None => failure::unanswered(&self.name, &error),
            }),
        }
    }

    async fn plain(
        &self,
        wire: &Wire,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(u16, Bytes), Error> {
        let request =
            http::Request::builder().method(method).uri(format!("{}{path}", self.endpoint)).body(body);
        let mut request = request.map_err(|error| self.told(Why::Invalid, &error))?;
        *request.headers_mut() = headers;
        let answer = tokio::time::timeout(LIMIT, wire.fetch(request)).await;
        let answer =
            answer.map_err(|_| self.told(Why::Slow, &format_args!("none in {} s", LIMIT.as_secs())))?;
        let answer = answer.map_err(|error| self.told(Why::Unreachable, &error))?;
        Ok((answer.status().as_u16(), answer.into_body()))
    }

    fn read(&self, answer: &[u8]) -> Result<Value, Error> {
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(answer).map_err(|error| self.told(Why::Broken, &error))
    }

    fn told(&self, why: Why, text: &dyn fmt::Display) -> Error {
        Error::new(&self.name, why, text)
    }
}
