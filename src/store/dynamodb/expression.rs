//! Expressions of DynamoDB: texts in which every name and every value stands for itself behind a placeholder.

use lisa_api::tables::Table;
use serde_json::{Map, Value, json};

use super::value;
use crate::change::Change;
use crate::condition::Condition;
use crate::number;
use crate::table::Range;

/// The names and values of a request's expressions.
pub(super) struct Expression {
    table: &'static Table,
    names: Vec<String>,
    values: Vec<Value>,
}

impl Expression {
    pub(super) fn new(table: &'static Table) -> Self {
        Self { table, names: Vec::new(), values: Vec::new() }
    }

    /// The request's fields for what the expressions stand upon.
    pub(super) fn into_fields(self) -> Value {
        let mut fields = json!({});
        let numbered = |prefix: &str, values: Vec<Value>| -> Map<String, Value> {
            values.into_iter().enumerate().map(|(at, value)| (format!("{prefix}{at}"), value)).collect()
        };
        if !self.names.is_empty() {
            let names = self.names.into_iter().map(Value::String).collect();
            fields["ExpressionAttributeNames"] = numbered("#n", names).into();
        }
        if !self.values.is_empty() {
            fields["ExpressionAttributeValues"] = numbered(":v", self.values).into();
        }
        fields
    }

    fn name(&mut self, name: &str) -> String {
        let known = self.names.iter().position(|known| known == name);
        let at = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        format!("#n{at}")
    }

    fn value(&mut self, mut value: Value) -> Result<String, String> {
        number::normalize(&mut value)?;
        Ok(self.text(value::write(value)))
    }

    fn text(&mut self, written: Value) -> String {
        self.values.push(written);
        format!(":v{}", self.values.len() - 1)
    }

    /// The condition of a query on its keys.
    pub(super) fn keys(
        &mut self,
        (partition, value): (&str, &str),
        sort: Option<&str>,
        range: &Range,
    ) -> String {
        let text = |expression: &mut Self, text: &str| expression.text(json!({ "S": text }));
        let (name, value) = (self.name(partition), text(self, value));
        let whole = format!("{name} = {value}");
        let Some(sort) = sort else { return whole };
        let chosen = match range {
            // Every text begins with the empty one, which DynamoDB does not take.
            Range::All => return whole,
            Range::Prefix(prefix) if prefix.is_empty() => return whole,
            Range::Prefix(prefix) => format!("begins_with({}, {})", self.name(sort), text(self, prefix)),
            Range::Between(first, last) => {
                format!("{} BETWEEN {} AND {}", self.name(sort), text(self, first), text(self, last))
            }
            Range::Before(end) => format!("{} < {}", self.name(sort), text(self, end)),
            Range::After(end) => format!("{} > {}", self.name(sort), text(self, end)),
        };
        format!("{whole} AND {chosen}")
    }

    /// A condition on an item.
    pub(super) fn condition(&mut self, condition: &Condition) -> Result<String, String> {
        let partition = self.table.partition;
        Ok(match condition {
            Condition::Exists => format!("attribute_exists({})", self.name(partition)),
            Condition::Missing => format!("attribute_not_exists({})", self.name(partition)),
            Condition::Has(name) => format!("attribute_exists({})", self.name(name)),
            Condition::Lacks(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::Equals(name, value) => format!("{} = {}", self.name(name), self.value(value.clone())?),
            Condition::Less(name, value) => format!("{} < {}", self.name(name), self.value(value.clone())?),
            Condition::More(name, value) => format!("{} > {}", self.name(name), self.value(value.clone())?),
            Condition::All(all) => self.joined(all, " AND ")?,
            Condition::Any(any) => self.joined(any, " OR ")?,
            Condition::Not(one) => format!("(NOT {})", self.condition(one)?),
        })
    }

    fn joined(&mut self, conditions: &[Condition], word: &str) -> Result<String, String> {
        if conditions.is_empty() {
            return Err("a condition of no parts".to_owned());
        }
        // DynamoDB refuses parentheses around parentheses.
        if let [only] = conditions {
            return self.condition(only);
        }
        let parts = conditions.iter().map(|condition| self.condition(condition));
        Ok(format!("({})", parts.collect::<Result<Vec<_>, _>>()?.join(word)))
    }

    /// The expression of an update.
    pub(super) fn changes(&mut self, changes: Vec<Change>) -> Result<String, String> {
        let (mut sets, mut removes, mut adds) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            let name = self.name(change.name());
            match change {
                Change::Set(_, value) => sets.push(format!("{name} = {}", self.value(value)?)),
                Change::SetOnce(_, value) => {
                    sets.push(format!("{name} = if_not_exists({name}, {})", self.value(value)?));
                }
                Change::Remove(_) => removes.push(name),
                Change::Add(_, more) => adds.push(format!("{name} {}", self.value(more.into())?)),
                Change::Append(_, more) => {
                    let (empty, more) = (self.value(json!([]))?, self.value(more.into())?);
                    sets.push(format!("{name} = list_append(if_not_exists({name}, {empty}), {more})"));
                }
            }
        }
        let clauses = [("SET", sets), ("REMOVE", removes), ("ADD", adds)];
        let clauses = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
        Ok(clauses.map(|(word, parts)| format!("{word} {}", parts.join(", "))).collect::<Vec<_>>().join(" "))
    }
}
