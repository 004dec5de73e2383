//! Origins that browsers may call from: exactly those of the configuration, and none with credentials of the browser's own.

use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};

use crate::answer;
use crate::body::Body;

/// Origins that browsers may call from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// From a list with commas; `*` stands for every origin.
    pub fn parse(text: &str) -> Self {
        Self(text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).map(str::to_owned).collect())
    }

    /// Lets the page read the answer, if it may.
    pub fn allow(&self, asked: &HeaderMap, answer: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        answer.append(header::VARY, HeaderValue::from_static("origin"));
        let Some(origin) = asked.get(header::ORIGIN) else { return };
        if self.0.iter().any(|own| own == "*" || own.as_bytes() == origin.as_bytes()) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answer.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("x-request-id, retry-after"),
            );
        }
    }

    /// What a browser is told before it asks; [`Self::allow`] adds whether it may.
    pub fn preflight(&self, _asked: &HeaderMap) -> Response<Body> {
        let mut answer = answer::of(StatusCode::NO_CONTENT, "text/plain", bytes::Bytes::new());
        let headers = answer.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        let allowed = "authorization, api-key, content-type, x-request-id";
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
        answer
    }
}
