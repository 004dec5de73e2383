//! What a file holds after the process that wrote it was killed: everything that was answered, and nothing by half.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::json;

use super::stage::{FULL, item};
use crate::table::all;
use crate::{Database, Query, Table, Write};

/// Where the child writes.
const FOLDER: &str = "LISA_STORE_KILLED_FOLDER";

/// Says that a pair of items was written.
const WRITTEN: &str = "written ";

/// Writes pairs of items, each in one transaction, for as long as it is let.
#[tokio::test]
#[ignore = "is run by the test below, and killed"]
#[expect(clippy::print_stdout, reason = "is how the test below learns what was answered")]
async fn child() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let table = Database::open(&folder).unwrap().table(&FULL).unwrap();
    let before = all(&table, Query::partition("a")).await.unwrap().len();
    for number in before..before + 100_000 {
        let half = |which: &str| Write::Put {
            item: item(json!({ "pk": which, "sk": format!("{number:06}"), "text": "x".repeat(3000) })),
            condition: None,
        };
        table.transact(vec![half("a"), half("b")]).await.unwrap();
        println!("{WRITTEN}{number}");
    }
}

#[tokio::test]
async fn what_was_answered_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut written = 0;
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::killed::child", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines
            .by_ref()
            .map_while(Result::ok)
            .filter_map(|line| line.split_once(WRITTEN).and_then(|(_, number)| number.parse::<usize>().ok()));
        let last = told.take(round * 7).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        written = written.max(last + 1);
        let table = Database::open(folder.path()).unwrap().table(&FULL).unwrap();
        let [first, second] =
            [all(&table, Query::partition("a")).await, all(&table, Query::partition("b")).await];
        let (first, second) = (first.unwrap(), second.unwrap());
        assert!(first.len() >= written, "{} of {written}", first.len());
        assert_eq!(first.len(), second.len(), "a transaction is there whole or not at all");
    }
}
