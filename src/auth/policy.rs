//! Whom a deployment lets in, as its environment says.

use lisa_api::settings::AuthSettings;

use crate::caller::{Caller, Via};
use crate::claims::{Claims, GroupsPath};
use crate::refusal::Refusal;

/// Whom a deployment lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether callers must show who they are.
    pub is_on: bool,
    /// The OpenID issuer, compared exactly.
    pub issuer: Option<String>,
    /// The client that tokens must be issued for.
    pub client_id: Option<String>,
    /// Where the groups are among a token's claims.
    pub groups: GroupsPath,
    /// The group of administrators.
    pub admin_group: Option<String>,
    /// The group that may use the deployment; everybody whom the provider knows without.
    pub user_group: Option<String>,
    /// The group whose members may make API tokens for themselves.
    pub api_group: Option<String>,
    /// The group that administers repositories.
    pub rag_admin_group: Option<String>,
}

/// Settings that would let in somebody who is not meant, or nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Neither on nor off.
    #[error("`USE_AUTH` is `{0}`, and has to be `true` or `false`")]
    Switch(String),
    /// Authentication is on, and nobody could pass.
    #[error(
        "`USE_AUTH` is true, but there is no way to sign in: set `AUTHORITY` and `CLIENT_ID`, `TOKEN_TABLE_NAME` or \
         `MANAGEMENT_KEY_NAME`"
    )]
    NoWayIn,
    /// Tokens for any client would pass.
    #[error(
        "`AUTHORITY` is set without `CLIENT_ID`: tokens that were issued for other programs would be let in"
    )]
    NoClient,
    /// Keys that anybody on the way could replace.
    #[error("`AUTHORITY` is `{0}`, and has to begin with `https://`, or lead to this machine")]
    NotHttps(String),
    /// A path that names no claim.
    #[error("`JWT_GROUPS_PROP` is `{0}`, which names no claim")]
    Groups(String),
}

impl Policy {
    /// The policy that a service's environment asks for.
    pub fn new(settings: &AuthSettings) -> Result<Self, PolicyError> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let is_on = match settings.use_auth.as_str() {
            "true" => true,
            "false" => false,
            other => return Err(PolicyError::Switch(other.to_owned())),
        };
        let policy = Self {
            is_on,
            issuer: filled(&settings.authority),
            client_id: filled(&settings.client_id),
            groups: groups_path(settings.groups_property.as_deref())?,
            admin_group: filled(&settings.admin_group),
            user_group: filled(&settings.user_group),
            api_group: filled(&settings.api_group),
            rag_admin_group: filled(&settings.rag_admin_group),
        };
        policy.check(settings)?;
        Ok(policy)
    }

    fn check(&self, settings: &AuthSettings) -> Result<(), PolicyError> {
        let other_ways = settings.token_table.is_some() || settings.management_secret.is_some();
        match (&self.issuer, &self.client_id) {
            (None, _) if self.is_on && !other_ways => Err(PolicyError::NoWayIn),
            (Some(_), None) => Err(PolicyError::NoClient),
            (Some(issuer), _) if !is_trustworthy(issuer) => Err(PolicyError::NotHttps(issuer.clone())),
            _ => Ok(()),
        }
    }

    /// The caller that a verified token speaks of.
    pub(crate) fn admit_claims(&self, claims: &Claims) -> Result<Caller, Refusal> {
        let groups = claims.groups(&self.groups);
        self.admit(claims.subject()?.to_owned(), claims.name()?.to_owned(), groups, Via::OpenId)
    }

    /// The caller of these groups, if the deployment lets them in. Who holds an API token was let in by whoever made it.
    pub(crate) fn admit(
        &self,
        subject: String,
        name: String,
        groups: std::collections::BTreeSet<String>,
        via: Via,
    ) -> Result<Caller, Refusal> {
        let has = |group: &Option<String>| group.as_ref().is_some_and(|group| groups.contains(group));
        let is_admin = has(&self.admin_group);
        let is_rag_admin = is_admin || has(&self.rag_admin_group);
        let is_user = self.user_group.is_none() || has(&self.user_group);
        if !(is_admin || is_rag_admin || is_user || matches!(via, Via::ApiToken(_))) {
            return Err(Refusal::NotAdmitted);
        }
        // A token that could make tokens would outlive its own end.
        let may_make_tokens = via == Via::OpenId && (is_admin || has(&self.api_group));
        Ok(Caller { subject, name, groups, via, is_admin, is_rag_admin, may_make_tokens })
    }
}

fn groups_path(property: Option<&str>) -> Result<GroupsPath, PolicyError> {
    let text = property.unwrap_or_default();
    GroupsPath::parse(text).ok_or_else(|| PolicyError::Groups(text.to_owned()))
}

/// A provider's keys decide who is let in, so they are fetched over TLS, or from the machine itself.
fn is_trustworthy(issuer: &str) -> bool {
    let plain = issuer.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next());
    issuer.starts_with("https://") || plain.is_some_and(|host| matches!(host, "127.0.0.1" | "localhost"))
}
