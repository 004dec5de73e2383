//! Each request's usage is written once or counted as lost, whatever the table does.

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use lisa_api::tables::{self, USAGE};
use lisa_store::usage::{Sum, day};
use lisa_store::{
    Change, Condition, Cursor, Database, EmbeddedTable, Error, Item, Key, Page, Query, Table, Write,
};
use tokio::task::spawn_blocking;

use super::*;

/// How a table behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Well,
    /// It takes nothing.
    Busy,
    /// It does what it is asked for, once by each name, and does not say so.
    Mute,
    /// It neither does anything nor answers.
    Stuck,
}

/// A table with moods.
#[derive(Debug)]
struct Moody {
    table: EmbeddedTable,
    mood: Mutex<Mood>,
    /// Names of transactions: those that were done, and all that were asked for.
    done: Mutex<BTreeSet<String>>,
    asked: Mutex<Vec<String>>,
}

impl Moody {
    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Table for Moody {
    fn described(&self) -> &'static tables::Table {
        &USAGE
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, Error> {
        self.table.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, Error> {
        self.table.get_many(keys).await
    }

    async fn put(&self, item: Item, condition: Option<Condition>) -> Result<(), Error> {
        self.table.put(item, condition).await
    }

    async fn update(
        &self,
        key: &Key,
        changes: Vec<Change>,
        condition: Option<Condition>,
    ) -> Result<Item, Error> {
        self.table.update(key, changes, condition).await
    }

    async fn delete(&self, key: &Key, condition: Option<Condition>) -> Result<Option<Item>, Error> {
        self.table.delete(key, condition).await
    }

    async fn query(&self, query: Query) -> Result<Page, Error> {
        self.table.query(query).await
    }

    async fn scan(&self, limit: Option<u32>, start: Option<Cursor>) -> Result<Page, Error> {
        self.table.scan(limit, start).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), Error> {
        self.table.transact(writes).await
    }

    async fn transact_once(&self, writes: Vec<Write>, name: &str) -> Result<(), Error> {
        self.asked.lock().unwrap().push(name.to_owned());
        let (mood, table) = (*self.mood.lock().unwrap(), "usage".to_owned());
        match mood {
            Mood::Busy => return Err(Error::Busy { table, message: "away".to_owned() }),
            Mood::Stuck => std::future::pending().await,
            Mood::Well | Mood::Mute => {}
        }
        if self.done.lock().unwrap().insert(name.to_owned()) {
            self.table.transact(writes).await?;
        }
        match mood {
            Mood::Mute => Err(Error::Unanswered { table, message: "cut off".to_owned() }),
            _ => Ok(()),
        }
    }

    async fn write_many(&self, puts: Vec<Item>, deletes: Vec<Key>) -> Result<(), Error> {
        self.table.write_many(puts, deletes).await
    }
}

struct Stage {
    table: Arc<Moody>,
    usage: Usage,
    metrics: Arc<Metrics>,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn set(mood: Mood) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let table = Database::open(folder.path()).unwrap().table(&USAGE).unwrap();
        let (done, asked) = Default::default();
        let table = Arc::new(Moody { table, mood: Mutex::new(mood), done, asked });
        let usage = Usage::new(Arc::<Moody>::clone(&table));
        Self { table, usage, metrics: Arc::default(), _folder: folder }
    }

    fn sums(&self) -> Sums {
        Sums::new(self.usage.clone(), Arc::clone(&self.metrics))
    }

    fn bills(&self, pause: Duration, last: Duration) -> Bills {
        Bills::with(self.sums(), pause, last)
    }

    async fn written(&self) -> Vec<(lisa_store::usage::Use, Sum)> {
        self.usage.of_day(&day(now()), None).await.unwrap()
    }

    fn lost(&self, requests: u64) -> bool {
        self.metrics.text().contains(&format!("lisa_usage_records_lost_total {requests}\n"))
    }
}

fn used(user: &str, model: &str) -> Used {
    let (user, model) = (user.to_owned(), model.to_owned());
    Used { user, model, prompt_tokens: 3, completion_tokens: 5 }
}

async fn end(bills: &Bills) {
    let bills = bills.clone();
    spawn_blocking(move || bills.end()).await.unwrap();
}

const SHORT: Duration = Duration::from_millis(20);
const NEVER: Duration = Duration::from_hours(1);

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_is_added_up_though_the_table_is_away_for_a_while() {
    let stage = Stage::set(Mood::Busy);
    let bills = stage.bills(SHORT, LAST);
    for user in ["ada", "ada", "ada#", "bob"] {
        assert!(bills.take(used(user, "m")));
    }
    // More than one transaction takes.
    (0..150).for_each(|number| assert!(bills.take(used("ada", &format!("m{number}")))));
    tokio::time::sleep(SHORT * 5).await;
    assert_eq!(stage.written().await, []);
    stage.table.is(Mood::Well);
    end(&bills).await;
    bills.take(used("bob", "m"));
    end(&bills).await;
    let all = stage.written().await;
    assert_eq!(all.len(), 153);
    let of = |user: &str| all.iter().find(|(key, _)| key.user == user && key.model == "m").unwrap().1;
    assert_eq!(of("ada"), Sum { requests: 2, prompt_tokens: 6, completion_tokens: 10 });
    assert_eq!(of("bob").requests, 2);
    let ada = stage.usage.of_day(&day(now()), Some("ada")).await.unwrap();
    assert!(ada.len() == 151 && ada.iter().all(|(key, _)| key.user == "ada"));
    assert!(stage.lost(0), "{}", stage.metrics.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_written_is_written_once() {
    let stage = Stage::set(Mood::Mute);
    let bills = stage.bills(SHORT, LAST);
    assert!(bills.take(used("ada", "m")));
    while stage.table.asked().len() < 3 {
        tokio::time::sleep(SHORT).await;
    }
    // It waits, for what may have been done is repeated as it was.
    assert!(bills.take(used("ada", "m")));
    stage.table.is(Mood::Well);
    end(&bills).await;
    let names: BTreeSet<String> = stage.table.asked().into_iter().collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(stage.written().await[0].1, Sum { requests: 2, prompt_tokens: 6, completion_tokens: 10 });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_does_not_answer_keeps_no_record_waiting() {
    let stage = Stage::set(Mood::Stuck);
    let bills = stage.bills(SHORT, LAST);
    assert!(bills.take(used("ada", "m")));
    while stage.table.asked().is_empty() {
        tokio::time::sleep(SHORT).await;
    }
    for _ in 0..3 {
        for _ in 0..WAITING / 2 {
            assert!(bills.take(used("ada", "m")));
        }
        tokio::time::timeout(Duration::from_secs(5), async {
            while bills.0.as_ref().is_some_and(|sender| sender.capacity() < WAITING) {
                tokio::time::sleep(SHORT).await;
            }
        })
        .await
        .expect("records are taken while a transaction is under way");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_waits_for_a_table_that_comes_back_and_counts_what_is_lost_otherwise() {
    let stage = Stage::set(Mood::Busy);
    let bills = stage.bills(NEVER, Duration::from_secs(3));
    assert!(bills.take(used("ada", "m")));
    let ending = tokio::spawn(async move { end(&bills).await });
    while stage.table.asked().is_empty() {
        tokio::time::sleep(SHORT).await;
    }
    stage.table.is(Mood::Well);
    ending.await.unwrap();
    assert_eq!(stage.written().await.len(), 1, "a first write that fails is not the last");
    assert!(stage.lost(0));

    for mood in [Mood::Busy, Mood::Stuck] {
        let stage = Stage::set(mood);
        let bills = stage.bills(NEVER, Duration::from_millis(300));
        assert!(bills.take(used("ada", "m")) && bills.take(used("bob", "m")));
        end(&bills).await;
        assert!(stage.lost(2), "{mood:?}: {}", stage.metrics.text());
    }
}

#[tokio::test]
async fn what_comes_in_during_a_round_waits_for_the_next() {
    let stage = Stage::set(Mood::Well);
    let mut sums = stage.sums();
    sums.add(used("ada", "m"), now());
    let round = sums.next().unwrap();
    sums.add(used("bob", "m"), now());
    let outcome = round.await;
    assert!(!sums.settle(outcome), "else a busy gateway would write all the time");
    assert!(!sums.is_empty());
}

#[test]
fn without_a_table_nothing_is_lost() {
    assert!(Bills::default().take(used("ada", "m")) && !Bills::default().is_on());
    Bills::default().end();
}
