//! `cargo xtask bench chat`: what sessions cost, in DynamoDB's units by its published rules, and in CPU time over the
//! embedded store.
//!
//! Upstream keeps a session in one item, which its page puts whole at every turn, and copies all of it into an index.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use lisa_api::tables;
use lisa_store::metered::Metered;
use lisa_store::sessions::search::{Indexed, Search as _};
use lisa_store::sessions::{Conversation, Writing};
use lisa_store::{Database, Item, Sessions, Table, cost};
use serde_json::{Map, Value, json};

use super::figure::{Budget, Figure, figure, tell};
use super::inside::cpu_ms;

/// Turns of the conversation whose writes are counted.
const TURNS: usize = 200;

/// Bytes of a question and of its answer: 2 kB together.
const TURN: [usize; 2] = [300, 1700];

/// Sessions of the person whose list and search are measured.
const SESSIONS: usize = 5000;

/// Messages of each of these.
const MESSAGES: usize = 8;

/// How often a list or a search is repeated; the mean counts.
const RUNS: usize = 20;

/// Measures, prints, and says whether every promise is kept.
pub(super) fn run() -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut figures = runtime.block_on(units())?;
    figures.extend(runtime.block_on(times())?);
    Ok(tell(figures))
}

async fn units() -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let table = Arc::new(Database::open(folder.path())?.table(&tables::SESSIONS)?);
    let metered = Arc::new(Metered::new(table));
    let sessions = Sessions::new(metered.clone() as Arc<dyn Table>);
    let (mut messages, mut theirs, mut each) = (Vec::new(), 0, Vec::new());
    for turn in 0..TURNS {
        messages.extend([message("human", turn, TURN[0]), message("ai", turn, TURN[1])]);
        let now = format!("2026-01-01T{:02}:{:02}:00.000000000Z", turn / 60, turn % 60);
        let writing = Writing {
            user: USER,
            session: "5f6d7e1c-0000-4000-8000-000000000000",
            now: &now,
            ends: None,
            seal: None,
        };
        let before = metered.write_units();
        let asked = Conversation { messages: messages.clone(), ..Conversation::default() };
        sessions.put(writing, asked).await?;
        each.push(metered.write_units() - before);
        theirs += cost::units(cost::size(&whole(&messages, &now)));
    }
    let ours = metered.write_units();
    #[expect(clippy::cast_precision_loss, reason = "far from 2^52 units")]
    let [ours, theirs, second, last] = [ours as f64, theirs as f64, each[1] as f64, each[TURNS - 1] as f64];
    Ok(vec![
        figure("write units of 200 turns of 2 kB", ours, "units", Budget::None),
        figure("upstream's layout, its table alone", theirs, "units", Budget::None),
        figure("upstream's layout, its table and its index", theirs * 2.0, "units", Budget::None),
        figure("fewer than upstream's table alone", theirs / ours, "times", Budget::AtLeast(30.0)),
        figure(
            "fewer than upstream's table and its index",
            theirs * 2.0 / ours,
            "times",
            Budget::AtLeast(60.0),
        ),
        figure("the 200th turn, by the second", last / second, "times", Budget::AtMost(1.0)),
    ])
}

const USER: &str = "248289761001";

/// The item that upstream puts: `lisa-upstream`'s 3.x table of sessions.
fn whole(messages: &[Map<String, Value>], now: &str) -> Item {
    let item = json!({
        "sessionId": "5f6d7e1c-0000-4000-8000-000000000000", "userId": USER, "startTime": now, "history": messages,
    });
    match item {
        Value::Object(item) => item,
        _ => Item::new(),
    }
}

/// A message of so many bytes, whose words differ.
fn message(kind: &str, number: usize, bytes: usize) -> Map<String, Value> {
    let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"];
    let mut text = format!("word{number} ");
    let mut at = number;
    while text.len() < bytes {
        text.push_str(words[at % words.len()]);
        text.push(' ');
        at = at.wrapping_mul(31).wrapping_add(7);
    }
    text.truncate(bytes);
    let fields = [("type", json!(kind)), ("content", json!(text)), ("metadata", json!({}))];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn times() -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let database = Database::open(folder.path())?;
    let sessions = Sessions::unlimited(Arc::new(database.table(&tables::SESSIONS)?));
    let search = Indexed::open(database).await?;
    for number in 0..SESSIONS {
        let messages = (0..MESSAGES).map(|at| {
            message(if at.is_multiple_of(2) { "human" } else { "ai" }, number * MESSAGES + at, 1000)
        });
        let (session, now) = (format!("session-{number}"), format!("2026-01-01T00:00:00.{number:09}Z"));
        let writing = Writing { user: USER, session: &session, now: &now, ends: None, seal: None };
        let asked =
            Conversation { messages: messages.collect(), name: Some(session.clone()), settings: None };
        sessions.put(writing, asked).await?;
    }
    let list = mean(async || {
        let (heads, next) = sessions.list(USER, 50, None).await?;
        anyhow::ensure!(heads.len() == 50 && next.is_some(), "{} heads", heads.len());
        Ok(())
    });
    let list = list.await.context("the list")?;
    let rare = mean(async || {
        let found = search.find(USER, "word39999", 50, None).await?;
        anyhow::ensure!(found.hits.len() == 1, "{} hits", found.hits.len());
        Ok(())
    });
    let rare = rare.await.context("the search for a rare word")?;
    let common = mean(async || {
        let found = search.find(USER, "alpha theta", 50, None).await?;
        anyhow::ensure!(found.hits.len() == 50, "{} hits", found.hits.len());
        Ok(())
    });
    let common = common.await.context("the search for common words")?;
    Ok(vec![
        figure("50 of 5,000 sessions, newest first", list, "ms of CPU", Budget::AtMost(10.0)),
        figure("a rare word in 5,000 sessions, 40,000 messages", rare, "ms of CPU", Budget::AtMost(40.0)),
        figure("two words that are in 10,000 of these messages", common, "ms of CPU", Budget::AtMost(40.0)),
    ])
}

async fn mean(work: impl AsyncFn() -> Result<()>) -> Result<f64> {
    work().await?;
    let before = cpu_ms()?;
    for _ in 0..RUNS {
        work().await?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    Ok((cpu_ms()? - before) / RUNS as f64)
}
