//! Wire types of what belongs to people beside their sessions: projects, prompt templates, preferences, configuration
//! and API tokens, in upstream's 6.x shapes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A project, which groups sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Its id.
    pub project_id: String,
    /// Whose it is.
    pub user_id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub create_time: String,
    /// When it was changed last.
    pub last_updated: String,
}

/// The body of `POST /project` and `PUT /project/{projectId}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PutProject {
    /// The name, of 1 to 100 characters.
    pub name: String,
}

/// What a prompt template is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TemplateKind {
    /// Who the model is to be.
    #[default]
    Persona,
    /// What it is to do.
    Directive,
}

/// A revision of a prompt template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptTemplate {
    /// Its id.
    pub id: String,
    /// When this revision was made.
    pub created: String,
    /// Whose it is.
    pub owner: String,
    /// Who may read it: `lisa:public`, or groups as `group:<name>`; its owner alone with none.
    pub groups: Vec<String>,
    /// Its title.
    pub title: String,
    /// The revision, from 1.
    pub revision: u32,
    /// Whether this is the last revision.
    pub latest: bool,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: TemplateKind,
    /// The text.
    pub body: String,
}

/// The body of `POST /prompt-templates` and `PUT /prompt-templates/{promptTemplateId}`. Other fields of a template may
/// come along and change nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PutTemplate {
    /// Who may read it.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Its title.
    pub title: String,
    /// What it is for.
    #[serde(default, rename = "type")]
    pub kind: TemplateKind,
    /// The text.
    pub body: String,
}

/// A list of prompt templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemplateList {
    /// The templates, newest first.
    pub items: Vec<PromptTemplate>,
}

/// A person's preferences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Whose they are.
    #[serde(default)]
    pub user: String,
    /// The preferences, as the page keeps them.
    #[serde(default)]
    pub preferences: Map<String, Value>,
}

/// A version of the configuration of a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationVersion {
    /// `global`.
    #[serde(rename = "configScope")]
    pub scope: String,
    /// The version, from 0.
    #[serde(rename = "versionId")]
    pub version: u64,
    /// Who made it.
    #[serde(rename = "changedBy")]
    pub changed_by: String,
    /// Why.
    #[serde(rename = "changeReason")]
    pub change_reason: String,
    /// When, in seconds since 1970, as a text.
    pub created_at: String,
    /// Switches and texts of the page.
    pub configuration: Value,
}

/// The body of `PUT /configuration/{configScope}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PutConfiguration {
    /// Why it is changed.
    #[serde(default, rename = "changeReason")]
    pub change_reason: String,
    /// The version that the change was made from; a later one that is there by now is not overwritten. Without it the
    /// change goes on top of whatever is there, as upstream's does.
    #[serde(default, rename = "versionId")]
    pub version: Option<u64>,
    /// Switches and texts of the page.
    pub configuration: Map<String, Value>,
}

/// An API token, without the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Which token it is; a token that is stored in the clear has the hash of itself.
    #[serde(rename = "tokenUUID")]
    pub id: String,
    /// Whose it is.
    pub username: String,
    /// What it is for.
    pub name: String,
    /// What its holder is in.
    pub groups: Vec<String>,
    /// When it ends, in seconds since 1970; never with null.
    pub token_expiration: Option<i64>,
    /// When it was made, in seconds since 1970.
    pub created_date: Option<i64>,
    /// Who made it.
    pub created_by: String,
    /// Whether it belongs to a program and not to a person.
    pub is_system_token: bool,
    /// Whether its time has come.
    pub is_expired: bool,
    /// Whether it is stored in the clear: it can be deleted, and not be shown or changed.
    pub is_legacy: bool,
}

/// The body of `POST /api-tokens` and `POST /api-tokens/{username}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CreateToken {
    /// What it is for.
    pub name: String,
    /// When it ends, in seconds since 1970; in 90 days without.
    pub token_expiration: Option<i64>,
    /// What its holder is in; one's own groups where one makes it for oneself.
    pub groups: Vec<String>,
    /// Whether it belongs to a program and not to a person.
    pub is_system_token: bool,
}

/// A new API token: the one time that it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedToken {
    /// The token.
    pub token: String,
    /// The rest of it.
    #[serde(flatten)]
    pub described: Token,
}

/// A list of API tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    /// The tokens.
    pub tokens: Vec<Token>,
}
