//! A real PostgreSQL with pgvector: the suite of all stores, the index of near vectors, and what fails.

use std::sync::Arc;
use std::time::Duration;

use lisa_testkit::Postgres as Server;

use super::{Postgres, Settings, Tls};
use crate::conformance::{self, direction, entry, name};
use crate::{Filter, Query, VectorStore as _, Why};

fn settings(server: &Server) -> Settings {
    let password = Arc::new(Server::PASSWORD.to_owned());
    Settings::new("127.0.0.1", server.port(), Server::USER, Server::USER, password, Tls::Off)
}

#[tokio::test]
async fn it_does_what_every_store_does_and_outlives_the_server() {
    let server = Server::start().unwrap();
    let store = Postgres::new(settings(&server));
    conformance::suite(&store).await;
    store.ensure(&name("kept"), 3).await.unwrap();
    store.replace(&name("kept"), "d", vec![entry("d", "1", "pump", 0.0)]).await.unwrap();

    server.down().unwrap();
    let query = Query { vector: Some(direction(0.0)), limit: 1, ..Query::default() };
    let error = store.search(&name("kept"), &query).await.unwrap_err();
    assert_eq!(error.why, Why::Unreachable, "{error}");
    let at = format!("PostgreSQL at 127.0.0.1:{} cannot be reached", server.port());
    assert!(error.to_string().starts_with(&at), "{error}");
    assert!(error.is_passing() && error.hint().contains("security group"));

    server.up().unwrap();
    assert_eq!(store.search(&name("kept"), &query).await.unwrap().len(), 1, "the same store, connected anew");

    let wrong = Settings { password: Arc::new("wrong".to_owned()), ..settings(&server) };
    let error = Postgres::new(wrong).count(&name("kept")).await.unwrap_err();
    assert_eq!(error.why, Why::Denied, "{error}");
    let hurried = Settings { limit: Duration::from_nanos(1), ..settings(&server) };
    let error = Postgres::new(hurried).count(&name("kept")).await.unwrap_err();
    assert_eq!(error.why, Why::Slow, "{error}");
    let encrypted = Settings { tls: Tls::Encrypted, ..settings(&server) };
    let error = Postgres::new(encrypted).count(&name("kept")).await.unwrap_err();
    assert!(error.to_string().contains("TLS"), "this server has none: {error}");
}

/// A direction that is the same for the same number, in 48 dimensions.
fn scattered(number: u64) -> Vec<f32> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f32::from(u16::try_from(state >> 48).unwrap()) / 32768.0 - 1.0
    };
    (0..48).map(|_| next()).collect()
}

#[tokio::test]
async fn the_index_of_near_vectors_misses_hardly_any() {
    let server = Server::start().unwrap();
    let exact = Postgres::new(settings(&server));
    let indexed = Postgres::new(Settings { index_from: 3000, ..settings(&server) });
    let (here, there) = (name("exact"), name("indexed"));
    exact.ensure(&here, 48).await.unwrap();
    indexed.ensure(&there, 48).await.unwrap();
    for document in 0..8_u64 {
        let id = format!("d{document}");
        let entries: Vec<_> = (0..500)
            .map(|i| {
                let mut entry = entry(&id, &format!("{id}-{i}"), "word", 0.0);
                entry.vector = scattered(document * 500 + i);
                entry.chunk.metadata =
                    [("tenth".to_owned(), if i % 10 == 0 { "yes" } else { "no" }.into())].into();
                entry
            })
            .collect();
        exact.replace(&here, &id, entries.clone()).await.unwrap();
        indexed.replace(&there, &id, entries).await.unwrap();
    }
    let rare = Filter::Eq { field: "tenth".into(), value: "yes".into() };
    for filter in [None, Some(rare)] {
        let (mut same, mut all) = (0, 0);
        for number in 0..40 {
            let query = Query {
                vector: Some(scattered(1_000_000 + number)),
                filter: filter.clone(),
                limit: 10,
                ..Query::default()
            };
            let right = exact.search(&here, &query).await.unwrap();
            let found = indexed.search(&there, &query).await.unwrap();
            assert_eq!(found.len(), 10, "with a filter too");
            all += right.len();
            same +=
                right.iter().filter(|hit| found.iter().any(|other| other.chunk.id == hit.chunk.id)).count();
        }
        assert!(same * 100 >= all * 98, "{same} of {all} with {filter:?}");
    }
}
