//! What holds for every store. A store's own tests call [`suite`] with one of it.
//!
//! Each check works in a collection of its own and expects nothing of the store but its contract.

use std::collections::BTreeSet;

use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::{Chunk, CollectionName, Entry, Field, Filter, Hit, Pages, Query, Scalar, Span, VectorStore, Why};

/// Everything.
pub(crate) async fn suite(store: &dyn VectorStore) {
    collections_come_and_go(store).await;
    both_legs_find_and_say_where(store).await;
    words_are_found_by_their_stem_in_text_and_headings(store).await;
    a_replacement_leaves_nothing_behind(store).await;
    what_does_not_fit_is_refused_and_changes_nothing(store).await;
    a_chunk_comes_back_as_it_went_in(store).await;
    filters_admit_what_they_say(store).await;
    nothing_asked_finds_nothing(store).await;
    hostile_text_is_text(store).await;
}

pub(crate) fn name(name: &str) -> CollectionName {
    CollectionName::new(name).unwrap()
}

/// A chunk of a document with a text, at a direction in the plane of the first two numbers.
pub(crate) fn entry(document: &str, id: &str, text: &str, degrees: f32) -> Entry {
    let chunk = Chunk {
        id: id.to_owned(),
        document_id: document.to_owned(),
        repository_id: "repository".to_owned(),
        collection_id: "collection".to_owned(),
        source: format!("{document}.pdf"),
        headings: Vec::new(),
        pages: None,
        span: Span { start: 0, end: text.chars().count() as u64 },
        text: text.to_owned(),
        metadata: [].into(),
    };
    Entry { chunk, vector: direction(degrees) }
}

pub(crate) fn direction(degrees: f32) -> Vec<f32> {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    vec![cosine * 2.0, sine * 2.0, 0.0]
}

fn ids(hits: &[Hit]) -> BTreeSet<&str> {
    hits.iter().map(|hit| hit.chunk.id.as_str()).collect()
}

fn by_text(text: &str) -> Query {
    Query { text: Some(text.to_owned()), limit: 10, ..Query::default() }
}

fn by_vector(degrees: f32, limit: usize) -> Query {
    Query { vector: Some(direction(degrees)), limit, ..Query::default() }
}

async fn collections_come_and_go(store: &dyn VectorStore) {
    let here = name("come/and:go");
    assert_eq!(store.search(&here, &by_text("x")).await.unwrap_err().why, Why::NoCollection);
    assert_eq!(store.count(&here).await.unwrap_err().why, Why::NoCollection);
    let missing = store.replace(&here, "d", vec![entry("d", "1", "x", 0.0)]).await.unwrap_err();
    assert_eq!(missing.why, Why::NoCollection);
    assert_eq!(store.delete(&here, "d").await.unwrap(), 0);
    store.drop(&here).await.unwrap();
    store.ensure(&here, 3).await.unwrap();
    store.ensure(&here, 3).await.unwrap();
    let other = store.ensure(&here, 4).await.unwrap_err();
    assert_eq!(other.why, Why::OtherDimension);
    assert!(other.to_string().contains("embeddings of 3 numbers"), "{other}");
    store.replace(&here, "d", vec![entry("d", "1", "lamp", 0.0)]).await.unwrap();
    store.drop(&here).await.unwrap();
    assert_eq!(store.count(&here).await.unwrap_err().why, Why::NoCollection);
    store.ensure(&here, 4).await.unwrap();
    let count = store.count(&here).await.unwrap();
    assert_eq!((count.documents, count.chunks), (0, 0), "nothing of before is left");
    store.drop(&here).await.unwrap();
}

async fn both_legs_find_and_say_where(store: &dyn VectorStore) {
    let here = name("legs");
    store.ensure(&here, 3).await.unwrap();
    let texts = [("1", "the pump is oiled", 0.0), ("2", "pump pump pump", 80.0), ("3", "a red lamp", 10.0)];
    let entries = texts.map(|(id, text, degrees)| entry("d", id, text, degrees)).into();
    store.replace(&here, "d", entries).await.unwrap();
    let query = Query { text: Some("pump".into()), ..by_vector(0.0, 2) };
    let hits = store.search(&here, &query).await.unwrap();
    assert_eq!(ids(&hits), ["1", "2", "3"].into());
    let hit = |id: &str| hits.iter().find(|hit| hit.chunk.id == id).unwrap();
    assert_eq!(hit("2").text.unwrap().place, 1, "it says pump most");
    assert_eq!(hit("1").text.unwrap().place, 2);
    assert_eq!(hit("3").text, None);
    assert_eq!(hit("1").vector.unwrap().place, 1);
    assert_eq!(hit("3").vector.unwrap().place, 2);
    assert_eq!(hit("2").vector, None, "two are the most");
    assert!((hit("1").vector.unwrap().score - 1.0).abs() < 1e-3);
    assert!((hit("3").vector.unwrap().score - 10.0_f32.to_radians().cos()).abs() < 1e-3);
    if let Some(similarity) = hit("2").similarity {
        assert!((similarity - 80.0_f32.to_radians().cos()).abs() < 1e-3, "a find of the text alone too");
    }
    assert!(hit("2").text.unwrap().score > hit("1").text.unwrap().score);
    // The length of a question's vector says nothing, and may be that of the other end.
    let opposite = store.search(&here, &by_vector(180.0, 1)).await.unwrap();
    assert_eq!(ids(&opposite), ["2"].into());
    store.drop(&here).await.unwrap();
}

async fn words_are_found_by_their_stem_in_text_and_headings(store: &dyn VectorStore) {
    let here = name("words");
    store.ensure(&here, 3).await.unwrap();
    let mut titled = entry("d", "titled", "nothing of note", 0.0);
    titled.chunk.headings = vec!["Maintenance".into(), "Replacing filters".into()];
    let entries = vec![titled, entry("d", "plain", "the valve leaked", 0.0)];
    store.replace(&here, "d", entries).await.unwrap();
    for (question, found) in [
        ("filter", &["titled"][..]),
        ("LEAKING valves?", &["plain"]),
        ("filters or leaks: which of them", &["plain", "titled"]),
        ("submarine", &[]),
    ] {
        let hits = store.search(&here, &by_text(question)).await.unwrap();
        assert_eq!(ids(&hits), found.iter().copied().collect(), "{question}");
        assert!(hits.iter().all(|hit| hit.vector.is_none() && hit.text.is_some()));
    }
    store.drop(&here).await.unwrap();
}

async fn a_replacement_leaves_nothing_behind(store: &dyn VectorStore) {
    let here = name("replacement");
    store.ensure(&here, 3).await.unwrap();
    let many = (0..30).map(|i| entry("a", &format!("a{i}"), "old words", 0.0)).collect();
    store.replace(&here, "a", many).await.unwrap();
    store.replace(&here, "b", vec![entry("b", "b0", "old words", 5.0)]).await.unwrap();
    // An id may be taken again.
    let new = vec![entry("a", "a0", "new words", 90.0), entry("a", "a30", "newer words", 95.0)];
    store.replace(&here, "a", new).await.unwrap();
    let count = store.count(&here).await.unwrap();
    assert_eq!((count.documents, count.chunks), (2, 3));
    let old = store.search(&here, &by_text("old")).await.unwrap();
    assert_eq!(ids(&old), ["b0"].into());
    let near = store.search(&here, &by_vector(0.0, 10)).await.unwrap();
    assert_eq!(ids(&near), ["a0", "a30", "b0"].into());
    assert_eq!(store.delete(&here, "a").await.unwrap(), 2);
    assert_eq!(store.delete(&here, "a").await.unwrap(), 0);
    assert_eq!(ids(&store.search(&here, &by_text("words")).await.unwrap()), ["b0"].into());
    store.replace(&here, "b", Vec::new()).await.unwrap();
    let count = store.count(&here).await.unwrap();
    assert_eq!((count.documents, count.chunks), (0, 0), "no chunks, no document");
    assert!(store.search(&here, &by_vector(0.0, 10)).await.unwrap().is_empty());
    store.drop(&here).await.unwrap();
}

async fn what_does_not_fit_is_refused_and_changes_nothing(store: &dyn VectorStore) {
    let here = name("refused");
    store.ensure(&here, 3).await.unwrap();
    store.replace(&here, "d", vec![entry("d", "kept", "kept", 0.0)]).await.unwrap();
    let with =
        |vector: Vec<f32>| vec![entry("d", "1", "x", 0.0), Entry { vector, ..entry("d", "2", "x", 0.0) }];
    let twice = vec![entry("d", "1", "x", 0.0), entry("d", "1", "y", 0.0)];
    for (entries, why) in [
        (with(vec![1.0, 2.0]), Why::OtherDimension),
        (with(vec![0.0; 3]), Why::Invalid),
        (with(vec![f32::NAN, 0.0, 1.0]), Why::Invalid),
        (vec![entry("another", "1", "x", 0.0)], Why::Invalid),
        (twice, Why::Invalid),
    ] {
        let error = store.replace(&here, "d", entries).await.unwrap_err();
        assert_eq!(error.why, why, "{error}");
    }
    assert_eq!(ids(&store.search(&here, &by_vector(0.0, 9)).await.unwrap()), ["kept"].into());
    let short = Query { vector: Some(vec![1.0]), limit: 1, ..Query::default() };
    assert_eq!(store.search(&here, &short).await.unwrap_err().why, Why::OtherDimension);
    let range = Filter::Range { field: "year".into(), gte: None, lte: None };
    let endless = Query { filter: Some(range), ..by_text("kept") };
    assert_eq!(store.search(&here, &endless).await.unwrap_err().why, Why::Invalid);
    assert_eq!(store.ensure(&name("void"), 0).await.unwrap_err().why, Why::Invalid);
    store.drop(&here).await.unwrap();
}

async fn a_chunk_comes_back_as_it_went_in(store: &dyn VectorStore) {
    let here = name("back");
    store.ensure(&here, 3).await.unwrap();
    let mut full =
        entry("ein Dokument/ü\u{1F9EF}", "id with \"quotes\" and 'others'", "Zeile\n\ttab \u{0301}x", 1.0);
    full.chunk.headings = vec!["Überschrift".into(), "§ 2".into()];
    full.chunk.pages = Some(Pages { first: 2, last: 4 });
    full.chunk.span = Span { start: 7, end: 5_000_000_000 };
    full.chunk.metadata = [
        ("tags".to_owned(), Field::Many(vec!["a".into(), "b".into()])),
        ("year".to_owned(), 2021.0.into()),
        ("secret".to_owned(), Field::One(true.into())),
    ]
    .into();
    let document = full.chunk.document_id.clone();
    store.replace(&here, &document, vec![full.clone()]).await.unwrap();
    let hits = store.search(&here, &by_vector(1.0, 1)).await.unwrap();
    assert_eq!(hits[0].chunk, full.chunk);
    assert_eq!(store.delete(&here, &document).await.unwrap(), 1);
    store.drop(&here).await.unwrap();
}

async fn nothing_asked_finds_nothing(store: &dyn VectorStore) {
    let here = name("nothing");
    store.ensure(&here, 3).await.unwrap();
    store.replace(&here, "d", vec![entry("d", "1", "x", 0.0)]).await.unwrap();
    for query in [
        Query { limit: 5, ..Query::default() },
        by_text(""),
        by_text("?! ..."),
        by_vector(0.0, 0),
        Query { filter: Some(Filter::Or(Vec::new())), ..by_vector(0.0, 5) },
    ] {
        assert!(store.search(&here, &query).await.unwrap().is_empty(), "{query:?}");
    }
    store.drop(&here).await.unwrap();
}

/// What means something to SQL, to a query language of words or to JSON is text here.
async fn hostile_text_is_text(store: &dyn VectorStore) {
    let here = name("hostile");
    store.ensure(&here, 3).await.unwrap();
    store.replace(&here, "d", vec![entry("d", "1", "a needle here", 0.0)]).await.unwrap();
    for text in [
        "needle\" OR 1=1 --",
        "needle'); DROP TABLE chunks; --",
        "NEAR(needle, 2) AND NOT *",
        "needle:* & | ! <->",
        "text:needle {\"match_all\": {}}",
        "headings : needle^5 (",
        &format!("needle {}", "many words ".repeat(300)),
    ] {
        let hits = store.search(&here, &by_text(text)).await.unwrap();
        assert_eq!(ids(&hits), ["1"].into(), "{text}");
    }
    let odd = "x' OR ''='";
    let filter = Filter::Eq { field: "source".into(), value: odd.into() };
    let hits = store.search(&here, &Query { filter: Some(filter), ..by_vector(0.0, 5) }).await.unwrap();
    assert!(hits.is_empty());
    assert_eq!(store.delete(&here, odd).await.unwrap(), 0);
    assert_eq!(store.count(&here).await.unwrap().chunks, 1);
    store.drop(&here).await.unwrap();
}

/// Random filters over random metadata, each held against [`Filter::admits`], on both legs.
async fn filters_admit_what_they_say(store: &dyn VectorStore) {
    let here = name("filters");
    store.ensure(&here, 3).await.unwrap();
    let mut runner = TestRunner::deterministic();
    let mut chunks = Vec::new();
    for index in 0..40_u8 {
        let document = format!("d{}", index % 8);
        let mut entry = entry(&document, &format!("c{index}"), "word", f32::from(index));
        entry.chunk.metadata = metadata().new_tree(&mut runner).unwrap().current();
        entry.chunk.pages =
            (index % 3 > 0).then(|| Pages { first: index.into(), last: (index + index % 4).into() });
        chunks.push(entry);
    }
    for document in 0..8 {
        let document = format!("d{document}");
        let own = chunks.iter().filter(|entry| entry.chunk.document_id == document).cloned();
        store.replace(&here, &document, own.collect()).await.unwrap();
    }
    let mut admitted = 0;
    for _ in 0..60 {
        let filter = filter().new_tree(&mut runner).unwrap().current();
        let right = chunks.iter().filter(|entry| filter.admits(&entry.chunk));
        let right: BTreeSet<&str> = right.map(|entry| entry.chunk.id.as_str()).collect();
        admitted += usize::from(!right.is_empty() && right.len() < chunks.len());
        for query in [by_vector(20.0, 100), Query { limit: 100, ..by_text("word") }] {
            let query = Query { filter: Some(filter.clone()), ..query };
            assert_eq!(ids(&store.search(&here, &query).await.unwrap()), right, "{filter:?}");
        }
    }
    assert!(admitted > 15, "filters that tell chunks apart are what is tried: {admitted}");
    store.drop(&here).await.unwrap();
}

fn scalar() -> impl Strategy<Value = Scalar> {
    use proptest::prelude::*;
    prop_oneof![
        any::<bool>().prop_map(Scalar::from),
        (0_u8..6).prop_map(|number| Scalar::from(f64::from(number))),
        Just(Scalar::from(2.5)),
        prop::sample::select(vec!["1", "true", "ä", "b", "B", "2020-01-02", "c d", "", "%_"])
            .prop_map(Scalar::from),
    ]
}

fn field() -> impl Strategy<Value = Field> {
    use proptest::prelude::*;
    prop_oneof![scalar().prop_map(Field::One), prop::collection::vec(scalar(), 0..4).prop_map(Field::Many)]
}

const NAMES: [&str; 4] = ["tags", "year", "a.b", "with space"];

fn metadata() -> impl Strategy<Value = crate::Metadata> {
    use proptest::prelude::*;
    prop::collection::btree_map(prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned), field(), 0..4)
}

fn filter() -> impl Strategy<Value = Filter> {
    use proptest::prelude::*;
    let names = NAMES.into_iter().chain(["documentId", "source", "page", "absent"]).collect::<Vec<_>>();
    let name = prop::sample::select(names).prop_map(str::to_owned);
    let own = prop_oneof![
        scalar(),
        Just(Scalar::from("d3")),
        Just(Scalar::from("d4.pdf")),
        (0_u8..40).prop_map(|page| Scalar::from(f64::from(page))),
    ];
    let leaf = prop_oneof![
        (name.clone(), own.clone()).prop_map(|(field, value)| Filter::Eq { field, value }),
        (name.clone(), prop::collection::vec(own.clone(), 0..5))
            .prop_map(|(field, values)| Filter::In { field, values }),
        (name.clone(), own.clone()).prop_map(|(field, bound)| Filter::Range {
            field,
            gte: Some(bound),
            lte: None
        }),
        (name.clone(), own.clone(), own).prop_map(|(field, gte, lte)| Filter::Range {
            field,
            gte: Some(gte),
            lte: Some(lte)
        }),
        name.prop_map(Filter::Exists),
    ];
    let tree = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    });
    tree.prop_filter("no store carries it out", |filter| filter.check().is_ok())
}
