//! Who used which model for how many tokens: added up, and written to the deployment's table every now and then, off the
//! way of requests. No words of a request are in it.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lisa_store::usage::{Sum, Usage, Use, day};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, MissedTickBehavior};

use crate::metrics::Metrics;

/// Records that wait to be added up, and sums that wait to be written; further ones are lost and counted.
const WAITING: usize = 10_000;

/// Between two writes.
const PAUSE: Duration = Duration::from_secs(30);

/// For how long the last write may take when the process ends.
const END: Duration = Duration::from_secs(5);

/// A request that a model has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The caller.
    pub user: String,
    /// The model that answered.
    pub model: String,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
}

enum Told {
    Used(Used),
    /// All that was told before is to be written, and that is to be told.
    End(mpsc::Sender<()>),
}

/// Takes records; where there is no table they are only counted in the metrics.
#[derive(Clone, Debug, Default)]
pub struct Bills(Option<Sender<Told>>);

impl Bills {
    /// Writes to a table, from a task of its own.
    pub(crate) fn to(usage: Usage, metrics: Arc<Metrics>) -> Self {
        Self::with(Sums { usage, metrics, waiting: BTreeMap::new() }, PAUSE)
    }

    fn with(sums: Sums, pause: Duration) -> Self {
        let (sender, receiver) = channel(WAITING);
        tokio::spawn(sums.keep(receiver, pause));
        Self(Some(sender))
    }

    /// Whether records go anywhere.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Takes a record; `false` where there is no room.
    pub fn take(&self, used: Used) -> bool {
        self.0.as_ref().is_none_or(|sender| sender.try_send(Told::Used(used)).is_ok())
    }

    /// Waits until everything that was taken is written, for a little while; never from a task.
    pub fn end(&self) {
        let Some(sender) = &self.0 else { return };
        let (written, wait) = mpsc::channel();
        if sender.blocking_send(Told::End(written)).is_ok() && wait.recv_timeout(END).is_err() {
            tracing::warn!("the usage of the last requests was not written in time");
        }
    }
}

/// The sums that wait to be written.
struct Sums {
    usage: Usage,
    metrics: Arc<Metrics>,
    waiting: BTreeMap<Use, Sum>,
}

impl Sums {
    async fn keep(mut self, mut told: Receiver<Told>, pause: Duration) {
        let mut tick = tokio::time::interval_at(Instant::now() + pause, pause);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => self.write().await,
                next = told.recv() => match next {
                    Some(Told::Used(used)) => self.add(used, now()),
                    Some(Told::End(written)) => {
                        self.write().await;
                        // Whoever waited may have gone.
                        let _ = written.send(());
                    }
                    None => return,
                },
            }
        }
    }

    fn add(&mut self, used: Used, now: i64) {
        let Used { user, model, prompt_tokens, completion_tokens } = used;
        let key = Use { day: day(now), user, model };
        if self.waiting.len() >= WAITING && !self.waiting.contains_key(&key) {
            self.metrics.lost_records(1);
            return;
        }
        let one = Sum { requests: 1, prompt_tokens, completion_tokens };
        self.waiting.entry(key).or_default().add(one);
    }

    /// Writes what waits. What the table does not take waits for the next time.
    async fn write(&mut self) {
        let sums: Vec<(Use, Sum)> = std::mem::take(&mut self.waiting).into_iter().collect();
        for batch in sums.chunks(Usage::AT_ONCE) {
            if let Err(error) = self.usage.add(batch).await {
                tracing::warn!(%error, sums = batch.len(), "usage was not written; it is tried again");
                self.waiting.extend(batch.iter().cloned());
            }
        }
    }
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;
    use lisa_api::tables::{self, USAGE};
    use lisa_store::{
        Change, Condition, Cursor, Database, EmbeddedTable, Error, Item, Key, Page, Query, Table, Write,
    };

    use super::*;

    fn used(user: &str, model: &str) -> Used {
        let (user, model) = (user.to_owned(), model.to_owned());
        Used { user, model, prompt_tokens: 3, completion_tokens: 5 }
    }

    /// A table that takes no transactions for a while.
    #[derive(Debug)]
    struct Away {
        table: EmbeddedTable,
        is_away: AtomicBool,
    }

    #[async_trait]
    impl Table for Away {
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
            if self.is_away.load(Ordering::SeqCst) {
                return Err(Error::Busy { table: "usage".to_owned(), message: "away".to_owned() });
            }
            self.table.transact(writes).await
        }

        async fn write_many(&self, puts: Vec<Item>, deletes: Vec<Key>) -> Result<(), Error> {
            self.table.write_many(puts, deletes).await
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_used_is_added_up_though_the_table_is_away_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let table = Database::open(folder.path()).unwrap().table(&USAGE).unwrap();
        let table = Arc::new(Away { table, is_away: AtomicBool::new(true) });
        let usage = Usage::new(Arc::<Away>::clone(&table));
        let sums = Sums { usage: usage.clone(), metrics: Arc::default(), waiting: BTreeMap::new() };
        let bills = Bills::with(sums, Duration::from_millis(20));
        for user in ["ada", "ada", "ada#", "bob"] {
            assert!(bills.take(used(user, "m")));
        }
        // More than one transaction takes.
        (0..150).for_each(|number| assert!(bills.take(used("ada", &format!("m{number}")))));
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(usage.of_day(&day(now()), None).await.unwrap(), []);
        table.is_away.store(false, Ordering::SeqCst);
        let ended = bills.clone();
        tokio::task::spawn_blocking(move || ended.end()).await.unwrap();
        bills.take(used("bob", "m"));
        tokio::task::spawn_blocking(move || bills.end()).await.unwrap();
        let today = day(now());
        let all = usage.of_day(&today, None).await.unwrap();
        assert_eq!(all.len(), 153);
        let of = |user: &str| all.iter().find(|(key, _)| key.user == user && key.model == "m").unwrap().1;
        assert_eq!(of("ada"), Sum { requests: 2, prompt_tokens: 6, completion_tokens: 10 });
        assert_eq!(of("bob").requests, 2);
        let ada = usage.of_day(&today, Some("ada")).await.unwrap();
        assert!(ada.len() == 151 && ada.iter().all(|(key, _)| key.user == "ada"));
    }

    #[test]
    fn without_a_table_nothing_is_lost() {
        assert!(Bills::default().take(used("ada", "m")) && !Bills::default().is_on());
        Bills::default().end();
    }
}
