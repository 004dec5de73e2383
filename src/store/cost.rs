//! What an item and a write cost in DynamoDB, from its published rules.
//!
//! Source: the DynamoDB Developer Guide, "DynamoDB item sizes and formats" and "Capacity unit consumption". A write
//! unit is 1 KB of the larger of the old and the new item; an index takes a write of its own where its keys or
//! attributes change, and two where its key changes. A read unit is 4 KB, half of it if the read may be late.

use lisa_api::tables::{Index, Table};
use serde_json::Value;

use crate::number;
use crate::table::Item;

/// The largest item that DynamoDB takes, in bytes.
pub const LARGEST_ITEM: usize = 400 * 1024;

/// Bytes of an item: its attributes' names and values.
pub fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of(value)).sum()
}

fn size_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::String(text) => text.len(),
        // One byte for two digits, and one more; a sign takes another.
        Value::Number(number) => {
            let text = number::written(number);
            let digits = text.trim_matches(|digit| matches!(digit, '-' | '0')).replace('.', "").len();
            digits.div_ceil(2) + 1 + usize::from(text.starts_with('-'))
        }
        // Three bytes for a list or a map, and one for each of its elements.
        Value::Array(values) => 3 + values.iter().map(|value| 1 + size_of(value)).sum::<usize>(),
        Value::Object(fields) => {
            3 + fields.iter().map(|(name, value)| 1 + name.len() + size_of(value)).sum::<usize>()
        }
    }
}

/// Write units of a write that turns one item into another; none stands for no item.
pub fn write_units(table: &Table, before: Option<&Item>, after: Option<&Item>) -> usize {
    let larger = before.map_or(0, size).max(after.map_or(0, size));
    let indexes: usize = table.indexes.iter().map(|index| index_units(index, before, after)).sum();
    units(larger) + indexes
}

fn index_units(index: &Index, before: Option<&Item>, after: Option<&Item>) -> usize {
    let within = |item: Option<&Item>| {
        let item = item?;
        let keys = (item.get(index.partition)?.clone(), index.sort.map(|name| item.get(name).cloned()));
        (keys.1 != Some(None)).then(|| (keys, units(size(item))))
    };
    match (within(before), within(after)) {
        (None, None) => 0,
        (Some((_, units)), None) | (None, Some((_, units))) => units,
        (Some((old, before_units)), Some((new, after_units))) if old == new => {
            if before == after {
                0
            } else {
                before_units.max(after_units)
            }
        }
        (Some((_, before_units)), Some((_, after_units))) => before_units + after_units,
    }
}

/// Units of so many bytes written; a write of nothing takes one.
pub fn units(bytes: usize) -> usize {
    bytes.div_ceil(1024).max(1)
}

/// Read units of so many bytes, read together and perhaps late.
pub fn read_units(bytes: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far from 2^52 units")]
    let whole = bytes.div_ceil(4096) as f64;
    whole / 2.0
}

#[cfg(test)]
mod tests {
    use lisa_api::tables::SESSIONS;
    use serde_json::json;

    use super::*;

    fn item(value: Value) -> Item {
        match value {
            Value::Object(item) => item,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn sizes_follow_the_published_rules() {
        assert_eq!(size(&item(json!({ "pk": "ab", "sk": "c" }))), 7);
        assert_eq!(size(&item(json!({ "n": 1234, "t": true, "l": [null, "x"] }))), 1 + 3 + 1 + 1 + 1 + 3 + 4);
        assert_eq!((units(0), units(1024), units(1025)), (1, 1, 2));
    }

    #[test]
    fn an_index_costs_a_write_of_its_own() {
        let head = |changed: &str| item(json!({ "pk": "u", "sk": "s", "headOf": "u", "changed": changed }));
        let message = item(json!({ "pk": "u", "sk": "m", "content": "x".repeat(2048) }));
        assert_eq!(write_units(&SESSIONS, None, Some(&message)), 3);
        assert_eq!(write_units(&SESSIONS, None, Some(&head("1"))), 2);
        assert_eq!(write_units(&SESSIONS, Some(&head("1")), Some(&head("1"))), 1);
        assert_eq!(write_units(&SESSIONS, Some(&head("1")), Some(&head("2"))), 3);
    }
}
