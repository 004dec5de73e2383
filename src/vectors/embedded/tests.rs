//! The embedded store: the suite of all stores, and what is its own.

use std::fs;

use tempfile::TempDir;

use super::Embedded;
use crate::conformance::{self, direction, entry, name};
use crate::{Query, VectorStore as _, Why};

fn store() -> (TempDir, Embedded) {
    let folder = TempDir::with_prefix("lisa-vectors-").unwrap();
    let store = Embedded::open(folder.path()).unwrap();
    (folder, store)
}

fn near(degrees: f32) -> Query {
    Query { text: Some("pump".into()), vector: Some(direction(degrees)), limit: 2, ..Query::default() }
}

#[tokio::test]
async fn it_does_what_every_store_does() {
    let (_folder, store) = store();
    conformance::suite(&store).await;
}

#[tokio::test]
async fn what_it_holds_is_there_when_it_is_opened_again() {
    let (folder, store) = store();
    store.ensure(&name("a"), 3).await.unwrap();
    store.replace(&name("a"), "d", vec![entry("d", "1", "pump", 0.0)]).await.unwrap();
    let before = store.search(&name("a"), &near(0.0)).await.unwrap();
    drop(store);
    let again = Embedded::open(folder.path()).unwrap();
    assert_eq!(again.search(&name("a"), &near(0.0)).await.unwrap(), before);
    assert_eq!(before.len(), 1);
}

#[tokio::test]
async fn what_another_process_writes_is_seen() {
    let (folder, one) = store();
    let other = Embedded::open(folder.path()).unwrap();
    one.ensure(&name("a"), 3).await.unwrap();
    let first = |store: Embedded| async move {
        let hits = store.search(&name("a"), &near(0.0)).await.unwrap();
        let mut ids: Vec<String> = hits.into_iter().map(|hit| hit.chunk.id).collect();
        ids.sort();
        ids.join(" ")
    };
    assert_eq!(first(one.clone()).await, "");
    for round in 0..4_u8 {
        let (writer, reader) = if round % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let id = format!("{round}");
        writer.replace(&name("a"), "d", vec![entry("d", &id, "pump", 0.0)]).await.unwrap();
        assert_eq!(first(reader.clone()).await, id, "as the other sees it");
        assert_eq!(first(writer.clone()).await, id, "as the writer does");
    }
    other.delete(&name("a"), "d").await.unwrap();
    assert_eq!(first(one).await, "");
}

/// What is held follows writes by itself; it must be what would be read anew.
#[tokio::test]
async fn what_is_held_follows_every_write() {
    let (folder, store) = store();
    store.ensure(&name("a"), 3).await.unwrap();
    for round in 0..40_u16 {
        let document = format!("d{}", round % 7);
        let degrees = f32::from(round * 37 % 360);
        if round % 5 == 4 {
            store.delete(&name("a"), &document).await.unwrap();
        } else {
            let text = if round % 2 == 0 { "pump" } else { "pump pump lamp" };
            let entries = (0..round % 4)
                .map(|i| entry(&document, &format!("{document}-{i}"), text, degrees + f32::from(i)));
            store.replace(&name("a"), &document, entries.collect()).await.unwrap();
        }
        let by_id = |mut hits: Vec<crate::Hit>| {
            hits.sort_by(|a, b| a.chunk.id.cmp(&b.chunk.id));
            hits
        };
        let fresh = Embedded::open(folder.path()).unwrap();
        let query = Query { limit: 5, ..near(degrees) };
        let held = by_id(store.search(&name("a"), &query).await.unwrap());
        assert_eq!(held, by_id(fresh.search(&name("a"), &query).await.unwrap()), "round {round}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_told() {
    let folder = TempDir::with_prefix("lisa-vectors-").unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Embedded::open(file.join("below")).unwrap_err();
    assert_eq!(error.why, Why::Unreachable);
    assert!(error.to_string().contains("file/below"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told() {
    let folder = TempDir::with_prefix("lisa-vectors-").unwrap();
    fs::write(
        folder.path().join("vectors.sqlite"),
        "no database, but long enough to be looked at ".repeat(100),
    )
    .unwrap();
    let error = Embedded::open(folder.path()).unwrap_err();
    assert_eq!(error.why, Why::Broken, "{error}");
}
