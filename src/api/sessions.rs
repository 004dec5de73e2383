//! Wire types of sessions, in upstream's 6.x shapes; what is not upstream's says so.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Its id.
    pub session_id: String,
    /// Its name; null where nobody has named it.
    pub name: Option<String>,
    /// The beginning of the first thing that the person said; empty where the session is encrypted.
    pub first_human_message: String,
    /// When it was made or, in 3.x, saved last: the time of the last change.
    pub start_time: String,
    /// When it was made.
    pub create_time: String,
    /// When it was changed last.
    pub last_updated: String,
    /// Whether its messages are encrypted with a key of its own.
    pub is_encrypted: bool,
    /// The project that it belongs to.
    pub project_id: Option<String>,
    /// Tokens that its answers took.
    pub total_tokens_used: i64,
    /// Whether it stays at the top. Not upstream's.
    pub pinned: bool,
}

/// A whole session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// What the list shows of it.
    #[serde(flatten)]
    pub summary: Summary,
    /// Whose it is.
    pub user_id: String,
    /// The messages of the branch that is shown, first to last, as they were put.
    pub history: Vec<Map<String, Value>>,
    /// Its settings, such as its model.
    pub configuration: Value,
    /// The ids of the messages in `history`. Not upstream's.
    pub message_ids: Vec<String>,
}

/// The body of `PUT /session/{sessionId}`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutSession {
    /// The messages that take the place of what is shown.
    pub messages: Vec<Map<String, Value>>,
    /// The session's settings; they stay as they are without.
    pub configuration: Option<Value>,
    /// The session's name; it stays as it is without.
    pub name: Option<String>,
}

/// The body of `POST /session/{sessionId}/messages`. Not upstream's.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostMessages {
    /// What is added.
    pub messages: Vec<Map<String, Value>>,
    /// The message that it follows: another than the last one shown makes a branch.
    pub parent_id: Option<String>,
}

/// A message with its place in the tree. Not upstream's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TreeMessage {
    /// Its id.
    pub id: String,
    /// The one that it follows.
    pub parent_id: Option<String>,
    /// When it was written.
    pub created: String,
    /// The message as it was put.
    pub message: Map<String, Value>,
}

/// A page of `GET /session/{sessionId}/messages`. Not upstream's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessagePage {
    /// The messages of every branch, parents before children.
    pub messages: Vec<TreeMessage>,
    /// The last message of the branch that is shown.
    pub last_id: Option<String>,
    /// What the next page is asked for with.
    pub next_token: Option<String>,
}

/// What a write says. Not upstream's, whose answer is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WrittenSession {
    /// What the list shows of the session.
    #[serde(flatten)]
    pub summary: Summary,
    /// The ids of the messages that were put, in order.
    pub message_ids: Vec<String>,
}

/// Whether something was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// Whether there was anything to delete.
    pub deleted: bool,
}

/// The body of `PUT /session/{sessionId}/name`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rename {
    /// The new name.
    pub name: String,
}

/// The body of `PUT /session/{sessionId}/pin`. Not upstream's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Pin {
    /// Whether the session stays at the top.
    pub pinned: bool,
}

/// The body of `PUT /session/{sessionId}/project`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assign {
    /// The project; out of any with null.
    pub project_id: Option<String>,
}

/// The body of `PUT /session/{sessionId}/attachImage`: a message's part, as OpenAI writes it, with a data URL.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AttachImage {
    /// The part.
    pub message: ImageMessage,
}

/// A message's part that is an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageMessage {
    /// `image_url`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where the image is.
    pub image_url: ImageUrl,
}

/// Where an image is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageUrl {
    /// A data URL in a request; a URL that is good for a while in an answer.
    pub url: String,
    /// The object in the bucket of images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_key: Option<String>,
}

/// A message in which a search found its words. Not upstream's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// Its session.
    pub session_id: String,
    /// Its id.
    pub message_id: String,
    /// When it was written.
    pub created: String,
    /// The text around the words.
    pub excerpt: String,
}

/// What `GET /session/search` answers. Not upstream's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    /// The messages, as far as has been searched.
    pub hits: Vec<SearchHit>,
    /// What the rest is asked for with; the search is complete without.
    pub next_token: Option<String>,
}

/// What `POST /session/import` answers. Not upstream's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The sessions that were made, or that were there already.
    pub sessions: Vec<Summary>,
}
