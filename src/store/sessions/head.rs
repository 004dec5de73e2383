//! The head of a session: what a list shows, and which branch is shown.

use serde::Deserialize;
use serde_json::Value;

use super::chain::MessageId;
use crate::change::Change;
use crate::table::Item;

/// What is known of a session without reading its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The session's id.
    pub session: String,
    /// Whose it is.
    pub user: String,
    /// The name that somebody gave it.
    pub name: Option<String>,
    /// The beginning of the first thing that the person said; empty where the session is encrypted.
    pub first_words: String,
    /// When it was made, in RFC 3339.
    pub created: String,
    /// When it was changed last, in RFC 3339.
    pub changed: String,
    /// The project that it belongs to.
    pub project: Option<String>,
    /// Whether it stays at the top.
    pub is_pinned: bool,
    /// Tokens that its answers took, as their metadata says.
    pub tokens: i64,
    /// The last message of the branch that is shown.
    pub last: Option<MessageId>,
    /// The session's key, encrypted by KMS, where its messages are encrypted.
    pub wrapped_key: Option<String>,
    /// A hash of the settings, to tell whether they are others.
    pub settings_hash: Option<String>,
    /// When it ends, in seconds since 1970.
    pub ends: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    session_id: String,
    user_id: String,
    name: Option<String>,
    #[serde(default)]
    first_words: String,
    #[serde(default)]
    created: String,
    #[serde(default)]
    changed: String,
    project_id: Option<String>,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    tokens: i64,
    last: Option<String>,
    wrapped_key: Option<String>,
    settings_hash: Option<String>,
    expires: Option<i64>,
}

impl Head {
    pub(super) fn read(item: Item) -> Result<Self, String> {
        let stored: Stored =
            serde_json::from_value(Value::Object(item)).map_err(|error| error.to_string())?;
        Ok(Self {
            session: stored.session_id,
            user: stored.user_id,
            name: stored.name,
            first_words: stored.first_words,
            created: stored.created,
            changed: stored.changed,
            project: stored.project_id,
            is_pinned: stored.pinned,
            tokens: stored.tokens,
            last: stored.last.as_deref().and_then(MessageId::parse),
            wrapped_key: stored.wrapped_key,
            settings_hash: stored.settings_hash,
            ends: stored.expires,
        })
    }
}

/// A change of a head that is not a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadChange {
    /// Gives it a name.
    Name(String),
    /// Keeps it at the top, or no longer.
    Pin(bool),
    /// Moves it into a project, or out of any.
    Project(Option<String>),
}

impl HeadChange {
    /// A new name counts as a change of the session; what is tidied up does not move it in the list.
    pub(super) fn changes(self, now: &str) -> Vec<Change> {
        match self {
            Self::Name(name) => vec![Change::set("name", name), Change::set("changed", now)],
            Self::Pin(true) => vec![Change::set("pinned", true)],
            Self::Pin(false) => vec![Change::Remove("pinned".to_owned())],
            Self::Project(project) => vec![Change::set_or_remove("projectId", project)],
        }
    }
}
