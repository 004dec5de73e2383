//! A filter as SQL on the column of fields: JSON in which each field has a list of its values.

use serde_json::{Value, json};
use tokio_postgres::types::{Json, ToSql};

use crate::chunk::Scalar;
use crate::filter::Filter;

/// Conditions with the values that they name.
#[derive(Debug)]
pub(super) struct Conditions {
    /// Parameters of the statement before these.
    before: usize,
    values: Vec<Parameter>,
}

#[derive(Debug)]
enum Parameter {
    Json(Json<Value>),
    Text(String),
}

impl Conditions {
    /// Conditions of a statement that has so many parameters already.
    pub(super) fn after(before: usize) -> Self {
        Self { before, values: Vec::new() }
    }

    /// The values, in the order of their numbers.
    pub(super) fn values(&self) -> impl Iterator<Item = &(dyn ToSql + Sync)> {
        self.values.iter().map(|value| match value {
            Parameter::Json(json) => json as &(dyn ToSql + Sync),
            Parameter::Text(text) => text,
        })
    }

    /// The condition.
    pub(super) fn sql(&mut self, filter: &Filter) -> String {
        match filter {
            Filter::And(parts) => self.join(parts, " AND ", "TRUE"),
            Filter::Or(parts) => self.join(parts, " OR ", "FALSE"),
            Filter::Not(part) => format!("NOT {}", self.sql(part)),
            Filter::Eq { field, value } => self.has(field, value),
            Filter::In { field, values } => {
                let each: Vec<String> = values.iter().map(|value| self.has(field, value)).collect();
                if each.is_empty() { "FALSE".to_owned() } else { format!("({})", each.join(" OR ")) }
            }
            Filter::Range { field, gte, lte } => self.range(field, gte.as_ref(), lte.as_ref()),
            Filter::Exists(field) => {
                let name = self.put(Parameter::Text(field.clone()));
                format!("(fields ? {name})")
            }
        }
    }

    fn join(&mut self, parts: &[Filter], word: &str, empty: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.sql(part)).collect();
        if parts.is_empty() { empty.to_owned() } else { format!("({})", parts.join(word)) }
    }

    /// What the index of fields can tell.
    fn has(&mut self, field: &str, value: &Scalar) -> String {
        let wanted = self.put(Parameter::Json(Json(json!({ field: [value] }))));
        format!("(fields @> {wanted})")
    }

    /// One value that lies between both bounds. A comparison of a number and a text is unknown, which is no yes.
    fn range(&mut self, field: &str, gte: Option<&Scalar>, lte: Option<&Scalar>) -> String {
        let above = gte.map(|_| "@ >= $gte");
        let below = lte.map(|_| "@ <= $lte");
        let both: Vec<&str> = above.into_iter().chain(below).collect();
        let name = self.put(Parameter::Text(field.to_owned()));
        let bounds = self.put(Parameter::Json(Json(json!({ "gte": gte, "lte": lte }))));
        let path = format!("$[*] ? ({})", both.join(" && "));
        format!("coalesce(jsonb_path_exists(fields -> {name}, '{path}', {bounds}), FALSE)")
    }

    fn put(&mut self, value: Parameter) -> String {
        let kind = match value {
            Parameter::Json(_) => "jsonb",
            Parameter::Text(_) => "text",
        };
        self.values.push(value);
        format!("${}::{kind}", self.before + self.values.len())
    }
}
