//! Data keys of encrypted sessions: made and unwrapped by KMS, bound to the user and the session.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lisa_signed::{Signed, service};
use lisa_store::sessions::{Seal, Sealer};
use serde_json::{Value, json};

use crate::Error;

/// Makes and unwraps data keys. Each call is one of KMS, so that a session that is opened costs one.
#[async_trait]
pub trait DataKeys: Send + Sync + std::fmt::Debug {
    /// A new key for a session.
    async fn make(&self, user: &str, session: &str) -> Result<Seal, Error>;
    /// The key of a session from its wrapped form.
    async fn unwrap(&self, user: &str, session: &str, wrapped: &str) -> Result<Seal, Error>;
}

/// Data keys under a key of KMS.
#[derive(Clone, Debug)]
pub struct Kms {
    signed: Signed,
    key: String,
}

impl Kms {
    /// Keys under the KMS key with this ARN.
    pub fn new(signed: Signed, key: impl Into<String>) -> Self {
        Self { signed, key: key.into() }
    }
}

/// Whoever unwraps has to name the user and the session as well: a wrapped key that is copied elsewhere opens nothing.
fn context(user: &str, session: &str) -> Value {
    json!({ "userId": user, "sessionId": session })
}

fn seal(answer: &Value, wrapped: &str, user: &str, session: &str) -> Result<Seal, Error> {
    let unreadable = || Error::Unreadable("the answer of KMS holds no key of 32 bytes".to_owned());
    let plain =
        answer["Plaintext"].as_str().and_then(|text| STANDARD.decode(text).ok()).ok_or_else(unreadable)?;
    let sealer = Sealer::new(&plain, user, session).ok_or_else(unreadable)?;
    Ok(Seal { sealer, wrapped_key: wrapped.to_owned() })
}

#[async_trait]
impl DataKeys for Kms {
    async fn make(&self, user: &str, session: &str) -> Result<Seal, Error> {
        let asked = json!({
            "KeyId": self.key, "KeySpec": "AES_256", "EncryptionContext": context(user, session),
        });
        let answer = self.signed.json(&service::KMS, "GenerateDataKey", &asked).await?;
        let wrapped = answer["CiphertextBlob"].as_str().unwrap_or_default();
        seal(&answer, wrapped, user, session)
    }

    async fn unwrap(&self, user: &str, session: &str, wrapped: &str) -> Result<Seal, Error> {
        let asked = json!({
            "KeyId": self.key, "CiphertextBlob": wrapped, "EncryptionContext": context(user, session),
        });
        let answer = self.signed.json(&service::KMS, "Decrypt", &asked).await?;
        seal(&answer, wrapped, user, session)
    }
}
