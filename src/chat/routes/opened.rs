//! A session that somebody has asked for: whose it is, and its key, fetched once.

use lisa_api::sessions::Summary;
use lisa_auth::Caller;
use lisa_store::sessions::{Head, Seal, Sealer, Writing};
use serde_json::Value;

use super::configuration;
use crate::authorize::{Action, Resource, authorize};
use crate::{Error, State, clock};

/// The longest id of a session that is taken.
const LONGEST_ID: usize = 128;

/// A session at hand.
pub(super) struct Opened {
    pub(super) head: Head,
    seal: Option<Seal>,
}

impl Opened {
    pub(super) fn sealer(&self) -> Option<&Sealer> {
        self.seal.as_ref().map(|seal| &seal.sealer)
    }
}

/// Loads a session's head and asks whether the caller may do this to it.
pub(super) async fn head(state: &State, caller: &Caller, action: Action, id: &str) -> Result<Head, Error> {
    let owner = person(caller)?;
    check_id(id)?;
    let head = state.sessions.head(owner, id).await?.ok_or(Error::NotFound("session"))?;
    if authorize(caller, action, Resource::Personal { owner: &head.user }) {
        Ok(head)
    } else {
        Err(Error::NotFound("session"))
    }
}

/// Loads a session and unwraps its key, if it has one: the one call of KMS.
pub(super) async fn open(state: &State, caller: &Caller, action: Action, id: &str) -> Result<Opened, Error> {
    let head = head(state, caller, action, id).await?;
    let seal = unwrap(state, &head).await?;
    Ok(Opened { head, seal })
}

async fn unwrap(state: &State, head: &Head) -> Result<Option<Seal>, Error> {
    let Some(wrapped) = &head.wrapped_key else { return Ok(None) };
    let keys = state.keys.as_ref().ok_or(Error::NotDeployed("key of encrypted sessions"))?;
    keys.unwrap(&head.user, &head.session, wrapped).await.map(Some)
}

/// The head and the seal to write a session with: its own, or a new one where the configuration encrypts new sessions.
pub(super) async fn for_writing(
    state: &State,
    owner: &str,
    id: &str,
    policy: &Policy,
) -> Result<(Option<Head>, Option<Seal>), Error> {
    let head = state.sessions.head(owner, id).await?;
    let seal = match (&head, &state.keys) {
        (Some(head), _) => unwrap(state, head).await?,
        (None, Some(keys)) if policy.encrypts => Some(keys.make(owner, id).await?),
        (None, None) if policy.encrypts => return Err(Error::NotDeployed("key of encrypted sessions")),
        (None, _) => None,
    };
    Ok((head, seal))
}

/// What the configuration says about sessions.
pub(super) struct Policy {
    encrypts: bool,
    days: Option<i64>,
}

impl Policy {
    /// Reads the configuration, which is one item.
    pub(super) async fn read(state: &State) -> Result<Self, Error> {
        let configuration = configuration::current(state).await?;
        let switches = &configuration["enabledComponents"];
        let days = configuration["sessionTimeToLiveDays"].as_i64().filter(|days| *days > 0);
        Ok(Self { encrypts: switches["encryptSession"] == Value::Bool(true), days })
    }

    /// When what is written now ends.
    pub(super) fn ends(&self) -> Option<i64> {
        self.days.map(|days| clock::seconds().saturating_add(days.saturating_mul(24 * 60 * 60)))
    }
}

/// A write of the caller's to a session.
pub(super) fn writing<'a>(
    owner: &'a str,
    session: &'a str,
    now: &'a str,
    ends: Option<i64>,
    seal: Option<&'a Seal>,
) -> Writing<'a> {
    Writing { user: owner, session, now, ends, seal }
}

/// Whose sessions the caller's are; the management key has none.
pub(super) fn person(caller: &Caller) -> Result<&str, Error> {
    let owner = caller.subject.as_str();
    if authorize(caller, Action::Write, Resource::Personal { owner }) {
        Ok(owner)
    } else {
        Err(Error::Forbidden("the management key has nothing of its own: sign in, or use an API token"))
    }
}

/// An id that a client has made: short and plain, so that it can stand in a key.
pub(super) fn check_id(id: &str) -> Result<(), Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    if (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(plain) {
        return Ok(());
    }
    Err(Error::field("sessionId", "has to be 1 to 128 letters, digits, `-`, `_`, `.` or `:`"))
}

/// What a list shows of a session.
pub(super) fn summary(head: Head) -> Summary {
    Summary {
        session_id: head.session,
        name: head.name,
        first_human_message: head.first_words,
        start_time: head.changed.clone(),
        create_time: head.created,
        last_updated: head.changed,
        is_encrypted: head.wrapped_key.is_some(),
        project_id: head.project,
        total_tokens_used: head.tokens,
        pinned: head.is_pinned,
    }
}
