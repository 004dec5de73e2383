//! `authConfig`: the OpenID Connect provider that says who may use and who may administer LISA.

use crate::words::HttpUrl;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The OpenID Connect provider, and the groups that give rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthConfig {
    /// URL of the issuer, without `/.well-known/openid-configuration`. One trailing slash is ignored.
    pub authority: HttpUrl,
    /// Client id of LISA at the provider: the audience that tokens must name.
    #[schemars(length(min = 1))]
    pub client_id: String,
    /// Group whose members are administrators. Empty: nobody is.
    #[serde(default)]
    pub admin_group: String,
    /// Group whose members may use LISA at all. Empty: everybody who can sign in.
    #[serde(default)]
    pub user_group: String,
    /// Group whose members may make API tokens for themselves. Empty: only administrators.
    #[serde(default)]
    pub api_group: String,
    /// Group whose members may manage vector stores. Empty: only administrators.
    #[serde(default)]
    pub rag_admin_group: String,
    /// Where the groups are in the token, as a path of names joined by dots: `cognito:groups`,
    /// `realm_access.roles`.
    #[serde(default)]
    pub jwt_groups_property: String,
    /// Scopes that the web page requests beside `openid profile email`.
    #[serde(default)]
    pub additional_scopes: Vec<String>,
}

impl AuthConfig {
    /// Drops the slash that an authority may end with: tokens name their issuer without it.
    pub(crate) fn resolve(self) -> Self {
        Self { authority: self.authority.without_slash(), ..self }
    }
}
