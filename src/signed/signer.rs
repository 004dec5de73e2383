//! Signatures for whoever sends requests over connections of its own: credentials are kept fresh beside the requests, so
//! that none waits for them.

use std::fmt;
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;

use crate::client::add_signature;
use crate::error::error_chain;
use crate::session::Session;

/// Credentials are fetched anew this long before they expire.
const MARGIN: Duration = Duration::from_mins(5);

/// Between two looks at credentials that never expire, or whose source does not answer.
const PAUSE: Duration = Duration::from_secs(10);

/// Whose credentials sign.
#[derive(Clone, PartialEq, Eq)]
pub enum Whose {
    /// The session's own.
    Session,
    /// Keys that somebody has written down.
    Keys {
        /// The access key's id.
        id: String,
        /// The secret key.
        secret: String,
        /// The session token, of keys that expire.
        token: Option<String>,
    },
    /// A role, assumed with the session's own credentials.
    Role {
        /// The role's ARN.
        role: String,
        /// The name of its session; `lisa` where `None`.
        session: Option<String>,
        /// What the role's trust policy may ask for.
        external_id: Option<String>,
    },
}

impl fmt::Debug for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session => f.write_str("Session"),
            Self::Keys { id, .. } => f.debug_struct("Keys").field("id", id).finish_non_exhaustive(),
            Self::Role { role, .. } => f.debug_struct("Role").field("role", role).finish_non_exhaustive(),
        }
    }
}

/// Signs requests with credentials that it has at hand. A clone shares them.
#[derive(Clone)]
pub struct Signer {
    provider: Option<SharedCredentialsProvider>,
    kept: Arc<RwLock<Option<Kept>>>,
}

struct Kept {
    identity: Identity,
    expiry: Option<SystemTime>,
}

/// A request that could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// No credentials are at hand.
    #[error("there are no credentials yet; the process' role or `AWS_ACCESS_KEY_ID` gives them")]
    NoCredentials,
    /// The request is none that can be signed.
    #[error("the request cannot be signed: {0}")]
    Request(String),
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer for a session; it has no credentials before [`Self::keep_fresh`] runs.
    pub async fn new(session: &Session, whose: &Whose) -> Self {
        let provider = match whose {
            Whose::Session => session.config().credentials_provider(),
            Whose::Keys { id, secret, token } => return Self::fixed(id, secret, token.as_deref()),
            Whose::Role { role, session: name, external_id } => {
                let mut builder = AssumeRoleProvider::builder(role).configure(session.config());
                builder = builder.session_name(name.as_deref().unwrap_or("lisa"));
                if let Some(id) = external_id {
                    builder = builder.external_id(id);
                }
                Some(SharedCredentialsProvider::new(builder.build().await))
            }
        };
        Self { provider, kept: Arc::default() }
    }

    /// A signer with keys that do not expire.
    pub fn fixed(id: &str, secret: &str, token: Option<&str>) -> Self {
        let credentials = Credentials::from_keys(id, secret, token.map(str::to_owned));
        let kept = Kept { identity: credentials.into(), expiry: None };
        Self { provider: None, kept: Arc::new(RwLock::new(Some(kept))) }
    }

    /// Fetches credentials before the old ones expire, for as long as anybody else has the signer. A source that does not
    /// answer leaves the old ones, and is asked again soon.
    pub async fn keep_fresh(self) {
        while Arc::strong_count(&self.kept) > 1 {
            let pause = self.refresh().await.unwrap_or(PAUSE);
            tokio::time::sleep(pause).await;
        }
    }

    /// Fetches credentials if those at hand expire soon, and says how long they are good for. The error says why there are
    /// none.
    pub async fn refresh(&self) -> Result<Duration, String> {
        let soon = SystemTime::now() + MARGIN;
        let expiry = self.kept.read().ok().and_then(|kept| kept.as_ref().map(|kept| kept.expiry));
        let is_good = expiry.is_some_and(|expiry| expiry.is_none_or(|expiry| expiry > soon));
        let Some(provider) = self.provider.as_ref().filter(|_| !is_good) else { return Ok(PAUSE) };
        let found = provider.provide_credentials().await.map_err(|error| error_chain(&error))?;
        let expiry = found.expiry();
        if let Ok(mut kept) = self.kept.write() {
            *kept = Some(Kept { identity: found.into(), expiry });
        }
        Ok(PAUSE)
    }

    /// Adds the headers of a signature. The request's URI must be whole, with its host; `name` is what the service is
    /// signed for.
    pub fn sign<B>(
        &self,
        request: &mut http::Request<B>,
        body: &[u8],
        region: &str,
        name: &str,
    ) -> Result<(), SignError> {
        let identity = self.kept.read().ok().and_then(|kept| kept.as_ref().map(|kept| kept.identity.clone()));
        let identity = identity.ok_or(SignError::NoCredentials)?;
        add_signature(request, body, &identity, region, name, SystemTime::now())
            .map_err(|error: BoxError| SignError::Request(error.to_string()))
    }
}
