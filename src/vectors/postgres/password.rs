//! How a user's password is found: given, in a secret, or made from the caller's own credentials.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use lisa_signed::Signed;
use lisa_signed::service::{RDS_CONNECT, SECRETS};
use serde_json::{Value, json};

use crate::error::{Error, Why};

/// The longest that RDS takes a token.
const TOKEN_TIME: Duration = Duration::from_mins(15);

/// Finds a password. It is asked for each new connection, so that one that was changed is soon taken.
#[async_trait]
pub trait Password: fmt::Debug + Send + Sync {
    /// The password as it is now.
    async fn find(&self) -> Result<String, Error>;

    /// Whether whoever reads it could sign in elsewhere with it: then it is sent to a server that is known alone.
    fn is_sent_as_it_is(&self) -> bool {
        false
    }
}

#[async_trait]
impl Password for String {
    async fn find(&self) -> Result<String, Error> {
        Ok(self.clone())
    }
}

/// The field `password` of a secret in Secrets Manager, as RDS itself writes it.
#[derive(Debug)]
pub struct SecretPassword {
    signed: Signed,
    secret: String,
}

impl SecretPassword {
    /// The password in a secret, by its name or ARN.
    pub fn new(signed: Signed, secret: impl Into<String>) -> Self {
        Self { signed, secret: secret.into() }
    }
}

#[async_trait]
impl Password for SecretPassword {
    async fn find(&self) -> Result<String, Error> {
        let secret = &self.secret;
        let denied = |text: String| Error::new(&format!("the secret `{secret}`"), Why::Denied, text);
        let answer = self.signed.json(&SECRETS, "GetSecretValue", &json!({ "SecretId": secret })).await;
        let answer = answer.map_err(|error| denied(error.to_string()))?;
        let text = answer["SecretString"].as_str().ok_or_else(|| denied("it holds no text".to_owned()))?;
        let content: Value = serde_json::from_str(text)
            .map_err(|_| denied("its text is not JSON with a `password`".to_owned()))?;
        let password = content["password"].as_str();
        password.map(str::to_owned).ok_or_else(|| denied("its JSON has no text `password`".to_owned()))
    }
}

/// A token of IAM database authentication, good for fifteen minutes: no password is kept anywhere.
#[derive(Debug)]
pub struct IamToken {
    signed: Signed,
    host: String,
    port: u16,
    user: String,
}

impl IamToken {
    /// A token for a user of a database of RDS.
    pub fn new(signed: Signed, host: &str, port: u16, user: &str) -> Self {
        Self { signed, host: host.to_owned(), port, user: user.to_owned() }
    }
}

#[async_trait]
impl Password for IamToken {
    async fn find(&self) -> Result<String, Error> {
        let Self { host, port, user, .. } = self;
        let user: String = form_urlencoded::byte_serialize(user.as_bytes()).collect();
        let (url, path) = (format!("https://{host}:{port}"), format!("/?Action=connect&DBUser={user}"));
        let url = self.signed.presign(&RDS_CONNECT, &url, &path, TOKEN_TIME);
        let url = url.await.map_err(|error| Error::new("IAM authentication", Why::Denied, error))?;
        Ok(url.trim_start_matches("https://").to_owned())
    }

    fn is_sent_as_it_is(&self) -> bool {
        true
    }
}
