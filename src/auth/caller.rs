//! Who is calling.

use std::collections::BTreeSet;

/// Somebody who has shown who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Key of everything that belongs to the caller: `sub` of an OpenID token, the owner of an API token. Never an
    /// e-mail address, which changes hands.
    pub subject: String,
    /// The name that people know the caller by.
    pub name: String,
    /// The groups, by their whole names.
    pub groups: BTreeSet<String>,
    /// How the caller has shown it.
    pub via: Via,
    /// Whether the caller administers the deployment.
    pub is_admin: bool,
    /// Whether the caller administers repositories. Administrators do.
    pub is_rag_admin: bool,
    /// Whether the caller may make API tokens of their own. Administrators may.
    pub may_make_tokens: bool,
}

/// How a caller has shown who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// A token of the OpenID provider.
    OpenId,
    /// An API token, by its row's id: for rate limits and logs, and no secret.
    ApiToken(String),
    /// The management key.
    Management,
    /// Not at all: authentication is off.
    Nothing,
}

impl Via {
    /// The word in the authorizer's context and in logs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::OpenId => "jwt",
            Self::ApiToken(_) => "api_token",
            Self::Management => "management",
            Self::Nothing => "none",
        }
    }
}

impl Caller {
    /// The deployment's own services, with the management key. The name is upstream's.
    pub(crate) fn management(admin_group: Option<&str>) -> Self {
        Self {
            subject: "lisa-management-token".to_owned(),
            name: "lisa-management-token".to_owned(),
            groups: admin_group.map(str::to_owned).into_iter().collect(),
            via: Via::Management,
            is_admin: true,
            is_rag_admin: true,
            may_make_tokens: true,
        }
    }

    /// Anybody, where authentication is off: a user, and no administrator.
    pub(crate) fn nobody() -> Self {
        Self {
            subject: "anonymous".to_owned(),
            name: "anonymous".to_owned(),
            groups: BTreeSet::new(),
            via: Via::Nothing,
            is_admin: false,
            is_rag_admin: false,
            may_make_tokens: false,
        }
    }

    /// Whether the caller is in one of the groups, or none are named.
    pub fn is_in_any(&self, groups: &[String]) -> bool {
        groups.is_empty() || groups.iter().any(|group| self.groups.contains(group))
    }
}
