//! Conditions on a chunk's fields: one grammar, carried out by each store in its own language.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::chunk::{Chunk, Scalar};
use crate::error::{Error, Why};

/// Conditions that a filter may hold at most, nested ones counted.
pub const MOST_CONDITIONS: usize = 100;

/// A condition on a chunk's fields. `documentId`, `source` and `page` are fields of every chunk, anything else is metadata.
///
/// A field with several values meets a condition if one of them does; a field that is not there meets none.
///
/// ```json
/// {"and": [{"eq": {"field": "team", "value": "ops"}}, {"range": {"field": "year", "gte": 2020}}]}
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Filter {
    /// All of them hold. An empty list holds.
    And(Vec<Filter>),
    /// One of them holds. An empty list does not.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A field has a value.
    Eq {
        /// The field's name.
        field: String,
        /// The value.
        value: Scalar,
    },
    /// A field has one of some values.
    In {
        /// The field's name.
        field: String,
        /// The values.
        values: Vec<Scalar>,
    },
    /// A field has a value between two: both numbers, or both texts. At least one bound is given.
    Range {
        /// The field's name.
        field: String,
        /// The least, included.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gte: Option<Scalar>,
        /// The greatest, included.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lte: Option<Scalar>,
    },
    /// A field is there.
    Exists(String),
}

impl Filter {
    /// Makes sure that every store can carry it out.
    pub fn check(&self) -> Result<(), Error> {
        let invalid = |text: String| Error::new("", Why::Invalid, text);
        let conditions = self.conditions();
        if conditions > MOST_CONDITIONS {
            return Err(invalid(format!(
                "the filter holds {conditions} conditions; {MOST_CONDITIONS} are the most"
            )));
        }
        self.check_each().map_err(invalid)
    }

    fn conditions(&self) -> usize {
        match self {
            Self::And(parts) | Self::Or(parts) => 1 + parts.iter().map(Self::conditions).sum::<usize>(),
            Self::Not(part) => 1 + part.conditions(),
            Self::In { values, .. } => 1 + values.len() / 10,
            Self::Eq { .. } | Self::Range { .. } | Self::Exists(_) => 1,
        }
    }

    fn check_each(&self) -> Result<(), String> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().try_for_each(Self::check_each),
            Self::Not(part) => part.check_each(),
            Self::Eq { field, .. } | Self::In { field, .. } | Self::Exists(field) => named(field),
            Self::Range { field, gte, lte } => {
                named(field)?;
                bounds(field, gte.as_ref(), lte.as_ref())
            }
        }
    }

    /// Whether a chunk meets it: what every store's own answer is held against.
    pub fn admits(&self, chunk: &Chunk) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.admits(chunk)),
            Self::Or(parts) => parts.iter().any(|part| part.admits(chunk)),
            Self::Not(part) => !part.admits(chunk),
            Self::Eq { field, value } => chunk.field(field).contains(value),
            Self::In { field, values } => chunk.field(field).iter().any(|found| values.contains(found)),
            Self::Range { field, gte, lte } => chunk.field(field).iter().any(|found| {
                let above = gte.as_ref().is_none_or(|least| order(found, least).is_some_and(Ordering::is_ge));
                above && lte.as_ref().is_none_or(|most| order(found, most).is_some_and(Ordering::is_le))
            }),
            Self::Exists(field) => !chunk.field(field).is_empty(),
        }
    }
}

fn named(field: &str) -> Result<(), String> {
    let fits = |c: char| c.is_alphanumeric() || "_-. ".contains(c);
    if field.is_empty() || field.len() > 100 || !field.chars().all(fits) {
        return Err(format!(
            "`{field}` is no name of a field: 1 to 100 letters, digits, `_`, `-`, `.` and spaces"
        ));
    }
    Ok(())
}

fn bounds(field: &str, gte: Option<&Scalar>, lte: Option<&Scalar>) -> Result<(), String> {
    match (gte, lte) {
        (None, None) => Err(format!("the range of `{field}` has no bound: give `gte`, `lte` or both")),
        (Some(Scalar::Flag(_)), _) | (_, Some(Scalar::Flag(_))) => {
            Err(format!("a range of `{field}` goes from number to number or from text to text"))
        }
        (Some(least), Some(most)) if order(least, most).is_none() => {
            Err(format!("the bounds of `{field}` are a number and a text: they cannot be compared"))
        }
        _ => Ok(()),
    }
}

/// Numbers and numbers, texts and texts (by their bytes); nothing else has an order.
fn order(left: &Scalar, right: &Scalar) -> Option<Ordering> {
    match (left, right) {
        (Scalar::Number(left), Scalar::Number(right)) => left.partial_cmp(right),
        (Scalar::Text(left), Scalar::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Filter;
    use crate::chunk::{Chunk, Field, Pages, Span};

    fn chunk() -> Chunk {
        let tags = Field::Many(vec!["ops".into(), "night".into()]);
        let metadata = [("tags".to_owned(), tags), ("year".to_owned(), 2021.0.into())].into();
        Chunk {
            id: "c".into(),
            document_id: "d".into(),
            repository_id: "r".into(),
            collection_id: "k".into(),
            source: "handbook.pdf".into(),
            headings: Vec::new(),
            pages: Some(Pages { first: 3, last: 4 }),
            span: Span { start: 0, end: 4 },
            text: "text".into(),
            metadata,
        }
    }

    fn read(filter: serde_json::Value) -> Filter {
        serde_json::from_value(filter).unwrap()
    }

    #[test]
    fn conditions_mean_what_they_say() {
        for (filter, admits) in [
            (json!({ "eq": { "field": "tags", "value": "night" } }), true),
            (json!({ "eq": { "field": "year", "value": "2021" } }), false),
            (json!({ "in": { "field": "page", "values": [4, 9] } }), true),
            (json!({ "range": { "field": "year", "gte": 2021, "lte": 2021 } }), true),
            (json!({ "range": { "field": "year", "lte": "2021" } }), false),
            (json!({ "exists": "source" }), true),
            (json!({ "exists": "author" }), false),
            (json!({ "not": { "eq": { "field": "author", "value": "x" } } }), true),
            (json!({ "and": [] }), true),
            (json!({ "or": [] }), false),
            (json!({ "or": [{ "exists": "author" }, { "exists": "tags" }] }), true),
        ] {
            let filter = read(filter);
            filter.check().unwrap();
            assert_eq!(filter.admits(&chunk()), admits, "{filter:?}");
        }
    }

    #[test]
    fn what_no_store_could_carry_out_is_refused_in_words() {
        for (filter, said) in [
            (json!({ "range": { "field": "year" } }), "has no bound"),
            (json!({ "range": { "field": "year", "gte": 1, "lte": "b" } }), "cannot be compared"),
            (json!({ "range": { "field": "year", "gte": true } }), "from number to number"),
            (json!({ "exists": "a'b" }), "no name of a field"),
            (json!({ "and": vec![json!({ "exists": "a" }); 100] }), "100 are the most"),
        ] {
            let error = read(filter).check().unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn an_unknown_condition_is_no_filter() {
        assert!(serde_json::from_value::<Filter>(json!({ "like": { "field": "a", "value": "b" } })).is_err());
        assert!(serde_json::from_value::<Filter>(json!({ "eq": { "field": "a" } })).is_err());
    }
}
