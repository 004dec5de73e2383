//! Sessions: conversations as trees of messages that never change, and a small head for each.
//!
//! | item | `pk` | `sk` | `newestFirst` index |
//! |---|---|---|---|
//! | head | `user#<user>` | `session#<session>` | `user#<user>` / last change |
//! | settings | `user#<user>` | `settings#<session>` | |
//! | message | `user#<user>` | `message#<session>#<message>` | |
//! | part of a long message | `user#<user>` | `part#<session>#<message>#<part>` | |
//! | image | `user#<user>` | `image#<session>#<image>` | |
//!
//! A message's id says how deep it lies and is made of its parent's id and its own text ([`chain`]). So a client that
//! puts a whole conversation, as upstream's page does at each turn, writes what is new and nothing else; two clients
//! that put different conversations at once write to different items, and both stay: as branches. The head knows the
//! last message of the branch that is shown. What an append costs does not depend on how long the session is.
//!
//! Every item has its owner in its key: no session's id leads to somebody else's.

pub mod chain;
mod head;
mod message;
pub mod seal;
pub mod search;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::error::Error;
use crate::table::{Cursor, Item, Key, Query, Range, Table, all};

pub use self::chain::MessageId;
pub use self::head::{Head, HeadChange};
pub use self::message::{Message, words};
pub use self::seal::{Seal, Sealer};
pub use self::write::{Conversation, Writing, Written};

/// Bytes of one item's text in a table whose items have a largest size; longer texts are in parts.
const PART: usize = 300 * 1024;

/// The sessions of a deployment.
#[derive(Clone, Debug)]
pub struct Sessions {
    table: Arc<dyn Table>,
    part: usize,
}

impl Sessions {
    /// The sessions in a table of [`lisa_api::tables::SESSIONS`] whose items have a largest size.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table, part: PART }
    }

    /// The sessions in a table that takes items of any size: no message is in parts there.
    pub fn unlimited(table: Arc<dyn Table>) -> Self {
        Self { table, part: usize::MAX }
    }

    /// The table.
    pub fn table(&self) -> &Arc<dyn Table> {
        &self.table
    }

    /// A page of a user's heads, newest first.
    pub async fn list(
        &self,
        user: &str,
        limit: u32,
        start: Option<Cursor>,
    ) -> Result<(Vec<Head>, Option<Cursor>), Error> {
        let query = Query::index("newestFirst", partition(user)).descending().limit(limit).start(start);
        let page = self.table.query(query).await?;
        let heads = page.items.into_iter().map(|item| self.head_of(item)).collect::<Result<_, _>>()?;
        Ok((heads, page.next))
    }

    /// The head of a session.
    pub async fn head(&self, user: &str, session: &str) -> Result<Option<Head>, Error> {
        let item = self.table.get(&head_key(user, session)).await?;
        item.map(|item| self.head_of(item)).transpose()
    }

    /// Changes a head; none if there is no such session.
    pub async fn change(
        &self,
        user: &str,
        session: &str,
        change: HeadChange,
        now: &str,
    ) -> Result<Option<Head>, Error> {
        let changes = change.changes(now);
        let exists = Some(crate::Condition::Exists);
        match self.table.update(&head_key(user, session), changes, exists).await {
            Ok(item) => self.head_of(item).map(Some),
            Err(error) if error.is_condition() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A session's settings.
    pub async fn settings(
        &self,
        user: &str,
        session: &str,
        sealer: Option<&Sealer>,
    ) -> Result<Option<Value>, Error> {
        let Some(item) = self.table.get(&settings_key(user, session)).await? else { return Ok(None) };
        let text = item.get("body").and_then(Value::as_str).unwrap_or_default();
        let text = self.open(text, is_sealed(&item), sealer, "settings")?;
        serde_json::from_str(&text).map(Some).map_err(|error| self.corrupt(error))
    }

    /// A page of all messages of a session, of every branch, parents before children.
    pub async fn messages(
        &self,
        user: &str,
        session: &str,
        sealer: Option<&Sealer>,
        (limit, start): (Option<u32>, Option<Cursor>),
    ) -> Result<(Vec<Message>, Option<Cursor>), Error> {
        let mut query = Query::partition(partition(user)).range(Range::Prefix(message_prefix(session)));
        (query.limit, query.start) = (limit, start);
        let page = self.table.query(query.consistent()).await?;
        let mut messages = Vec::with_capacity(page.items.len());
        for item in page.items {
            messages.push(self.message_of(user, session, &item, sealer).await?);
        }
        Ok((messages, page.next))
    }

    /// The branch that a message ends, first to last. It starts later where earlier messages have ended.
    pub async fn branch(
        &self,
        user: &str,
        session: &str,
        last: Option<&MessageId>,
        sealer: Option<&Sealer>,
    ) -> Result<Vec<Message>, Error> {
        let query = Query::partition(partition(user)).range(Range::Prefix(message_prefix(session)));
        let items = all(&*self.table, query.consistent()).await?;
        let text = |item: &Item, name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        let mut by_id: BTreeMap<String, Item> =
            items.into_iter().filter_map(|item| Some((text(&item, "id")?, item))).collect();
        let (mut next, mut branch) = (last.map(ToString::to_string), Vec::new());
        while let Some(item) = next.as_deref().and_then(|id| by_id.remove(id)) {
            next = text(&item, "parent");
            branch.push(item);
        }
        branch.reverse();
        let mut messages = Vec::with_capacity(branch.len());
        for item in branch {
            messages.push(self.message_of(user, session, &item, sealer).await?);
        }
        Ok(messages)
    }

    /// Deletes a session and returns the names of its images, whose objects are left to be deleted; none if there was
    /// no such session.
    pub async fn delete(&self, user: &str, session: &str) -> Result<Option<Vec<String>>, Error> {
        let head = self.table.delete(&head_key(user, session), None).await?;
        let (mut keys, mut images) = (vec![settings_key(user, session)], Vec::new());
        for kind in ["message", "part", "image"] {
            let range = Range::Prefix(format!("{kind}#{session}#"));
            for item in all(&*self.table, Query::partition(partition(user)).range(range).consistent()).await?
            {
                let sort = item.get("sk").and_then(Value::as_str).unwrap_or_default();
                keys.push(Key::pair(partition(user), sort));
                images.extend(item.get("object").and_then(Value::as_str).map(str::to_owned));
            }
        }
        self.table.write_many(Vec::new(), keys).await?;
        Ok(head.map(|_| images))
    }

    /// Notes an image of a session, so that it goes with it.
    pub async fn note_image(
        &self,
        user: &str,
        session: &str,
        object: &str,
        ends: Option<i64>,
    ) -> Result<(), Error> {
        let name = object.rsplit('/').next().unwrap_or(object);
        let mut item = Item::new();
        item.insert("pk".to_owned(), partition(user).into());
        item.insert("sk".to_owned(), format!("image#{session}#{name}").into());
        item.insert("object".to_owned(), object.into());
        if let Some(ends) = ends {
            item.insert("expires".to_owned(), ends.into());
        }
        self.table.put(item, None).await
    }

    fn head_of(&self, item: Item) -> Result<Head, Error> {
        Head::read(item).map_err(|reason| self.corrupt(reason))
    }

    async fn message_of(
        &self,
        user: &str,
        session: &str,
        item: &Item,
        sealer: Option<&Sealer>,
    ) -> Result<Message, Error> {
        let mut text = item.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
        if item.contains_key("parts") {
            let range = Range::Prefix(format!("part#{session}#{id}#"));
            let parts =
                all(&*self.table, Query::partition(partition(user)).range(range).consistent()).await?;
            text.extend(parts.iter().filter_map(|part| part.get("body").and_then(Value::as_str)));
        }
        let text = self.open(&text, is_sealed(item), sealer, id)?;
        Message::read(item, &text).map_err(|reason| self.corrupt(reason))
    }

    fn open(&self, text: &str, is_sealed: bool, key: Option<&Sealer>, place: &str) -> Result<String, Error> {
        match (is_sealed, key) {
            (false, _) => Ok(text.to_owned()),
            (true, Some(key)) => key.open(place, text).map_err(|reason| self.corrupt(reason)),
            (true, None) => Err(self.corrupt("it is encrypted, and its key is not at hand")),
        }
    }

    fn corrupt(&self, reason: impl std::fmt::Display) -> Error {
        Error::Corrupt { table: self.table.described().name.to_owned(), reason: reason.to_string() }
    }
}

fn partition(user: &str) -> String {
    format!("user#{user}")
}

fn head_key(user: &str, session: &str) -> Key {
    Key::pair(partition(user), format!("session#{session}"))
}

fn settings_key(user: &str, session: &str) -> Key {
    Key::pair(partition(user), format!("settings#{session}"))
}

fn message_prefix(session: &str) -> String {
    format!("message#{session}#")
}

fn is_sealed(item: &Item) -> bool {
    item.get("sealed").and_then(Value::as_bool) == Some(true)
}
