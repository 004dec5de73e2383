//! Signed requests: made, signed, sent once, and their answers read.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_types::service_config::ServiceConfigKey;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::endpoint::{self, Endpoint};
use crate::error::{Error, Why, error_chain};
use crate::refusal;
use crate::service::Service;
use crate::session::Session;
use crate::wire::Wire;
use crate::xml::Element;

/// How long a call may take if nothing else is said.
const LIMIT: Duration = Duration::from_secs(30);

/// Credentials are fetched anew this long before they expire: longer than a call takes.
const MARGIN: Duration = Duration::from_mins(2);

/// Makes signed requests to any service. A clone shares connections and credentials.
#[derive(Clone, Debug)]
pub struct Signed {
    config: SdkConfig,
    wire: Wire,
    credentials: Arc<Mutex<Option<Credentials>>>,
    limit: Duration,
}

/// A request to sign, for services that are spoken to neither in JSON nor by queries.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked, for messages: `GetFunction`.
    pub operation: String,
    /// The method.
    pub method: Method,
    /// Path and query, encoded, with a slash at the beginning.
    pub path: String,
    /// Headers beside those that the signature brings.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Another endpoint than the service's own, such as an OpenSearch domain: scheme and host.
    pub endpoint: Option<String>,
}

/// An answer of success.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status, below 400.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Signed {
    /// A client with the session's region, credentials, endpoints and connections.
    pub fn new(session: &Session) -> Self {
        let (config, wire) = (session.config().clone(), session.wire().clone());
        Self { config, wire, credentials: Arc::default(), limit: LIMIT }
    }

    /// The same client with another time limit for each call.
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Calls an operation in AWS's JSON protocol.
    pub async fn json(&self, service: &Service, operation: &str, body: &Value) -> Result<Value, Error> {
        let mut headers = HeaderMap::new();
        let action = action(service, operation);
        let fields = [
            ("content-type", format!("application/x-amz-json-{}", service.version)),
            ("x-amz-target", format!("{}.{operation}", service.target)),
        ];
        for (name, value) in fields {
            let value = HeaderValue::from_str(&value);
            headers.insert(name, value.map_err(|error| Error::local(&action, Why::Unmakeable, error))?);
        }
        let body = Bytes::from(body.to_string());
        let answer = self.send(service, Request::post(operation, headers, body)).await?;
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer.body).map_err(|error| Error::local(&action, Why::Unreadable, error))
    }

    /// Calls an operation in AWS's query protocol and returns its answer's root.
    pub async fn query(
        &self,
        service: &Service,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Element, Error> {
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, kind);
        let answer = self
            .send(service, Request::post(operation, headers, form(service, operation, parameters)))
            .await?;
        let text = String::from_utf8_lossy(&answer.body);
        let unreadable = |error| Error::local(&action(service, operation), Why::Unreadable, error);
        Element::parse(&text).map_err(unreadable)
    }

    /// Signs and sends any request, once. A status of 400 and above is an error.
    pub async fn send(&self, service: &Service, request: Request) -> Result<Answer, Error> {
        let action = action(service, &request.operation);
        let signed = self.sign(service, request, &action).await?;
        self.exchange(&action, signed).await
    }

    /// Sends a request whose endpoint is a whole URL that carries its signature.
    pub(crate) async fn send_as_is(&self, service: &Service, request: Request) -> Result<Answer, Error> {
        let action = action(service, &request.operation);
        let url = request.endpoint.clone().unwrap_or_default();
        let built = build(&url, request).map_err(|error| Error::local(&action, Why::Unmakeable, error))?;
        self.exchange(&action, built).await
    }

    async fn exchange(&self, action: &str, signed: http::Request<Bytes>) -> Result<Answer, Error> {
        let unanswered = |text| Error::local(action, Why::Unanswered, text);
        let answer = tokio::time::timeout(self.limit, self.wire.send(signed)).await;
        let answer = answer.map_err(|_| unanswered(format!("none in {} s", self.limit.as_secs_f32())))?;
        let answer = answer.map_err(|error| unanswered(error.0))?;
        let (head, body) = answer.into_parts();
        if head.status.is_client_error() || head.status.is_server_error() {
            let error = refusal::read(action, head.status, &head.headers, &body);
            if error.code.contains("Expired") {
                *self.credentials.lock().await = None;
            }
            return Err(error);
        }
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    /// A URL that lets whoever has it get something, for a while, as the caller. `endpoint` is scheme and host, `path`
    /// begins with a slash and may have a query, encoded.
    pub async fn presign(
        &self,
        service: &Service,
        endpoint: &str,
        path: &str,
        lifetime: Duration,
    ) -> Result<String, Error> {
        let action = action(service, "Presign");
        let credentials = self.credentials(&action).await?;
        let Endpoint { url, region } = self.endpoint(service, Some(endpoint), &action)?;
        let unmakeable = |error: BoxError| Error::local(&action, Why::Unmakeable, error);
        let request = Request {
            operation: "Presign".to_owned(),
            method: Method::GET,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            endpoint: None,
        };
        let mut request = build(&url, request).map_err(unmakeable)?;
        let now = self.now();
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(lifetime);
        let identity = credentials.into();
        let parameters = v4::SigningParams::builder().identity(&identity).region(&region).time(now);
        let parameters = parameters.name(service.signed_as).settings(settings).build();
        let parameters = parameters.map_err(|error| unmakeable(error.into()))?.into();
        add_signature_of(&mut request, &[], &parameters).map_err(unmakeable)?;
        Ok(request.uri().to_string())
    }

    async fn sign(
        &self,
        service: &Service,
        asked: Request,
        action: &str,
    ) -> Result<http::Request<Bytes>, Error> {
        let credentials = self.credentials(action).await?;
        let Endpoint { url, region } = self.endpoint(service, asked.endpoint.as_deref(), action)?;
        let unmakeable = |error: BoxError| Error::local(action, Why::Unmakeable, error);
        let mut request = build(&url, asked).map_err(unmakeable)?;
        let now = self.now();
        let body = request.body().clone();
        add_signature(&mut request, &body, &credentials.into(), &region, service.signed_as, now)
            .map_err(unmakeable)?;
        Ok(request)
    }

    /// The session's time.
    pub(crate) fn now(&self) -> SystemTime {
        self.config.time_source().map_or_else(SystemTime::now, |clock| clock.now())
    }

    /// Credentials that are good for a call's time, fetched anew where they are not.
    pub(crate) async fn credentials(&self, action: &str) -> Result<Credentials, Error> {
        let mut kept = self.credentials.lock().await;
        let soon = SystemTime::now() + MARGIN;
        if let Some(credentials) = &*kept
            && credentials.expiry().is_none_or(|expiry| expiry > soon)
        {
            return Ok(credentials.clone());
        }
        let none = |text: String| Error::local(action, Why::NoCredentials, text);
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| none("no place to find them is configured".to_owned()))?;
        let found = provider.provide_credentials().await.map_err(|error| none(error_chain(&error)))?;
        Ok(kept.insert(found).clone())
    }

    /// Where a service is reached: where the caller says, else `AWS_ENDPOINT_URL_<ID>` or the profile's `services`
    /// section, else `AWS_ENDPOINT_URL`, else in its partition.
    pub(crate) fn endpoint(
        &self,
        service: &Service,
        given: Option<&str>,
        action: &str,
    ) -> Result<Endpoint, Error> {
        let Some(region) = self.config.region().map(ToString::to_string) else {
            return Err(Error::local(action, Why::Unmakeable, "no region is configured"));
        };
        let public = endpoint::public(service, &region, self.config.use_fips().unwrap_or_default());
        let chosen = given.map(str::to_owned).or_else(|| self.configured_endpoint(service));
        match (chosen, public) {
            (Some(url), public) => {
                let url = url.trim_end_matches('/').to_owned();
                Ok(Endpoint { url, region: public.map_or(region, |endpoint| endpoint.region) })
            }
            (None, Some(public)) => Ok(public),
            (None, None) => {
                let text = format!("`{region}` is a region of no partition that is known");
                Err(Error::local(action, Why::Unmakeable, text))
            }
        }
    }

    /// The endpoint of one's own that environment or profile name for a service.
    pub fn configured_endpoint(&self, service: &Service) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok();
        let own = key.and_then(|key| self.config.service_config()?.load_config(key));
        own.or_else(|| self.config.endpoint_url().map(str::to_owned))
    }
}

impl Request {
    fn post(operation: &str, headers: HeaderMap, body: Bytes) -> Self {
        let (operation, path) = (operation.to_owned(), "/".to_owned());
        Self { operation, method: Method::POST, path, headers, body, endpoint: None }
    }
}

fn build(url: &str, asked: Request) -> Result<http::Request<Bytes>, BoxError> {
    let uri = format!("{url}{}", asked.path);
    let mut request = http::Request::builder().method(asked.method).uri(uri).body(asked.body)?;
    *request.headers_mut() = asked.headers;
    let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    request.headers_mut().insert(header::HOST, HeaderValue::from_str(&host)?);
    Ok(request)
}

/// Signs a request whose URI is whole, with all the headers that it has.
pub(crate) fn add_signature<B>(
    request: &mut http::Request<B>,
    body: &[u8],
    identity: &Identity,
    region: &str,
    name: &str,
    now: SystemTime,
) -> Result<(), BoxError> {
    let parameters = v4::SigningParams::builder().identity(identity).region(region).name(name).time(now);
    add_signature_of(request, body, &parameters.settings(SigningSettings::default()).build()?.into())
}

fn add_signature_of<B>(
    request: &mut http::Request<B>,
    body: &[u8],
    parameters: &SigningParams<'_>,
) -> Result<(), BoxError> {
    let headers = request.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let (method, uri) = (request.method().as_str(), request.uri().to_string());
    let signable = SignableRequest::new(method, uri, headers, SignableBody::Bytes(body))?;
    let (instructions, _) = sign(signable, parameters)?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

/// Made apart from the call: the serializer must not live while something is waited for.
fn form(service: &Service, operation: &str, parameters: &[(&str, &str)]) -> Bytes {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", operation).append_pair("Version", service.version);
    form.extend_pairs(parameters).finish().into()
}

fn action(service: &Service, operation: &str) -> String {
    format!("{}:{operation}", service.signed_as)
}

#[cfg(test)]
mod tests;
