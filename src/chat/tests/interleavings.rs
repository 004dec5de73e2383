//! Several clients write to one session at once, in a thousand random orders: no message is lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use lisa_api::tables;
use lisa_store::sessions::{Conversation, Message, Writing};
use lisa_store::{
    Change, Condition, Cursor, Database, Error, Item, Key, Page, Query, Sessions, Table, Write,
};
use serde_json::{Map, Value};

use super::stage::said;

/// Random orders that are tried.
const INTERLEAVINGS: u64 = 1000;

/// A table that lets others go before it, a random number of times, at every call.
#[derive(Debug)]
struct Jittery {
    table: Arc<dyn Table>,
    state: AtomicU64,
}

impl Jittery {
    async fn wait(&self) {
        // Knuth's generator: the order only has to differ.
        let step = |state: u64| {
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)
        };
        let state =
            self.state.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| Some(step(state))).unwrap();
        for _ in 0..(state >> 60) {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl Table for Jittery {
    fn described(&self) -> &'static tables::Table {
        self.table.described()
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, Error> {
        self.wait().await;
        self.table.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, Error> {
        self.wait().await;
        self.table.get_many(keys).await
    }

    async fn put(&self, item: Item, condition: Option<Condition>) -> Result<(), Error> {
        self.wait().await;
        self.table.put(item, condition).await
    }

    async fn update(
        &self,
        key: &Key,
        changes: Vec<Change>,
        condition: Option<Condition>,
    ) -> Result<Item, Error> {
        self.wait().await;
        self.table.update(key, changes, condition).await
    }

    async fn delete(&self, key: &Key, condition: Option<Condition>) -> Result<Option<Item>, Error> {
        self.wait().await;
        self.table.delete(key, condition).await
    }

    async fn query(&self, query: Query) -> Result<Page, Error> {
        self.wait().await;
        self.table.query(query).await
    }

    async fn scan(&self, limit: Option<u32>, start: Option<Cursor>) -> Result<Page, Error> {
        self.wait().await;
        self.table.scan(limit, start).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), Error> {
        self.wait().await;
        self.table.transact(writes).await
    }

    async fn write_many(&self, puts: Vec<Item>, deletes: Vec<Key>) -> Result<(), Error> {
        self.wait().await;
        self.table.write_many(puts, deletes).await
    }
}

fn body(text: &str) -> Map<String, Value> {
    match said("human", text) {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

/// A client: it puts the conversation as it knows it, or adds to the end of whatever is there; and returns what it has
/// been told is written.
async fn client(sessions: Sessions, session: String, name: u64) -> Vec<String> {
    let mut known: Vec<Map<String, Value>> = vec![body("first")];
    let mut written = Vec::new();
    for turn in 0..3 {
        let text = format!("{name}-{turn}");
        let now = format!("2026-01-01T00:00:0{turn}.{name:09}Z");
        let writing = Writing { user: "ada", session: &session, now: &now, ends: None, seal: None };
        if (name + turn).is_multiple_of(2) {
            known.push(body(&text));
            let asked = Conversation { messages: known.clone(), ..Conversation::default() };
            sessions.put(writing, asked).await.unwrap();
        } else {
            sessions.append(writing, None, vec![body(&text)]).await.unwrap().unwrap();
        }
        written.push(text);
    }
    written
}

#[tokio::test]
async fn no_message_is_lost_in_a_thousand_interleavings() {
    let folder = tempfile::tempdir().unwrap();
    let table = Arc::new(Database::open(folder.path()).unwrap().table(&tables::SESSIONS).unwrap());
    for number in 0..INTERLEAVINGS {
        let jittery =
            Jittery { table: table.clone(), state: AtomicU64::new(number.wrapping_mul(0x9e37_79b9)) };
        let sessions = Sessions::unlimited(Arc::new(jittery));
        let session = format!("s{number}");
        let writing =
            Writing { user: "ada", session: &session, now: "2026-01-01T00:00:00Z", ends: None, seal: None };
        let first = Conversation { messages: vec![body("first")], ..Conversation::default() };
        sessions.put(writing, first).await.unwrap();
        let clients = (0..3).map(|name| tokio::spawn(client(sessions.clone(), session.clone(), name)));
        let clients: Vec<_> = clients.collect();
        let mut written = vec!["first".to_owned()];
        for client in clients {
            written.extend(client.await.unwrap());
        }
        let (messages, _) = sessions.messages("ada", &session, None, (None, None)).await.unwrap();
        let by_id: BTreeMap<&str, &Message> =
            messages.iter().map(|message| (message.id.as_str(), message)).collect();
        for text in &written {
            let found = messages.iter().find(|message| message.body["content"] == **text);
            let found = found.unwrap_or_else(|| panic!("interleaving {number} lost `{text}`"));
            assert!(found.parent.as_ref().is_none_or(|parent| by_id.contains_key(parent.as_str())));
        }
        assert_eq!(messages.len(), written.len(), "and none is there twice");
        let head = sessions.head("ada", &session).await.unwrap().unwrap();
        assert!(by_id.contains_key(head.last.unwrap().as_str()));
    }
}
