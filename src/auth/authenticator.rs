//! Turns a credential into a caller, and remembers what it has verified.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use moka::future::Cache;

use crate::caller::Caller;
use crate::credential::Credential;
use crate::jwt::{self, Token};
use crate::keys::Keys;
use crate::management::Management;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::sources::{Clock, Documents, ManagementKeys, Tokens, seconds};
use crate::{api_token, digest};

/// A verified OpenID token is believed without another look for so long, and never past its end.
const OPENID: Duration = Duration::from_mins(5);

/// A row of the token table is believed for so long: a token that is revoked ends within ten seconds.
const API_TOKEN: Duration = Duration::from_secs(8);

/// An unknown credential is not looked up again for so long.
const UNKNOWN: Duration = Duration::from_secs(5);

/// Credentials that are remembered.
const REMEMBERED: u64 = 20_000;

/// What is remembered of a credential, until when.
#[derive(Clone)]
struct Verdict {
    result: Result<Arc<Caller>, Refusal>,
    until: SystemTime,
}

/// Turns a credential into a caller.
pub struct Authenticator {
    policy: Policy,
    keys: Option<Keys>,
    tokens: Option<Arc<dyn Tokens>>,
    management: Option<Management>,
    clock: Arc<dyn Clock>,
    verdicts: Cache<[u8; 32], Verdict>,
}

impl Authenticator {
    /// An authenticator that lets nobody in but whom the further sources know.
    pub fn new(policy: Policy, clock: Arc<dyn Clock>) -> Self {
        let verdicts = Cache::new(REMEMBERED);
        Self { policy, keys: None, tokens: None, management: None, clock, verdicts }
    }

    /// Takes tokens of the policy's OpenID provider.
    #[must_use]
    pub fn with_provider(mut self, documents: Arc<dyn Documents>) -> Self {
        let keys = |issuer: &String| Keys::new(issuer, documents, Arc::clone(&self.clock));
        self.keys = self.policy.issuer.as_ref().map(keys);
        self
    }

    /// Takes the API tokens of a table.
    #[must_use]
    pub fn with_tokens(mut self, tokens: Arc<dyn Tokens>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Takes the management key.
    #[must_use]
    pub fn with_management(mut self, keys: Arc<dyn ManagementKeys>) -> Self {
        self.management = Some(Management::new(keys, Arc::clone(&self.clock)));
        self
    }

    /// Whom this deployment lets in.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Who is calling with this credential. Where authentication is off, everybody is nobody in particular.
    pub async fn authenticate(
        &self,
        credential: Result<Credential, Refusal>,
    ) -> Result<Arc<Caller>, Refusal> {
        if !self.policy.is_on {
            return Ok(Arc::new(Caller::nobody()));
        }
        let credential = credential?;
        let key = digest(credential.secret());
        let now = self.clock.now();
        if let Some(verdict) = self.verdicts.get(&key).await {
            if verdict.until > now {
                return verdict.result;
            }
            self.verdicts.invalidate(&key).await;
        }
        // Callers who come with the same credential at the same time wait for one look-up.
        let verdict = self.verdicts.get_with(key, self.judge(&credential, now)).await;
        if matches!(verdict.result, Err(Refusal::Unavailable(_))) {
            self.verdicts.invalidate(&key).await;
        }
        verdict.result
    }

    async fn judge(&self, credential: &Credential, now: SystemTime) -> Verdict {
        match self.look_up(credential, now).await {
            Ok((caller, lasts)) => Verdict { result: Ok(Arc::new(caller)), until: now + lasts },
            Err(refusal) => Verdict { result: Err(refusal), until: now + UNKNOWN },
        }
    }

    /// The caller, and for how long that may be believed.
    async fn look_up(&self, credential: &Credential, now: SystemTime) -> Result<(Caller, Duration), Refusal> {
        let time = seconds(now);
        if credential.looks_like_jwt()
            && let Some(keys) = &self.keys
        {
            return self.verify(keys, credential.secret(), time).await;
        }
        // The table knows most callers, so the secret is read for the others alone.
        if let Some(tokens) = &self.tokens
            && let Some((caller, end)) =
                api_token::find(tokens, &self.policy, credential.secret(), time).await?
        {
            return Ok((caller, API_TOKEN.min(left(end, time))));
        }
        if let Some(management) = &self.management
            && management.is_key(credential.secret()).await?
        {
            return Ok((Caller::management(self.policy.admin_group.as_deref()), API_TOKEN));
        }
        Err(Refusal::Invalid("a credential that is not known"))
    }

    async fn verify(&self, keys: &Keys, token: &str, now: i64) -> Result<(Caller, Duration), Refusal> {
        let (Some(issuer), Some(client)) = (&self.policy.issuer, &self.policy.client_id) else {
            return Err(Refusal::Invalid("no provider is set up"));
        };
        let token = Token::parse(token)?;
        let key = keys.find(token.key_id.as_deref(), token.algorithm).await?;
        let claims = token.verify(&key)?;
        let end = jwt::check(&claims, issuer, client, now)?;
        Ok((self.policy.admit_claims(&claims)?, OPENID.min(left(Some(end), now))))
    }
}

/// What is left until an end, at least a second: the leeway lets in what has ended just now.
fn left(end: Option<i64>, now: i64) -> Duration {
    let Some(end) = end else { return Duration::MAX };
    Duration::from_secs(u64::try_from(end.saturating_sub(now)).unwrap_or_default().max(1))
}
