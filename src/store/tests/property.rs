//! Random sequences of operations have the same outcomes on both tables, step by step, and leave the same items.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::stage::{Cloud, FULL, embedded, item};
use crate::table::all;
use crate::{Change, Condition, Error, Item, Key, Query, Range, Table, Write};

#[derive(Clone, Debug)]
enum Step {
    Write(Write),
    Transact(Vec<Write>),
    Query(Query),
}

fn key() -> impl Strategy<Value = Key> {
    ("[ab]", "[a-c]#?").prop_map(|(partition, sort)| Key::pair(partition, sort))
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[nw]", Just("changed".to_owned()), Just("owner".to_owned())]
}

fn value(name: &str) -> BoxedStrategy<Value> {
    match name {
        "changed" | "owner" => "[ox]".prop_map(Value::from).boxed(),
        _ => prop_oneof![
            (-3_i64..3).prop_map(Value::from),
            "[a-b]?".prop_map(Value::from),
            Just(json!(null)),
            Just(json!(0.5)),
            vec(0_i64..2, 0..2).prop_map(Value::from),
        ]
        .boxed(),
    }
}

fn named() -> impl Strategy<Value = (String, Value)> {
    name().prop_flat_map(|name| (Just(name.clone()), value(&name)))
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        Just(Condition::Exists),
        Just(Condition::Missing),
        name().prop_map(Condition::Has),
        name().prop_map(Condition::Lacks),
        named().prop_map(|(name, value)| Condition::Equals(name, value)),
        (name(), -3_i64..3).prop_map(|(name, value)| Condition::Less(name, value.into())),
        (name(), "[a-b]").prop_map(|(name, value)| Condition::More(name, value.into())),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(Condition::All),
            vec(inner.clone(), 1..3).prop_map(Condition::Any),
            inner.prop_map(|one| Condition::Not(Box::new(one))),
        ]
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        named().prop_map(|(name, value)| Change::Set(name, value)),
        named().prop_map(|(name, value)| Change::SetOnce(name, value)),
        name().prop_map(Change::Remove),
        (-3_i64..3).prop_map(|more| Change::Add("count".to_owned(), more)),
        vec(0_i64..3, 0..2).prop_map(|more| {
            Change::Append("log".to_owned(), more.into_iter().map(Value::from).collect())
        }),
    ]
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec(change(), 1..4).prop_map(|mut changes| {
        changes.sort_by(|left, right| left.name().cmp(right.name()));
        changes.dedup_by(|left, right| left.name() == right.name());
        changes
    })
}

fn write() -> impl Strategy<Value = Write> {
    let maybe = || proptest::option::of(condition());
    prop_oneof![
        3 => (key(), vec(named(), 0..4), maybe()).prop_map(|(key, fields, condition)| {
            let mut item = item(json!({ "pk": key.partition, "sk": key.sort }));
            item.extend(fields);
            Write::Put { item, condition }
        }),
        3 => (key(), changes(), maybe())
            .prop_map(|(key, changes, condition)| Write::Update { key, changes, condition }),
        1 => (key(), maybe()).prop_map(|(key, condition)| Write::Delete { key, condition }),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    let range = prop_oneof![
        Just(Range::All),
        "[a-c]".prop_map(Range::Prefix),
        ("[a-c]", "[a-c]").prop_map(|(first, last)| Range::Between(first, last)),
        "[a-c]".prop_map(Range::Before),
        "[a-c]".prop_map(Range::After),
    ];
    let query = (any::<bool>(), "[abox]", range, any::<bool>(), 1_u32..4);
    query.prop_map(|(of_index, partition, range, descending, limit)| {
        let query = if of_index { Query::index("byChange", partition) } else { Query::partition(partition) };
        let query = query.range(range).limit(limit);
        if descending { query.descending() } else { query }
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => write().prop_map(Step::Write),
        2 => vec(write(), 1..4).prop_map(Step::Transact),
        2 => query().prop_map(Step::Query),
    ]
}

/// What a step came to, in words that are the same for both tables.
async fn outcome(table: &dyn Table, step: Step) -> String {
    let told = |error: Error| match error {
        Error::ConditionFailed { .. } => "condition".to_owned(),
        Error::Cancelled { reasons, .. } => {
            format!("cancelled {:?}", reasons.iter().map(Option::is_some).collect::<Vec<_>>())
        }
        Error::Invalid { .. } => "invalid".to_owned(),
        error => panic!("{error}"),
    };
    match step {
        Step::Write(Write::Put { item, condition }) => {
            table.put(item, condition).await.map_or_else(told, |()| "put".to_owned())
        }
        Step::Write(Write::Update { key, changes, condition }) => {
            table.update(&key, changes, condition).await.map_or_else(told, |item| format!("{item:?}"))
        }
        Step::Write(Write::Delete { key, condition }) => {
            table.delete(&key, condition).await.map_or_else(told, |item| format!("{item:?}"))
        }
        Step::Write(Write::Check { .. }) => String::new(),
        Step::Transact(writes) => {
            table.transact(writes).await.map_or_else(told, |()| "transacted".to_owned())
        }
        Step::Query(query) => {
            let of_index = query.index.is_some();
            let mut items = all(table, query).await.unwrap();
            if of_index {
                // Of items with equal keys in an index either may be first.
                items.sort_by_key(|item| format!("{item:?}"));
            }
            format!("{items:?}")
        }
    }
}

async fn items(table: &dyn Table) -> Vec<Item> {
    let mut items = all(table, Query::partition("a")).await.unwrap();
    items.extend(all(table, Query::partition("b")).await.unwrap());
    items
}

#[test]
fn both_tables_do_the_same() {
    let cloud = Cloud::start();
    let remote = cloud.table("property", &FULL);
    let mut runner = TestRunner::new(Config { cases: 120, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&vec(step(), 1..25), |steps| {
        let folder = tempfile::tempdir().unwrap();
        let local = embedded(&folder, &FULL);
        cloud.emulator.block_on(async {
            let left = items(&remote).await;
            let left = left.iter().map(|item| {
                Key::pair(item["pk"].as_str().unwrap_or_default(), item["sk"].as_str().unwrap_or_default())
            });
            remote.write_many(Vec::new(), left.collect()).await.unwrap();
            for step in steps {
                let shown = format!("{step:?}");
                let (theirs, ours) = (outcome(&remote, step.clone()).await, outcome(&local, step).await);
                prop_assert_eq!(theirs, ours, "{}", shown);
            }
            prop_assert_eq!(items(&remote).await, items(&local).await);
            Ok(())
        })
    });
    outcome.unwrap();
}
