//! The repository API as the commands speak to it.

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response};
use lisa_signed::Wire;
use serde_json::Value;

use super::Place;
use crate::cli::Globals;
use crate::commands::outputs;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{input, world};

/// API Gateway ends a request after 29 seconds; a cold function and a way over the internet come to it.
const LIMIT: Duration = Duration::from_secs(40);

/// Moving a document may take so long.
const UPLOAD_LIMIT: Duration = Duration::from_mins(5);

/// Speaks to the repository API of a deployment.
#[derive(Clone, Debug)]
pub(super) struct Client {
    wire: Wire,
    base: String,
    token: Option<HeaderValue>,
}

impl Client {
    /// The API that the arguments name, or that of the deployment.
    pub(super) async fn connect(
        place: &Place,
        globals: &Globals,
        printer: &Printer,
    ) -> Result<Self, Failure> {
        let url = match &place.url {
            Some(url) => url.clone(),
            None => deployed(globals, printer).await?,
        };
        let token = match place.token.as_deref() {
            Some("-") => Some(from_input()?),
            token => token.map(str::to_owned),
        };
        let token = token.filter(|token| !token.is_empty()).map(|token| bearer(&token)).transpose()?;
        let bundle = ["AWS_CA_BUNDLE", "SSL_CERT_FILE"].iter().find_map(std::env::var_os).map(PathBuf::from);
        let wire = Wire::new(bundle.as_deref()).map_err(|error| {
            Failure::action(error.to_string(), "Name a bundle of certificates in PEM by `SSL_CERT_FILE`.")
        })?;
        Ok(Self { wire, base: format!("{}/repository", url.trim_end_matches('/')), token })
    }

    /// Asks for something below `/repository`.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let answer = self.send(request.body(body), LIMIT).await?;
        serde_json::from_slice(&answer).map_err(|error| {
            Failure::action(
                format!("the answer to `{path}` is no JSON: {error}"),
                "Check `--url`: it has to be the URL of the REST API, which `lisa outputs` shows as `api`.",
            )
        })
    }

    /// Uploads a file by the form that the API gave for it.
    pub(super) async fn upload(&self, form: &Value, content: Bytes) -> Result<(), Failure> {
        let url = form["url"].as_str().unwrap_or_default();
        let (boundary, body) = multipart(form, &content);
        let kind = format!("multipart/form-data; boundary={boundary}");
        let request = Request::post(url).header(CONTENT_TYPE, kind).body(Bytes::from(body));
        self.send(request, UPLOAD_LIMIT).await.map(drop)
    }

    async fn send(&self, request: http::Result<Request<Bytes>>, limit: Duration) -> Result<Bytes, Failure> {
        let request = request.map_err(|error| unanswered(&error.to_string()))?;
        let late = |_| unanswered(&format!("none in {} s", limit.as_secs()));
        let answer = tokio::time::timeout(limit, self.wire.fetch(request)).await.map_err(late)?;
        read(answer.map_err(|why| unanswered(&why))?)
    }
}

fn bearer(token: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
        .map_err(|_| Failure::usage("the token has characters that no header takes", "Copy it anew."))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A form's fields and the file after them, as S3 wants it. The boundary is none of the content's own.
fn multipart(form: &Value, content: &Bytes) -> (String, Vec<u8>) {
    let mut boundary = "----lisa-form".to_owned();
    while content.windows(boundary.len()).any(|window| window == boundary.as_bytes()) {
        boundary.push('-');
    }
    let mut body = Vec::with_capacity(content.len() + 4096);
    for (name, value) in form["fields"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .as_bytes(),
        );
    }
    let head = "Content-Disposition: form-data; name=\"file\"; filename=\"file\"\r\nContent-Type: application/octet-stream";
    body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (boundary, body)
}

async fn deployed(globals: &Globals, printer: &Printer) -> Result<String, Failure> {
    let input = input::load_and_warn(globals, printer)?;
    let connection = world::connect(&input.config).await?;
    let outputs = outputs::read(&input, &connection.world).await?;
    outputs.api.ok_or_else(|| {
        Failure::action(
            "the deployment has no REST API",
            "Deploy its `api` stack, or name another one with `--url`.",
        )
    })
}

fn from_input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    read.map_err(|error| {
        Failure::input(format!("could not read the token: {error}"), "Give it on standard input.")
    })?;
    Ok(text.trim().to_owned())
}

/// The body of a successful answer.
fn read(answer: Response<Bytes>) -> Result<Bytes, Failure> {
    let (status, body) = (answer.status(), answer.into_body());
    if status.is_success() {
        return Ok(body);
    }
    let told = serde_json::from_slice::<Value>(&body).ok();
    let told = told.and_then(|told| told["message"].as_str().map(str::to_owned));
    let told = told.unwrap_or_else(|| String::from_utf8_lossy(&body).chars().take(300).collect());
    let help = match status.as_u16() {
        401 => "Give a token with `--token` or `LISA_TOKEN`; `lisa token create` makes one.",
        403 | 404 => "Check the repository's id, and that the token's groups may use it.",
        429 | 503 => "Wait a moment and run it again; what is done is not done twice.",
        _ => "The log of the `rag` function says more.",
    };
    Err(Failure::action(format!("the service answered with {status}: {told}"), help))
}

fn unanswered(why: &str) -> Failure {
    Failure::action(format!("no answer came: {why}"), "Check `--url`, the network and the proxy's settings.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_has_its_fields_and_then_the_file() {
        let form = json!({ "url": "x", "fields": { "key": "a/b.txt" } });
        let (boundary, body) = multipart(&form, &Bytes::from_static(b"one ----lisa-form two"));
        assert_eq!(boundary, "----lisa-form-");
        let text = String::from_utf8(body).unwrap();
        assert!(text.starts_with(
            "------lisa-form-\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/b.txt\r\n"
        ));
        assert!(text.ends_with("\r\n\r\none ----lisa-form two\r\n------lisa-form---\r\n"), "{text}");
    }
}
