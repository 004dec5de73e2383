//! What filters see of a chunk, and a filter as OpenSearch's own query.

use serde_json::{Map, Value, json};

use crate::chunk::{Chunk, Scalar};
use crate::filter::Filter;

/// Between the parts of a value: nothing that a name holds.
const SEPARATOR: char = '\u{1}';

/// Adds the fields to a document of the index: names, values for equality, and what has an order by its kind.
pub(super) fn add_fields(chunk: &Chunk, source: &mut Value) {
    let own = ["documentId", "source", "page"].into_iter();
    let names = own.chain(chunk.metadata.keys().map(String::as_str));
    let (mut found, mut values, mut numbers, mut texts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for name in names {
        for value in chunk.field(name) {
            found.push(json!(name));
            values.push(json!(text(name, &value)));
            match value {
                Scalar::Number(number) => numbers.push(json!({ "name": name, "value": number })),
                Scalar::Text(text) => texts.push(json!({ "name": name, "value": text })),
                Scalar::Flag(_) => (),
            }
        }
    }
    source["names"] = found.into();
    source["values"] = values.into();
    source["numbers"] = numbers.into();
    source["texts"] = texts.into();
}

/// A field with a value, as one text: `"1"`, `1` and `true` are three values.
fn text(name: &str, value: &Scalar) -> String {
    match value {
        Scalar::Flag(flag) => format!("{name}{SEPARATOR}flag{SEPARATOR}{flag}"),
        Scalar::Number(number) => format!("{name}{SEPARATOR}number{SEPARATOR}{number}"),
        Scalar::Text(text) => format!("{name}{SEPARATOR}text{SEPARATOR}{text}"),
    }
}

/// A filter as a query.
pub(super) fn query(filter: &Filter) -> Value {
    let all = |parts: &[Filter]| parts.iter().map(query).collect::<Vec<_>>();
    match filter {
        Filter::And(parts) if parts.is_empty() => json!({ "match_all": {} }),
        Filter::And(parts) => json!({ "bool": { "filter": all(parts) } }),
        Filter::Or(parts) if parts.is_empty() => json!({ "match_none": {} }),
        Filter::Or(parts) => json!({ "bool": { "should": all(parts), "minimum_should_match": 1 } }),
        Filter::Not(part) => json!({ "bool": { "must_not": [query(part)] } }),
        Filter::Eq { field, value } => json!({ "term": { "values": text(field, value) } }),
        Filter::In { field, values } => {
            let values: Vec<String> = values.iter().map(|value| text(field, value)).collect();
            json!({ "terms": { "values": values } })
        }
        Filter::Range { field, gte, lte } => range(field, gte.as_ref(), lte.as_ref()),
        Filter::Exists(field) => json!({ "term": { "names": field } }),
    }
}

fn range(field: &str, gte: Option<&Scalar>, lte: Option<&Scalar>) -> Value {
    let is_text = matches!(gte.or(lte), Some(Scalar::Text(_)));
    let path = if is_text { "texts" } else { "numbers" };
    let bounds = [("gte", gte), ("lte", lte)].into_iter();
    let bounds: Map<String, Value> =
        bounds.filter_map(|(name, bound)| Some((name.to_owned(), json!(bound?)))).collect();
    let of = json!({ "term": { format!("{path}.name"): field } });
    let within = json!({ "range": { format!("{path}.value"): bounds } });
    json!({ "nested": { "path": path, "query": { "bool": { "filter": [of, within] } } } })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::query;
    use crate::Filter;

    #[test]
    fn a_filter_is_a_query() {
        let filter = json!({ "and": [
            { "range": { "field": "year", "gte": 2020 } }, { "not": { "exists": "draft" } },
        ] });
        let filter: Filter = serde_json::from_value(filter).unwrap();
        let year = json!([{ "term": { "numbers.name": "year" } }, { "range": { "numbers.value": { "gte": 2020.0 } } }]);
        let expected = json!({ "bool": { "filter": [
            { "nested": { "path": "numbers", "query": { "bool": { "filter": year } } } },
            { "bool": { "must_not": [{ "term": { "names": "draft" } }] } },
        ] } });
        assert_eq!(query(&filter), expected);
    }
}
