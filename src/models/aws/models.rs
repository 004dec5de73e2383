//! What answers to requests: engines, servers of OpenAI's protocol, Bedrock, SageMaker; and the keys to them.

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use lisa_api::models::{ApiKey, secret_name};
use lisa_signed::service::{BEDROCK_RUNTIME, SAGEMAKER_RUNTIME, SECRETS};
use lisa_signed::{Request, Service, Signed, Wire};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::time::Duration;

use super::unless;
use crate::error::Error;
use crate::ports::{Models, Reply};

/// For how long a model may not answer: a poll's task may take 30 seconds for two questions.
const LIMIT: Duration = Duration::from_secs(10);

/// For how long a model elsewhere may think of its one word.
const THINKING: Duration = Duration::from_secs(45);

/// Characters of an answer that are kept.
const KEPT: usize = 400;

/// Secrets Manager has no secret of that name.
const ABSENT: &str = "ResourceNotFoundException";

pub(super) struct Endpoints {
    /// None on a machine without an account.
    pub(super) signed: Option<Signed>,
    pub(super) wire: Wire,
    /// The table of models, whose name tells those of the secrets.
    pub(super) table: String,
}

fn without_account(what: &str) -> Error {
    Error::hopeless("NoAccount", format!("this LISA has no AWS account, so it cannot {what}"))
}

#[async_trait]
impl Models for Endpoints {
    async fn get(&self, url: &str) -> Result<Reply, String> {
        let request = http::Request::get(url).body(Bytes::new()).map_err(|error| error.to_string())?;
        self.ask(request, LIMIT).await
    }

    async fn post(&self, url: &str, key: Option<&str>, body: &Value) -> Result<Reply, String> {
        let mut request = http::Request::post(url).header(CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", key.trim()))
                .map_err(|_| "its key is no text that a header takes".to_owned())?;
            bearer.set_sensitive(true);
            request = request.header(AUTHORIZATION, bearer);
        }
        let request = request.body(Bytes::from(body.to_string())).map_err(|error| error.to_string())?;
        self.ask(request, THINKING).await
    }

    async fn bedrock(&self, path: &str, body: &Value) -> Result<(), Error> {
        self.invoke(&BEDROCK_RUNTIME, "InvokeModel", path.to_owned(), body).await
    }

    async fn sagemaker(&self, endpoint: &str, body: &Value) -> Result<(), Error> {
        let endpoint = utf8_percent_encode(endpoint, NON_ALPHANUMERIC);
        let path = format!("/endpoints/{endpoint}/invocations");
        self.invoke(&SAGEMAKER_RUNTIME, "InvokeEndpoint", path, body).await
    }

    async fn key(&self, model: &str) -> Result<Option<String>, Error> {
        let Some(signed) = &self.signed else { return Ok(None) };
        let name = self.key_place(model);
        let answer = signed.json(&SECRETS, "GetSecretValue", &json!({ "SecretId": name })).await;
        let answer = unless(answer, &[ABSENT])?;
        Ok(answer.and_then(|answer| answer["SecretString"].as_str().map(str::to_owned)))
    }

    async fn keep_key(&self, model: &str, key: &ApiKey) -> Result<(), Error> {
        let Some(signed) = &self.signed else { return Err(without_account("keep a key")) };
        let name = self.key_place(model);
        let put = json!({ "SecretId": name, "SecretString": key.expose() });
        let answer = signed.json(&SECRETS, "PutSecretValue", &put).await;
        if unless(answer, &[ABSENT])?.is_some() {
            return Ok(());
        }
        let description = format!("The key of the model {model}");
        let make = json!({ "Name": name, "Description": description, "SecretString": key.expose() });
        signed.json(&SECRETS, "CreateSecret", &make).await?;
        Ok(())
    }

    async fn remove_key(&self, model: &str) -> Result<(), Error> {
        let Some(signed) = &self.signed else { return Ok(()) };
        // Its name must be free for the next model of this id, and nobody can restore the model either.
        let delete = json!({ "SecretId": self.key_place(model), "ForceDeleteWithoutRecovery": true });
        unless(signed.json(&SECRETS, "DeleteSecret", &delete).await, &[ABSENT])?;
        Ok(())
    }

    fn key_place(&self, model: &str) -> String {
        secret_name(&self.table, model)
    }
}

impl Endpoints {
    async fn ask(&self, request: http::Request<Bytes>, limit: Duration) -> Result<Reply, String> {
        let late = |_| format!("no answer in {} s", limit.as_secs());
        let answer = tokio::time::timeout(limit, self.wire.fetch(request)).await.map_err(late)??;
        let text = String::from_utf8_lossy(answer.body());
        Ok(Reply { status: answer.status().as_u16(), body: text.chars().take(KEPT).collect() })
    }

    async fn invoke(
        &self,
        service: &Service,
        operation: &str,
        path: String,
        body: &Value,
    ) -> Result<(), Error> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = Bytes::from(body.to_string());
        let (operation, method) = (operation.to_owned(), Method::POST);
        let request = Request { operation, method, path, headers, body, endpoint: None };
        let signed = self.signed.clone().ok_or_else(|| without_account("ask Bedrock or SageMaker"))?;
        signed.with_limit(THINKING).send(service, request).await?;
        Ok(())
    }
}
