//! The sources of authentication in AWS: the token table in DynamoDB, the management key in Secrets Manager, and the
//! OpenID provider over the same HTTP client, with the certificate authorities that the deployment trusts.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lisa_api::settings::AuthSettings;
use lisa_signed::{Error, Session, Signed, Wire, service};
use serde_json::json;

use crate::sources::{Documents, ManagementKeys, SystemClock, Unavailable};
use crate::token_table::TokenTable;
use crate::{Authenticator, Policy, PolicyError};

/// For how long a source may not answer: somebody waits for it.
const LIMIT: Duration = Duration::from_secs(5);

/// The authenticator of a service: its settings say which sources there are.
pub fn authenticator(settings: &AuthSettings, session: &Session) -> Result<Authenticator, PolicyError> {
    authenticator_with(settings, session, None)
}

/// The same, and these keys are management keys, too.
pub fn authenticator_with(
    settings: &AuthSettings,
    session: &Session,
    more: Option<Arc<dyn ManagementKeys>>,
) -> Result<Authenticator, PolicyError> {
    let policy = Policy::new(settings)?;
    let signed = Signed::new(session).with_limit(LIMIT);
    let mut authenticator = Authenticator::new(policy, Arc::new(SystemClock))
        .with_provider(Arc::new(Provider::new(session.wire().clone())));
    if let Some(table) = &settings.token_table {
        authenticator = authenticator.with_tokens(Arc::new(TokenTable::new(signed.clone(), table)));
    }
    let secret = settings.management_secret.clone();
    let secret =
        secret.map(|secret| Arc::new(ManagementSecret { signed, secret }) as Arc<dyn ManagementKeys>);
    let sources: Vec<_> = secret.into_iter().chain(more).collect();
    if !sources.is_empty() {
        authenticator = authenticator.with_management(Arc::new(All(sources)));
    }
    Ok(authenticator)
}

/// The keys of several sources.
struct All(Vec<Arc<dyn ManagementKeys>>);

#[async_trait]
impl ManagementKeys for All {
    async fn get(&self) -> Result<Vec<String>, Unavailable> {
        let mut keys = Vec::new();
        for source in &self.0 {
            keys.extend(source.get().await?);
        }
        Ok(keys)
    }
}

/// The documents of the OpenID provider, over connections that others share.
pub struct Provider {
    wire: Wire,
}

impl Provider {
    /// The provider over these connections.
    pub fn new(wire: Wire) -> Self {
        Self { wire }
    }
}

#[async_trait]
impl Documents for Provider {
    async fn get(&self, url: &str) -> Result<String, Unavailable> {
        let late = |_| Unavailable(format!("`{url}` did not answer in {} s", LIMIT.as_secs()));
        let answer = tokio::time::timeout(LIMIT, self.wire.get(url)).await.map_err(late)?;
        let answer = answer.map_err(|why| Unavailable(format!("`{url}` did not answer: {why}")))?;
        if answer.status() != 200 {
            return Err(Unavailable(format!("`{url}` answered with status {}", answer.status())));
        }
        String::from_utf8(answer.into_body().into())
            .map_err(|_| Unavailable(format!("`{url}` answered with something that is no text")))
    }
}

/// The secret of the management key, in its current and its previous version.
struct ManagementSecret {
    signed: Signed,
    secret: String,
}

#[async_trait]
impl ManagementKeys for ManagementSecret {
    async fn get(&self) -> Result<Vec<String>, Unavailable> {
        let mut keys = Vec::new();
        for stage in ["AWSCURRENT", "AWSPREVIOUS"] {
            let asked = json!({ "SecretId": self.secret, "VersionStage": stage });
            match self.signed.json(&service::SECRETS, "GetSecretValue", &asked).await {
                Ok(answer) => keys.extend(answer["SecretString"].as_str().map(str::to_owned)),
                // Before its first rotation a secret has no previous version.
                Err(error) if stage == "AWSPREVIOUS" && error.code == "ResourceNotFoundException" => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Ok(keys)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn unavailable(error: Error) -> Unavailable {
    Unavailable(error.to_string())
}
