//! An answer as API Gateway's Lambda proxy integration takes it.

use std::collections::BTreeMap;

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::events::Failure;

/// The largest answer that Lambda takes, in bytes.
const LARGEST: usize = 6 * 1024 * 1024;

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    status_code: u16,
    multi_value_headers: BTreeMap<String, Vec<String>>,
    body: String,
    is_base64_encoded: bool,
}

impl Answer {
    /// Reads a response to its end. What is no text goes as base64.
    pub(super) async fn from_http(response: Response) -> Result<Self, Failure> {
        let (parts, body) = response.into_parts();
        let mut multi_value_headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            multi_value_headers.entry(name.as_str().to_owned()).or_default().push(value);
        }
        let bytes = axum::body::to_bytes(body, LARGEST).await.map_err(|_| {
            Failure::new("AnswerTooLarge", format!("the answer is larger than {LARGEST} bytes"))
        })?;
        let (body, is_base64_encoded) = match String::from_utf8(bytes.into()) {
            Ok(text) => (text, false),
            Err(error) => (STANDARD.encode(error.into_bytes()), true),
        };
        Ok(Self { status_code: parts.status.as_u16(), multi_value_headers, body, is_base64_encoded })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    async fn written(body: impl Into<axum::body::Body>) -> Value {
        let response = Response::builder()
            .status(404)
            .header("set-cookie", "a")
            .header("set-cookie", "b")
            .body(body.into())
            .unwrap();
        serde_json::to_value(Answer::from_http(response).await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn text_stays_text() {
        assert_eq!(
            written("{\"a\": 1}").await,
            json!({
                "statusCode": 404,
                "multiValueHeaders": { "set-cookie": ["a", "b"] },
                "body": "{\"a\": 1}",
                "isBase64Encoded": false,
            })
        );
    }

    #[tokio::test]
    async fn bytes_are_encoded() {
        let answer = written(vec![0, 255]).await;
        assert_eq!((&answer["body"], &answer["isBase64Encoded"]), (&json!("AP8="), &json!(true)));
    }

    #[tokio::test]
    async fn an_answer_that_lambda_would_refuse_is_named() {
        let response = Response::new(vec![b' '; LARGEST + 1].into());
        assert_eq!(Answer::from_http(response).await.unwrap_err().kind, "AnswerTooLarge");
    }
}
