//! Pages of a partition, of an index, and of everything, as SQL.

use lisa_api::tables;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};
use serde_json::Value;

use super::rows::{attribute, quoted, read};
use crate::table::{Cursor, Item, Order, Query, Range};

/// What stands after `WHERE`, and the values in it.
#[derive(Default)]
struct Where {
    parts: Vec<String>,
    values: Vec<Sql>,
}

impl Where {
    /// Adds a value and returns its placeholder.
    fn value(&mut self, text: impl Into<String>) -> String {
        self.values.push(Sql::Text(text.into()));
        format!("?{}", self.values.len())
    }

    fn add(&mut self, part: String) {
        self.parts.push(part);
    }

    fn text(&self) -> String {
        if self.parts.is_empty() { "1".to_owned() } else { self.parts.join(" AND ") }
    }
}

/// A page of a partition. `partition` and `sort` are the keys' attributes.
pub(super) fn query(
    connection: &Connection,
    table: &tables::Table,
    query: &Query,
    partition: &str,
    sort: Option<&str>,
) -> rusqlite::Result<Vec<Item>> {
    let of_index = query.index.is_some();
    let partition_column = if of_index { attribute(partition) } else { "partition".to_owned() };
    let sort_column = sort.map(|name| if of_index { attribute(name) } else { "sort".to_owned() });
    let mut chosen = Where::default();
    let value = chosen.value(query.partition.as_str());
    chosen.add(format!("{partition_column} = {value}"));
    if let Some(column) = &sort_column {
        choose(&mut chosen, column, &query.range);
        if of_index {
            chosen.add(format!("{column} IS NOT NULL"));
        }
    }
    let (direction, beyond) = match query.order {
        Order::Ascending => ("ASC", ">"),
        Order::Descending => ("DESC", "<"),
    };
    // Of several items with the same keys in an index the table's own keys decide, so that pages neither repeat nor skip.
    let own = ["partition".to_owned(), "sort".to_owned()];
    let columns: Vec<String> =
        if of_index { sort_column.into_iter().chain(own).collect() } else { vec!["sort".to_owned()] };
    if let Some(Cursor(keys)) = &query.start {
        let names =
            if of_index { [sort, Some(table.partition), table.sort] } else { [table.sort, None, None] };
        let skip_sort = of_index && sort.is_none();
        let names = names.into_iter().skip(usize::from(skip_sort)).take(columns.len());
        let texts = names.map(|name| name.and_then(|name| keys.get(name)?.as_str()).unwrap_or_default());
        let values: Vec<String> = texts.map(|text| chosen.value(text)).collect();
        chosen.add(format!("({}) {beyond} ({})", columns.join(", "), values.join(", ")));
    }
    let order: Vec<String> = columns.iter().map(|column| format!("{column} {direction}")).collect();
    page(connection, table, &chosen, &order.join(", "), query.limit)
}

fn choose(chosen: &mut Where, column: &str, range: &Range) {
    match range {
        Range::All => {}
        Range::Prefix(prefix) => {
            let value = chosen.value(prefix.as_str());
            chosen.add(format!("{column} >= {value}"));
            if let Some(end) = after_prefix(prefix) {
                let value = chosen.value(end);
                chosen.add(format!("{column} < {value}"));
            }
        }
        Range::Between(first, last) => {
            let (first, last) = (chosen.value(first.as_str()), chosen.value(last.as_str()));
            chosen.add(format!("{column} BETWEEN {first} AND {last}"));
        }
        Range::Before(end) => {
            let value = chosen.value(end.as_str());
            chosen.add(format!("{column} < {value}"));
        }
        Range::After(end) => {
            let value = chosen.value(end.as_str());
            chosen.add(format!("{column} > {value}"));
        }
    }
}

/// The first text after all that begin with a prefix; none where nothing comes after them. Characters and their UTF-8
/// bytes have the same order.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}

/// A page of everything, by key.
pub(super) fn scan(
    connection: &Connection,
    table: &tables::Table,
    limit: Option<u32>,
    start: Option<&Cursor>,
) -> rusqlite::Result<Vec<Item>> {
    let mut chosen = Where::default();
    if let Some(Cursor(keys)) = start {
        let text = |name: &str| keys.get(name).and_then(Value::as_str).unwrap_or_default();
        let partition = chosen.value(text(table.partition));
        let sort = chosen.value(table.sort.map(text).unwrap_or_default());
        chosen.add(format!("(partition, sort) > ({partition}, {sort})"));
    }
    page(connection, table, &chosen, "partition, sort", limit)
}

fn page(
    connection: &Connection,
    table: &tables::Table,
    chosen: &Where,
    order: &str,
    limit: Option<u32>,
) -> rusqlite::Result<Vec<Item>> {
    // A negative limit is none.
    let limit = limit.map_or(-1, i64::from);
    let (name, text) = (quoted(table.name), chosen.text());
    let sql = format!("SELECT item FROM {name} WHERE {text} ORDER BY {order} LIMIT {limit}");
    let mut statement = connection.prepare_cached(&sql)?;
    let items = statement.query_map(params_from_iter(&chosen.values), read)?;
    items.collect()
}

#[cfg(test)]
mod tests {
    use super::after_prefix;

    #[test]
    fn what_comes_after_a_prefix() {
        assert_eq!(after_prefix("session#").as_deref(), Some("session$"));
        assert_eq!(after_prefix("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix(""), None);
    }
}
