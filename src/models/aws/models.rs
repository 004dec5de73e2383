//! What answers to requests: engines, servers of OpenAI's protocol, Bedrock, SageMaker; and the keys to them.

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use lisa_api::models::{ApiKey, secret_name};
use lisa_signed::service::{BEDROCK_RUNTIME, SAGEMAKER_RUNTIME, SECRETS, SSM};
use lisa_signed::{Request, Service, Signed, Wire};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::time::Duration;

use super::{SecretKey, unless};
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

/// Secrets Manager has a secret of that name.
const TAKEN: &str = "ResourceExistsException";

/// A secret of that name is still on its way out, among other reasons: one that is deleted for good goes in its own time.
const GOING: &str = "InvalidRequestException";

/// How often a secret is asked for whose name is about to become free, and between two of these.
const ATTEMPTS: u32 = 12;
const PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Endpoints {
    /// None on a machine without an account.
    pub(super) signed: Option<Signed>,
    pub(super) wire: Wire,
    /// The table of models, whose name tells those of the secrets.
    pub(super) table: String,
    /// What encrypts the secrets.
    pub(super) secret_key: SecretKey,
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

    async fn make_key(&self, model: &str, key: &ApiKey) -> Result<bool, Error> {
        let Some(signed) = &self.signed else { return Err(without_account("keep a key")) };
        let name = self.key_place(model);
        let make = json!({
            "Name": name,
            "Description": format!("The key of the model {model}"),
            "KmsKeyId": self.secret_key(signed).await?,
            "SecretString": key.expose(),
            // The SDKs send one by themselves; without it the call is refused.
            "ClientRequestToken": lisa_signed::token(),
        });
        for _ in 0..ATTEMPTS {
            match signed.json(&SECRETS, "CreateSecret", &make).await {
                Err(error) if error.code == GOING && error.message.contains("deletion") => {}
                answer => return Ok(unless(answer, &[TAKEN])?.is_some()),
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::KeyGoing { place: name })
    }

    async fn keep_key(&self, model: &str, key: &ApiKey) -> Result<(), Error> {
        let Some(signed) = &self.signed else { return Err(without_account("keep a key")) };
        let name = self.key_place(model);
        let put = json!({
            "SecretId": name, "SecretString": key.expose(), "ClientRequestToken": lisa_signed::token(),
        });
        let answer = signed.json(&SECRETS, "PutSecretValue", &put).await;
        if unless(answer, &[ABSENT])?.is_some() || self.make_key(model, key).await? {
            return Ok(());
        }
        Err(Error::KeyExists { id: model.to_owned(), place: name })
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
    /// What encrypts secrets, by its ARN.
    async fn secret_key(&self, signed: &Signed) -> Result<String, Error> {
        let name = match &self.secret_key {
            SecretKey::Arn(arn) => return Ok(arn.clone()),
            SecretKey::Parameter(name) => name,
        };
        let answer = signed.json(&SSM, "GetParameter", &json!({ "Name": name })).await?;
        let arn = answer["Parameter"]["Value"].as_str().map(str::to_owned);
        arn.ok_or_else(|| Error::Broken(format!("the parameter `{name}` names no key")))
    }

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

#[cfg(test)]
mod tests {
    use lisa_testkit::emulator::session_at;
    use lisa_testkit::{Recorded, Replay};

    use super::*;

    const REFUSED: u16 = 400;

    fn endpoints(url: &str) -> Endpoints {
        let session = session_at(url, "123456789012", "eu-west-1").unwrap();
        let (signed, wire) = (Some(Signed::new(&session)), session.wire().clone());
        let secret_key = SecretKey::Arn("arn:of-the-key".to_owned());
        Endpoints { signed, wire, table: "demo-lisa-prod-models".to_owned(), secret_key }
    }

    fn key() -> ApiKey {
        ApiKey::of(&json!({ "apiKey": "sk-one" })).unwrap().unwrap()
    }

    /// What was asked: the operation and the body.
    fn asked(server: &Replay) -> Vec<(String, Value)> {
        let read = |request: String| {
            let target = request.split_once("x-amz-target: ").unwrap().1.split_once("\r\n").unwrap().0;
            let operation = target.split_once('.').unwrap().1.to_owned();
            (operation, serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap())
        };
        server.asked().into_iter().map(read).collect()
    }

    #[tokio::test]
    async fn a_key_is_written_with_a_token_of_its_own() {
        let absent = Recorded::new(REFUSED, r#"{"__type":"ResourceNotFoundException","message":"none"}"#);
        let made = Recorded::new(200, "{}");
        let server = Replay::start(vec![absent, made.clone(), made]).unwrap();
        let endpoints = endpoints(server.url());
        endpoints.keep_key("other", &key()).await.unwrap();
        endpoints.keep_key("other", &key()).await.unwrap();
        let asked = asked(&server);
        let operations: Vec<&str> = asked.iter().map(|(operation, _)| operation.as_str()).collect();
        assert_eq!(operations, ["PutSecretValue", "CreateSecret", "PutSecretValue"]);
        let tokens: Vec<&str> =
            asked.iter().map(|(_, body)| body["ClientRequestToken"].as_str().unwrap()).collect();
        // 32 to 64 characters are allowed.
        assert!(tokens.iter().all(|token| token.len() == 32), "{tokens:?}");
        assert!(tokens[0] != tokens[1] && tokens[0] != tokens[2] && tokens[1] != tokens[2], "{tokens:?}");
        assert!(asked.iter().all(|(_, body)| body["SecretString"] == "sk-one"), "{asked:?}");
        assert_eq!(asked[1].1["Name"], "demo-lisa-prod-model-other");
        assert_eq!(asked[1].1["KmsKeyId"], "arn:of-the-key");
    }

    #[tokio::test]
    async fn the_key_that_encrypts_is_found_by_its_parameter() {
        let found = Recorded::new(200, r#"{"Parameter":{"Value":"arn:found"}}"#);
        let server = Replay::start(vec![found, Recorded::new(200, "{}")]).unwrap();
        let secret_key = SecretKey::Parameter("/prod/demo/lisa/dataKeyArn".to_owned());
        let endpoints = Endpoints { secret_key, ..endpoints(server.url()) };
        assert_eq!(endpoints.make_key("other", &key()).await, Ok(true));
        let asked = asked(&server);
        assert_eq!((asked[0].0.as_str(), &asked[1].1["KmsKeyId"]), ("GetParameter", &json!("arn:found")));
    }

    #[tokio::test]
    async fn a_secret_that_is_still_going_makes_room() {
        let going = r#"{"__type":"InvalidRequestException","message":"a secret with this name is already scheduled for deletion"}"#;
        let going = Recorded::new(REFUSED, going);
        let server = Replay::start(vec![going.clone(), going, Recorded::new(200, "{}")]).unwrap();
        assert_eq!(endpoints(server.url()).make_key("other", &key()).await, Ok(true));
        assert_eq!(server.asked().len(), 3);
        let other = Recorded::new(REFUSED, r#"{"__type":"InvalidRequestException","message":"no"}"#);
        let server = Replay::start(vec![other, Recorded::new(200, "{}")]).unwrap();
        assert!(matches!(
            endpoints(server.url()).make_key("other", &key()).await,
            Err(Error::Refused { .. })
        ));
    }

    #[tokio::test]
    async fn the_key_of_a_new_model_replaces_none() {
        let taken = Recorded::new(REFUSED, r#"{"__type":"ResourceExistsException","message":"there"}"#);
        let server = Replay::start(vec![Recorded::new(200, "{}"), taken]).unwrap();
        let endpoints = endpoints(server.url());
        assert_eq!(endpoints.make_key("other", &key()).await, Ok(true));
        assert_eq!(endpoints.make_key("other", &key()).await, Ok(false));
        assert!(asked(&server).iter().all(|(operation, _)| operation == "CreateSecret"));
    }
}
