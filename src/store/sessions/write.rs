//! Writing to a session: what is new, parents before children, then the head.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::chain::{DEEPEST, MessageId, canonical, follow};
use super::head::Head;
use super::message::{first_words, tokens};
use super::seal::{Seal, Sealer};
use super::{Sessions, head_key, message_prefix, partition, settings_key};
use crate::change::Change;
use crate::condition::Condition;
use crate::cost;
use crate::error::Error;
use crate::table::{Item, Key, Write};

/// Items that are written one after the other; more of them go in transactions, which cost twice as much and are fewer
/// calls.
const FEW: usize = 6;

/// Items of one transaction: fewer than are allowed.
const BATCH: usize = 50;

/// Bytes of one transaction, below the 4 MB that DynamoDB takes.
const BATCH_BYTES: usize = 3 * 1024 * 1024;

/// A whole conversation that a client puts in the place of what is shown.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// The messages of the branch, first to last.
    pub messages: Vec<Map<String, Value>>,
    /// The session's settings, such as its model; they stay as they are without.
    pub settings: Option<Value>,
    /// The session's name; it stays as it is without.
    pub name: Option<String>,
}

/// Where and how a session is written.
#[derive(Clone, Copy, Debug)]
pub struct Writing<'a> {
    /// Whose session it is.
    pub user: &'a str,
    /// Which.
    pub session: &'a str,
    /// The time, in RFC 3339 and UTC: texts that sort as times do.
    pub now: &'a str,
    /// When what is written ends, in seconds since 1970.
    pub ends: Option<i64>,
    /// What seals a session that is encrypted. A head that is there has to have the same key.
    pub seal: Option<&'a Seal>,
}

/// What a write has done.
#[derive(Clone, Debug)]
pub struct Written {
    /// The head afterwards.
    pub head: Head,
    /// The ids of the messages that were asked for, those that were there before included.
    pub ids: Vec<MessageId>,
    /// How many of them were written.
    pub new: usize,
}

/// A message about to be written.
struct Draft {
    id: MessageId,
    parent: Option<MessageId>,
    text: String,
}

impl Writing<'_> {
    fn sealer(&self) -> Option<&Sealer> {
        self.seal.map(|seal| &seal.sealer)
    }

    /// A head has the key that these texts are sealed with, or none where they are not.
    fn same_key(&self) -> Condition {
        match self.seal {
            Some(seal) => Condition::equals("wrappedKey", seal.wrapped_key.as_str()),
            None => Condition::Lacks("wrappedKey".to_owned()),
        }
    }
}

impl Sessions {
    /// Puts a conversation in the place of what is shown, and makes the session if it is not there. Messages that are
    /// no longer shown stay, in their own branch.
    ///
    /// [`Error::is_condition`] tells that the session has been given another key meanwhile.
    pub async fn put(&self, writing: Writing<'_>, asked: Conversation) -> Result<Written, Error> {
        let head = self.head(writing.user, writing.session).await?;
        self.put_after(writing, asked, head).await
    }

    /// [`Self::put`], for who has read the head already.
    pub async fn put_after(
        &self,
        writing: Writing<'_>,
        asked: Conversation,
        head: Option<Head>,
    ) -> Result<Written, Error> {
        let drafts = self.drafts(writing, None, &asked.messages)?;
        let known = self.known(writing, head.as_ref(), &drafts).await?;
        self.write(writing, asked, head, drafts, known).await
    }

    /// Adds messages after one that is there, or after the last one that is shown; none if there is no such session or
    /// message. Of two that are added at once, each follows what its caller saw.
    pub async fn append(
        &self,
        writing: Writing<'_>,
        parent: Option<MessageId>,
        messages: Vec<Map<String, Value>>,
    ) -> Result<Option<Written>, Error> {
        match self.head(writing.user, writing.session).await? {
            Some(head) => self.append_after(writing, parent, messages, head).await,
            None => Ok(None),
        }
    }

    /// [`Self::append`], for who has read the head already.
    pub async fn append_after(
        &self,
        writing: Writing<'_>,
        parent: Option<MessageId>,
        messages: Vec<Map<String, Value>>,
        head: Head,
    ) -> Result<Option<Written>, Error> {
        if let Some(parent) = &parent
            && head.last.as_ref() != Some(parent)
            && self.table.get(&message_key(writing, parent)).await?.is_none()
        {
            return Ok(None);
        }
        let parent = parent.or_else(|| head.last.clone());
        let drafts = self.drafts(writing, parent, &messages)?;
        let asked = Conversation { messages, ..Conversation::default() };
        self.write(writing, asked, Some(head), drafts, 0).await.map(Some)
    }

    fn drafts(
        &self,
        writing: Writing<'_>,
        mut parent: Option<MessageId>,
        messages: &[Map<String, Value>],
    ) -> Result<Vec<Draft>, Error> {
        if parent.as_ref().map_or(0, MessageId::depth) + messages.len() > DEEPEST {
            return Err(Error::invalid(self.table.described().name, "a session has too many messages"));
        }
        let key = writing.sealer().map(Sealer::ids);
        let drafts = messages.iter().map(|body| {
            let text = canonical(body);
            let id = follow(parent.as_ref(), &text, key);
            Draft { parent: parent.replace(id.clone()), id, text }
        });
        Ok(drafts.collect())
    }

    /// How many of the messages are there already: up to the one that is shown last, as a rule; else it is searched for
    /// by halves, since whoever is there has everything before it there as well.
    async fn known(
        &self,
        writing: Writing<'_>,
        head: Option<&Head>,
        drafts: &[Draft],
    ) -> Result<usize, Error> {
        let Some(head) = head else { return Ok(0) };
        let shown = head.last.as_ref().and_then(|last| drafts.iter().rposition(|draft| draft.id == *last));
        if let Some(at) = shown {
            return Ok(at + 1);
        }
        let (mut known, mut most) = (0, drafts.len());
        while known < most {
            let middle = (known + most).div_ceil(2);
            if self.table.get(&message_key(writing, &drafts[middle - 1].id)).await?.is_some() {
                known = middle;
            } else {
                most = middle - 1;
            }
        }
        Ok(known)
    }

    async fn write(
        &self,
        writing: Writing<'_>,
        asked: Conversation,
        head: Option<Head>,
        drafts: Vec<Draft>,
        known: usize,
    ) -> Result<Written, Error> {
        if head.is_none() && writing.seal.is_some() {
            // The key is there before anything that needs it, and there is one.
            self.table
                .update(&head_key(writing.user, writing.session), first(writing), Some(Condition::Missing))
                .await?;
        }
        let new = &drafts[known..];
        let mut items = Vec::with_capacity(new.len());
        for draft in new {
            items.extend(self.items(writing, draft)?);
        }
        self.write_in_order(items).await?;
        let mut changes = first(writing);
        changes.push(Change::set("changed", writing.now));
        changes.push(Change::set_or_remove("last", drafts.last().map(|draft| draft.id.as_str())));
        changes.push(Change::set_or_remove("expires", writing.ends));
        changes.extend(asked.name.map(|name| Change::set("name", name)));
        if let Some(words) = first_words(&asked.messages).filter(|_| writing.seal.is_none()) {
            changes.push(Change::SetOnce("firstWords".to_owned(), words.into()));
        }
        let more = tokens(&asked.messages[known..]);
        if more > 0 {
            changes.push(Change::Add("tokens".to_owned(), more));
        }
        if let Some(settings) = asked.settings {
            let before = head.as_ref().and_then(|head| head.settings_hash.as_deref());
            changes.extend(self.write_settings(writing, &settings, before).await?);
        }
        let key = head_key(writing.user, writing.session);
        let item = self.table.update(&key, changes, Some(writing.same_key())).await?;
        let ids = drafts.iter().map(|draft| draft.id.clone()).collect();
        Ok(Written { head: self.head_of(item)?, ids, new: new.len() })
    }

    /// The items of a message, its parts before itself.
    fn items(&self, writing: Writing<'_>, draft: &Draft) -> Result<Vec<Item>, Error> {
        let place = draft.id.as_str();
        let sealed = writing.sealer().map(|sealer| sealer.seal(place, &draft.text));
        let sealed = sealed.transpose().map_err(|reason| self.corrupt(reason))?;
        let text = sealed.as_deref().unwrap_or(&draft.text);
        let mut item = item_of(writing, format!("{}{place}", message_prefix(writing.session)));
        item.insert("id".to_owned(), place.into());
        item.insert("created".to_owned(), writing.now.into());
        if let Some(parent) = &draft.parent {
            item.insert("parent".to_owned(), parent.as_str().into());
        }
        if sealed.is_some() {
            item.insert("sealed".to_owned(), true.into());
        }
        if text.len() <= self.part {
            item.insert("body".to_owned(), text.into());
            return Ok(vec![item]);
        }
        let mut items = Vec::new();
        for (at, part) in parts(text, self.part).into_iter().enumerate() {
            let mut one = item_of(writing, format!("part#{}#{place}#{at:04}", writing.session));
            one.insert("body".to_owned(), part.into());
            items.push(one);
        }
        item.insert("parts".to_owned(), items.len().into());
        items.push(item);
        Ok(items)
    }

    /// Writes items so that none is there without those before it, also if this ends halfway.
    async fn write_in_order(&self, items: Vec<Item>) -> Result<(), Error> {
        if items.len() <= FEW {
            for item in items {
                self.table.put(item, None).await?;
            }
            return Ok(());
        }
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for item in items {
            let size = cost::size(&item);
            if batch.len() == BATCH || (bytes + size > BATCH_BYTES && !batch.is_empty()) {
                self.table.transact(std::mem::take(&mut batch)).await?;
                bytes = 0;
            }
            bytes += size;
            batch.push(Write::Put { item, condition: None });
        }
        if batch.is_empty() { Ok(()) } else { self.table.transact(batch).await }
    }

    /// Writes the settings if they are others than before, and says what the head keeps of them.
    async fn write_settings(
        &self,
        writing: Writing<'_>,
        settings: &Value,
        before: Option<&str>,
    ) -> Result<Option<Change>, Error> {
        let text = settings.to_string();
        let key = writing.seal.map_or("", |seal| seal.wrapped_key.as_str());
        let hash =
            URL_SAFE_NO_PAD.encode(&digest(&SHA256, format!("{key}\n{text}").as_bytes()).as_ref()[..12]);
        if before == Some(hash.as_str()) {
            return Ok(None);
        }
        let sealed = writing.sealer().map(|sealer| sealer.seal("settings", &text));
        let sealed = sealed.transpose().map_err(|reason| self.corrupt(reason))?;
        let Key { sort, .. } = settings_key(writing.user, writing.session);
        let mut item = item_of(writing, sort.unwrap_or_default());
        if sealed.is_some() {
            item.insert("sealed".to_owned(), true.into());
        }
        item.insert("body".to_owned(), sealed.unwrap_or(text).into());
        self.table.put(item, None).await?;
        Ok(Some(Change::set("settingsHash", hash)))
    }
}

/// What a head has from its beginning.
fn first(writing: Writing<'_>) -> Vec<Change> {
    let once = |name: &str, value: &str| Change::SetOnce(name.to_owned(), value.into());
    let mut changes = vec![
        once("sessionId", writing.session),
        once("userId", writing.user),
        once("headOf", &partition(writing.user)),
        once("created", writing.now),
    ];
    changes.extend(writing.seal.map(|seal| once("wrappedKey", &seal.wrapped_key)));
    changes
}

fn item_of(writing: Writing<'_>, sort: String) -> Item {
    let mut item = Item::new();
    item.insert("pk".to_owned(), partition(writing.user).into());
    item.insert("sk".to_owned(), sort.into());
    if let Some(ends) = writing.ends {
        item.insert("expires".to_owned(), json!(ends));
    }
    item
}

fn message_key(writing: Writing<'_>, id: &MessageId) -> Key {
    Key::pair(partition(writing.user), format!("{}{id}", message_prefix(writing.session)))
}

/// A text in parts of at most so many bytes, cut between characters.
fn parts(mut text: &str, largest: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    while !text.is_empty() {
        let mut end = largest.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let (part, rest) = text.split_at(end);
        parts.push(part);
        text = rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_are_cut_between_characters() {
        assert_eq!(parts("aäbc", 2), ["a", "ä", "bc"]);
        assert_eq!(parts("", 2), Vec::<&str>::new());
    }
}
