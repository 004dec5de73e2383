//! What every table does, whichever database is behind it.

use serde_json::{Value, json};

use super::stage::{Cloud, FULL, PLAIN, embedded, item};
use crate::table::all;
use crate::{Change, Condition, Cursor, Error, Item, Key, Query, Range, Reason, Table, Write};

fn key(sort: &str) -> Key {
    Key::pair("p", sort)
}

fn numbered(sort: &str, number: i64) -> Item {
    item(json!({ "pk": "p", "sk": sort, "n": number }))
}

fn values<'a>(items: impl IntoIterator<Item = &'a Item>, name: &str) -> Vec<Value> {
    items.into_iter().map(|item| item[name].clone()).collect()
}

async fn everything(full: &dyn Table, plain: &dyn Table) {
    items_come_back_as_they_went(full).await;
    conditions_are_judged_on_what_is_there(full).await;
    updates_change_what_they_name(full).await;
    deletes_return_what_they_took(full).await;
    pages_follow_the_sort_key(full).await;
    ranges_choose_by_the_sort_key(full).await;
    indexes_hold_who_has_their_keys(full).await;
    transactions_are_done_whole_or_not_at_all(full).await;
    many_are_read_and_written_at_once(full).await;
    an_items_end_hides_it(full).await;
    what_makes_no_sense_is_refused(full).await;
    a_table_without_a_sort_key(plain).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn embedded_tables() {
    let folder = tempfile::tempdir().unwrap();
    everything(&embedded(&folder, &FULL), &embedded(&folder, &PLAIN)).await;
}

#[test]
fn dynamodb_tables() {
    let cloud = Cloud::start();
    let (full, plain) = (cloud.table("full", &FULL), cloud.table("plain", &PLAIN));
    cloud.emulator.block_on(everything(&full, &plain));
    let too_large = item(json!({ "pk": "p", "sk": "large", "text": "x".repeat(400 * 1024) }));
    let error = cloud.emulator.block_on(full.put(too_large, None)).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
}

async fn items_come_back_as_they_went(table: &dyn Table) {
    let written = item(json!({
        "pk": "p", "sk": "ü \u{1f600} \"quoted\"", "text": "", "null": null, "truth": true,
        "numbers": [0, -1, 2.5, 1e21, u64::MAX, 0.000_001], "nested": { "list": [{}, []], "map": { "a": "b" } },
    }));
    let place = Key::pair("p", "ü \u{1f600} \"quoted\"");
    assert_eq!(table.get(&place).await.unwrap(), None);
    table.put(written.clone(), None).await.unwrap();
    assert_eq!(table.get(&place).await.unwrap(), Some(written.clone()));
    let shorter = item(json!({ "pk": "p", "sk": "ü \u{1f600} \"quoted\"", "whole": 3.0 }));
    table.put(shorter, None).await.unwrap();
    assert_eq!(table.get(&place).await.unwrap().unwrap()["whole"], json!(3));
    assert_eq!(table.get(&place).await.unwrap().unwrap().len(), 3, "nothing is left of the one before");
    table.delete(&place, None).await.unwrap();
}

async fn conditions_are_judged_on_what_is_there(table: &dyn Table) {
    let there = item(json!({ "pk": "p", "sk": "c", "n": 5, "word": "m", "list": [1] }));
    table.put(there.clone(), Some(Condition::Missing)).await.unwrap();
    let more = |name: &str, value: Value| Condition::More(name.into(), value);
    let less = |name: &str, value: Value| Condition::Less(name.into(), value);
    let not = |condition| Condition::Not(Box::new(condition));
    for (condition, holds) in [
        (Condition::Exists, true),
        (Condition::Missing, false),
        (Condition::Has("n".into()), true),
        (Condition::Lacks("n".into()), false),
        (Condition::equals("n", 5), true),
        (Condition::equals("n", 5.0), true),
        (Condition::equals("n", "5"), false),
        (Condition::equals("list", json!([1])), true),
        (Condition::equals("gone", 1), false),
        (not(Condition::equals("gone", 1)), true),
        (less("n", json!(6)), true),
        (less("n", json!(5)), false),
        (more("n", json!(-1)), true),
        (more("n", json!("a")), false),
        (less("word", json!("n")), true),
        (more("word", json!("m")), false),
        (more("gone", json!(0)), false),
        (Condition::Exists.and(Condition::equals("n", 4)), false),
        (Condition::equals("n", 4).or(Condition::equals("word", "m")), true),
    ] {
        let done = table.put(there.clone(), Some(condition.clone())).await;
        match done {
            Ok(()) => assert!(holds, "{condition:?}"),
            Err(error) => assert!(!holds && error.is_condition(), "{condition:?}: {error}"),
        }
    }
    let deleted = table.delete(&key("c"), Some(Condition::equals("n", 4))).await.unwrap_err();
    assert!(deleted.is_condition() && !deleted.is_passing(), "{deleted}");
    assert_eq!(table.delete(&key("c"), Some(Condition::Exists)).await.unwrap(), Some(there));
}

async fn updates_change_what_they_name(table: &dyn Table) {
    let changes = vec![
        Change::set("a", json!({ "b": 1 })),
        Change::SetOnce("made".into(), "first".into()),
        Change::Add("count".into(), 2),
        Change::Append("log".into(), vec!["one".into()]),
    ];
    let made = table.update(&key("u"), changes, Some(Condition::Missing)).await.unwrap();
    let expected =
        json!({ "pk": "p", "sk": "u", "a": { "b": 1 }, "made": "first", "count": 2, "log": ["one"] });
    assert_eq!(Value::Object(made), expected);
    let changes = vec![
        Change::Remove("a".into()),
        Change::Remove("never".into()),
        Change::SetOnce("made".into(), "second".into()),
        Change::Add("count".into(), -5),
        Change::Append("log".into(), vec!["two".into(), 3.into()]),
    ];
    let after = table.update(&key("u"), changes, None).await.unwrap();
    let expected = json!({ "pk": "p", "sk": "u", "made": "first", "count": -3, "log": ["one", "two", 3] });
    assert_eq!(Value::Object(after.clone()), expected);
    assert_eq!(table.get(&key("u")).await.unwrap(), Some(after));
    let refused = table.update(&key("gone"), vec![Change::set("a", 1)], Some(Condition::Exists)).await;
    assert!(refused.unwrap_err().is_condition());
    assert_eq!(table.get(&key("gone")).await.unwrap(), None, "a refused update makes nothing");
    table.delete(&key("u"), None).await.unwrap();
}

async fn deletes_return_what_they_took(table: &dyn Table) {
    assert_eq!(table.delete(&key("d"), None).await.unwrap(), None);
    table.put(numbered("d", 1), None).await.unwrap();
    assert_eq!(table.delete(&key("d"), None).await.unwrap(), Some(numbered("d", 1)));
}

async fn pages_follow_the_sort_key(table: &dyn Table) {
    let sorts = ["a", "a#1", "a#10", "a#2", "b", "ä", "\u{ffff}", "\u{1f600}"];
    for (number, sort) in sorts.iter().enumerate() {
        let mut one = numbered(sort, i64::try_from(number).unwrap());
        one.insert("pk".to_owned(), "pages".into());
        table.put(one, None).await.unwrap();
    }
    table.put(item(json!({ "pk": "pages2", "sk": "a", "n": 99 })), None).await.unwrap();
    let whole = table.query(Query::partition("pages").consistent()).await.unwrap();
    assert_eq!(values(&whole.items, "sk"), sorts, "the order is that of the bytes");
    let (mut seen, mut start, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = table.query(Query::partition("pages").descending().limit(3).start(start)).await.unwrap();
        assert!(page.items.len() <= 3);
        seen.extend(values(&page.items, "sk"));
        pages += 1;
        let Some(next) = page.next else { break };
        // What a client keeps of a page is a text.
        start = Cursor::parse(&next.to_string());
        assert_eq!(start.as_ref(), Some(&next));
    }
    seen.reverse();
    assert_eq!((seen, pages), (sorts.map(Value::from).to_vec(), 3));
    let page = table.query(Query::partition("pages").limit(2)).await.unwrap();
    let foreign = table.query(Query::partition("pages2").start(page.next)).await.unwrap_err();
    assert!(
        matches!(foreign, Error::Invalid { .. }),
        "a page leads on in its own partition alone: {foreign}"
    );
    assert_eq!(Cursor::parse("nonsense"), None);
}

async fn ranges_choose_by_the_sort_key(table: &dyn Table) {
    let chosen = async |range: Range| {
        let items = all(table, Query::partition("pages").range(range).limit(2)).await.unwrap();
        values(&items, "sk")
    };
    assert_eq!(chosen(Range::Prefix("a#".into())).await, ["a#1", "a#10", "a#2"]);
    assert_eq!(chosen(Range::Prefix("\u{ffff}".into())).await, ["\u{ffff}"]);
    assert_eq!(chosen(Range::Prefix(String::new())).await.len(), 8);
    assert_eq!(chosen(Range::Between("a#1".into(), "b".into())).await, ["a#1", "a#10", "a#2", "b"]);
    assert_eq!(chosen(Range::Between("b".into(), "a".into())).await, Vec::<Value>::new());
    assert_eq!(chosen(Range::Before("a#10".into())).await, ["a", "a#1"]);
    assert_eq!(chosen(Range::After("b".into())).await, ["ä", "\u{ffff}", "\u{1f600}"]);
}

async fn indexes_hold_who_has_their_keys(table: &dyn Table) {
    let owned = |sort: &str, changed: &str, kind: &str| {
        item(
            json!({ "pk": format!("i{sort}"), "sk": sort, "owner": "ada", "changed": changed, "kind": kind }),
        )
    };
    for (sort, changed, kind) in [("1", "c", "x"), ("2", "a", "y"), ("3", "b", "x"), ("4", "b", "x")] {
        table.put(owned(sort, changed, kind), None).await.unwrap();
    }
    table.put(item(json!({ "pk": "i5", "sk": "5", "owner": "ada" })), None).await.unwrap();
    let newest = all(table, Query::index("byChange", "ada").descending().limit(1)).await.unwrap();
    assert_eq!(values(&newest, "changed"), ["c", "b", "b", "a"], "who lacks a key is left out");
    let mut tied = values(&newest[1..3], "sk");
    tied.sort_by_key(ToString::to_string);
    assert_eq!(tied, ["3", "4"], "equal keys are neither repeated nor skipped");
    let between = Query::index("byChange", "ada").range(Range::After("a".into()));
    assert_eq!(values(&all(table, between).await.unwrap(), "changed"), ["b", "b", "c"]);
    let mut kinds = values(&all(table, Query::index("byKind", "x").limit(2)).await.unwrap(), "sk");
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(kinds, ["1", "3", "4"]);
    table.update(&Key::pair("i1", "1"), vec![Change::set("changed", "0")], None).await.unwrap();
    table.update(&Key::pair("i3", "3"), vec![Change::Remove("owner".into())], None).await.unwrap();
    table.delete(&Key::pair("i2", "2"), None).await.unwrap();
    let now = all(table, Query::index("byChange", "ada")).await.unwrap();
    assert_eq!(values(&now, "sk"), ["1", "4"], "an index follows every write");
}

async fn transactions_are_done_whole_or_not_at_all(table: &dyn Table) {
    for sort in ["t1", "t2", "t3"] {
        table.put(numbered(sort, 1), None).await.unwrap();
    }
    let writes = |last: Condition| {
        vec![
            Write::Put { item: numbered("t0", 0), condition: Some(Condition::Missing) },
            Write::Update {
                key: key("t1"),
                changes: vec![Change::Add("n".into(), 1)],
                condition: Some(Condition::equals("n", 1)),
            },
            Write::Delete { key: key("t2"), condition: None },
            Write::Check { key: key("t3"), condition: last },
        ]
    };
    let error = table.transact(writes(Condition::equals("n", 2))).await.unwrap_err();
    let Error::Cancelled { reasons, .. } = &error else { panic!("{error}") };
    assert_eq!(reasons, &[None, None, None, Some(Reason::ConditionFailed)]);
    assert!(error.is_condition());
    assert_eq!(table.get(&key("t0")).await.unwrap(), None);
    assert_eq!(table.get(&key("t1")).await.unwrap(), Some(numbered("t1", 1)));
    table.transact(writes(Condition::equals("n", 1))).await.unwrap();
    assert_eq!(table.get(&key("t0")).await.unwrap(), Some(numbered("t0", 0)));
    assert_eq!(table.get(&key("t1")).await.unwrap(), Some(numbered("t1", 2)));
    assert_eq!(table.get(&key("t2")).await.unwrap(), None);
    let twice = vec![
        Write::Delete { key: key("t1"), condition: None },
        Write::Put { item: numbered("t1", 1), condition: None },
    ];
    assert!(matches!(table.transact(twice).await.unwrap_err(), Error::Invalid { .. }));
}

async fn many_are_read_and_written_at_once(table: &dyn Table) {
    let many = |from: i64, to: i64| {
        (from..to)
            .map(|n| item(json!({ "pk": "many", "sk": format!("{n:04}"), "n": n, "text": "x".repeat(100) })))
    };
    table.write_many(many(0, 230).collect(), Vec::new()).await.unwrap();
    let keys: Vec<Key> = (0..260).map(|n| Key::pair("many", format!("{n:04}"))).collect();
    assert_eq!(table.get_many(&keys).await.unwrap().len(), 230);
    table.write_many(many(230, 240).collect(), keys[..200].to_vec()).await.unwrap();
    let left = all(table, Query::partition("many")).await.unwrap();
    assert_eq!((left.len(), &left[0]["n"]), (40, &json!(200)));
    table.write_many(many(0, 1).collect(), vec![keys[0].clone()]).await.unwrap();
    assert!(table.get(&keys[0]).await.unwrap().is_some(), "of a delete and a put the put is done last");
    let (mut seen, mut start) = (0, None);
    loop {
        let page = table.scan(Some(7), start).await.unwrap();
        seen += page.items.iter().filter(|item| item["pk"] == "many").count();
        start = page.next;
        if start.is_none() {
            break;
        }
    }
    assert_eq!(seen, 41);
}

async fn an_items_end_hides_it(table: &dyn Table) {
    for (sort, end) in [("e1", 1), ("e2", 4_000_000_000_i64)] {
        let mut one = numbered(sort, 0);
        one.insert("pk".to_owned(), "ends".into());
        one.insert("expires".to_owned(), end.into());
        table.put(one, None).await.unwrap();
    }
    assert_eq!(values(&all(table, Query::partition("ends")).await.unwrap(), "sk"), ["e2"]);
    assert_eq!(table.get(&Key::pair("ends", "e1")).await.unwrap(), None);
    assert!(table.get(&Key::pair("ends", "e2")).await.unwrap().is_some());
}

async fn what_makes_no_sense_is_refused(table: &dyn Table) {
    let put = |value: Value| table.put(item(value), None);
    let errors = [
        put(json!({ "pk": "p" })).await.unwrap_err(),
        put(json!({ "pk": "", "sk": "s" })).await.unwrap_err(),
        put(json!({ "pk": "p", "sk": 1 })).await.unwrap_err(),
        put(json!({ "pk": "p", "sk": "s", "owner": 1 })).await.unwrap_err(),
        put(json!({ "pk": "p", "sk": "s", "n": 1e300 })).await.unwrap_err(),
        table.get(&Key::new("p")).await.unwrap_err(),
        table.query(Query::index("none", "p")).await.unwrap_err(),
        table.query(Query::index("byChange", "p").consistent()).await.unwrap_err(),
        table.query(Query::index("byKind", "p").range(Range::After("a".into()))).await.unwrap_err(),
        table.update(&key("s"), vec![Change::set("sk", "t")], None).await.unwrap_err(),
        table.update(&key("s"), vec![], None).await.unwrap_err(),
        table.transact(Vec::new()).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Invalid { .. }) && !error.is_passing(), "{error:?}");
    }
}

async fn a_table_without_a_sort_key(table: &dyn Table) {
    table.put(item(json!({ "id": "a", "n": 1 })), None).await.unwrap();
    table.put(item(json!({ "id": "b", "n": 2 })), None).await.unwrap();
    table.update(&Key::new("a"), vec![Change::Add("n".into(), 1)], None).await.unwrap();
    assert_eq!(table.get(&Key::new("a")).await.unwrap().unwrap()["n"], 2);
    assert_eq!(all(table, Query::partition("b")).await.unwrap().len(), 1);
    assert_eq!(table.scan(None, None).await.unwrap().items.len(), 2);
    assert!(matches!(table.get(&Key::pair("a", "s")).await.unwrap_err(), Error::Invalid { .. }));
    table.delete(&Key::new("a"), None).await.unwrap();
    assert_eq!(table.get_many(&[Key::new("a"), Key::new("b"), Key::new("b")]).await.unwrap().len(), 1);
}
