//! A filter as SQL on the table of fields.

use std::fmt::{self, Write as _};

use rusqlite::types::Value;
use rusqlite::{Transaction, params_from_iter};

use super::schema::as_sql;
use crate::chunk::Scalar;
use crate::filter::Filter;

/// A statement that finds the chunks that meet a filter.
#[derive(Debug)]
pub(super) struct Conditions {
    collection: i64,
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    pub(super) fn new(collection: i64, filter: &Filter) -> Self {
        let mut conditions = Self { collection, sql: String::new(), values: Vec::new() };
        conditions.add(filter);
        conditions
    }

    /// The keys of the chunks that meet it.
    pub(super) fn keys(&self, transaction: &Transaction<'_>) -> Result<Vec<i64>, rusqlite::Error> {
        let sql = format!("SELECT key FROM chunks_{} WHERE {}", self.collection, self.sql);
        let mut select = transaction.prepare(&sql)?;
        select.query_map(params_from_iter(&self.values), |row| row.get(0))?.collect()
    }

    fn add(&mut self, filter: &Filter) {
        match filter {
            Filter::And(parts) => self.join(parts, " AND ", "TRUE"),
            Filter::Or(parts) => self.join(parts, " OR ", "FALSE"),
            Filter::Not(part) => {
                self.sql.push_str("NOT ");
                self.add(part);
            }
            Filter::Eq { field, value } => self.with(field, |own| own.any(std::slice::from_ref(value))),
            Filter::In { field, values } => self.with(field, |own| own.any(values)),
            Filter::Range { field, gte, lte } => self.with(field, |own| {
                for (operator, bound) in [(">=", gte), ("<=", lte)] {
                    if let Some(bound) = bound {
                        own.compare(operator, bound);
                    }
                }
            }),
            Filter::Exists(field) => self.with(field, |_| ()),
        }
    }

    fn join(&mut self, parts: &[Filter], word: &str, empty: &str) {
        self.sql.push('(');
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.sql.push_str(word);
            }
            self.add(part);
        }
        if parts.is_empty() {
            self.sql.push_str(empty);
        }
        self.sql.push(')');
    }

    /// Chunks with a field of this name for whose value the conditions hold that `more` adds.
    fn with(&mut self, field: &str, more: impl FnOnce(&mut Self)) {
        let collection = self.collection;
        self.push_sql(format_args!("key IN (SELECT key FROM fields_{collection} WHERE name = ?"));
        self.values.push(Value::from(field.to_owned()));
        more(self);
        self.sql.push(')');
    }

    fn any(&mut self, values: &[Scalar]) {
        let pairs = vec!["(kind = ? AND value = ?)"; values.len()].join(" OR ");
        let one_of_none = if values.is_empty() { "FALSE" } else { "" };
        self.push_sql(format_args!(" AND ({one_of_none}{pairs})"));
        for value in values {
            self.push(value);
        }
    }

    fn compare(&mut self, operator: &str, bound: &Scalar) {
        self.push_sql(format_args!(" AND kind = ? AND value {operator} ?"));
        self.push(bound);
    }

    fn push_sql(&mut self, sql: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.sql.write_fmt(sql);
    }

    fn push(&mut self, value: &Scalar) {
        let (kind, value) = as_sql(value);
        self.values.extend([Value::from(kind), value]);
    }
}
