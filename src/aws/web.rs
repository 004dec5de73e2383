//! What a deployment answers over HTTP, whatever its certificate says.
//!
//! Certificates are not checked here, and that is safe for what is asked: a deployment may bring a certificate of its own
//! making, the question is whether it answers at all, nothing secret is sent and nothing that comes back is trusted.

use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use lisa_deploy::ports::web::Answer;
use lisa_deploy::ports::{self, Call, CallError, CallErrorKind};
use lisa_signed::WireError;
use reqwest::header::DATE;
use reqwest::redirect::Policy;

/// As much of a body as is kept.
const LARGEST_BODY: usize = 64 * 1024;

/// Longer than a cold function takes to answer.
const LIMIT: Duration = Duration::from_secs(15);

pub(crate) struct Web {
    client: reqwest::Client,
}

impl Web {
    pub(crate) fn new() -> Result<Self, WireError> {
        let client = reqwest::Client::builder()
            .tls_danger_accept_invalid_certs(true)
            .redirect(Policy::none())
            .timeout(LIMIT)
            .build()
            .map_err(|error| WireError::NoClient(error.to_string()))?;
        Ok(Self { client })
    }
}

#[async_trait]
impl ports::Web for Web {
    async fn get(&self, url: &str) -> Call<Answer> {
        let mut answer = self.client.get(url).send().await.map_err(unanswered)?;
        let status = answer.status().as_u16();
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok()?.try_into().ok());
        let mut body = Vec::new();
        while body.len() < LARGEST_BODY
            && let Some(part) = answer.chunk().await.map_err(unanswered)?
        {
            body.extend_from_slice(&part);
        }
        body.truncate(LARGEST_BODY);
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned(), date })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn unanswered(error: reqwest::Error) -> CallError {
    let kind = if error.is_builder() { CallErrorKind::Invalid } else { CallErrorKind::Unanswered };
    CallError { action: "http:Get", kind, code: String::new(), message: lisa_signed::error_chain(&error) }
}
