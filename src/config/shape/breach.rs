//! From the validator's errors to what is wrong: alternatives are narrowed to the one that was meant.

use super::Shape;
use crate::rules::{self, Rule};
use crate::schema::resolve;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

/// One thing that does not fit.
#[derive(Debug, Clone)]
pub(super) struct Breach {
    /// JSON Pointer of the value, or of the mapping that a key is missing in or unknown to.
    pub(super) pointer: String,
    pub(super) what: What,
}

/// How it does not fit.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// A key that is not known; `known` are those that are.
    Unknown { key: String, known: Vec<String> },
    /// A key that is not there; `choices` are its possible values when they are few.
    Missing { key: String, choices: Vec<String> },
    /// A value of another type than those named.
    Type(Vec<&'static str>),
    /// The name of a key in a free mapping.
    KeyForm { key: String, expected: Option<String> },
    /// A value of the right type that does not fit.
    Value(Misfit),
}

/// How a value of the right type does not fit.
#[derive(Debug, Clone)]
pub(super) enum Misfit {
    /// A value that is none of the choices.
    Choice(Vec<String>),
    /// A number below its least value (or equal to it, when `above` says so).
    Below { limit: String, above: bool },
    /// A number above its largest value.
    Above { limit: String },
    /// A text without the form it needs, and the words for that form.
    Form(Option<String>),
    /// A text or list with too few characters or items.
    Short { limit: u64, items: bool },
    /// A text or list with too many characters or items.
    Long { limit: u64, items: bool },
    /// Something that the schema forbids in a way this list does not have.
    Other(String),
}

impl Breach {
    /// What it is about: two breaches with one subject are one mistake, and the first is the clearer.
    pub(super) fn subject(&self) -> (String, Option<String>) {
        let key = match &self.what {
            What::Unknown { key, .. } | What::Missing { key, .. } | What::KeyForm { key, .. } => {
                Some(key.clone())
            }
            _ => None,
        };
        (self.pointer.clone(), key)
    }

    /// Adds keys that other alternatives know, so that a misspelt one finds its neighbour.
    fn suggest(&mut self, keys: &[String]) {
        if let What::Unknown { known, .. } = &mut self.what {
            known.extend_from_slice(keys);
        }
    }

    pub(super) fn rule(&self) -> &'static Rule {
        match &self.what {
            What::Unknown { .. } => &rules::UNKNOWN_KEY,
            What::Missing { .. } => &rules::MISSING_KEY,
            What::KeyForm { .. } => &rules::KEY_FORM,
            What::Type(_) => &rules::WRONG_TYPE,
            What::Value(Misfit::Choice(_)) => &rules::NOT_A_CHOICE,
            What::Value(Misfit::Below { .. }) => &rules::BELOW_MINIMUM,
            What::Value(Misfit::Above { .. }) => &rules::ABOVE_MAXIMUM,
            What::Value(Misfit::Form(_) | Misfit::Other(_)) => &rules::WRONG_FORM,
            What::Value(Misfit::Short { .. }) => &rules::TOO_SHORT,
            What::Value(Misfit::Long { .. }) => &rules::TOO_LONG,
        }
    }
}

impl Shape {
    /// What an error of the validator says is wrong.
    pub(super) fn breaches(&self, error: &ValidationError<'_>) -> Vec<Breach> {
        let pointer = error.instance_path().as_str().to_owned();
        let one = |what| vec![Breach { pointer: pointer.clone(), what }];
        match error.kind() {
            Kind::AnyOf { context } => self.alternatives(&pointer, false, context),
            Kind::OneOfNotValid { context } => self.alternatives(&pointer, true, context),
            Kind::AdditionalProperties { unexpected } => {
                let known = self.known_keys(error);
                let breach = |key: &String| Breach {
                    pointer: pointer.clone(),
                    what: What::Unknown { key: key.clone(), known: known.clone() },
                };
                unexpected.iter().map(breach).collect()
            }
            Kind::Required { property } => one(What::Missing {
                key: property.as_str().unwrap_or_default().to_owned(),
                choices: self.choices_of(error, property),
            }),
            Kind::PropertyNames { error: inner } => one(What::KeyForm {
                key: inner.instance().as_str().unwrap_or_default().to_owned(),
                expected: self.expected(inner),
            }),
            Kind::Pattern { .. } => one(What::Value(Misfit::Form(self.expected(error)))),
            // How a text must look says more than how long it must be, unless there is none.
            Kind::MinLength { .. }
                if self.expected(error).is_some() && error.instance().as_str() != Some("") =>
            {
                one(What::Value(Misfit::Form(self.expected(error))))
            }
            Kind::Type { kind } => one(What::Type(type_names(kind))),
            kind => one(What::Value(misfit(kind, error))),
        }
    }

    /// The breaches of the alternative that was most likely meant.
    ///
    /// Alternatives of another type than the value's are out. Tagged ones (`oneOf`) are told apart by their tag;
    /// of others (`anyOf`) the one with the fewest breaches was meant.
    fn alternatives(
        &self,
        pointer: &str,
        tagged: bool,
        context: &[Vec<ValidationError<'static>>],
    ) -> Vec<Breach> {
        let branches: Vec<Vec<Breach>> = context
            .iter()
            .map(|errors| errors.iter().flat_map(|error| self.breaches(error)).collect())
            .collect();
        let of_other_type = |branch: &Vec<Breach>| {
            branch.iter().any(|breach| breach.pointer == pointer && matches!(breach.what, What::Type(_)))
        };
        let (other, fitting): (Vec<_>, Vec<_>) = branches.into_iter().partition(of_other_type);
        if fitting.is_empty() {
            return vec![Breach { pointer: pointer.to_owned(), what: What::Type(all_types(&other)) }];
        }
        if fitting.len() > 1
            && let Some(tag) = common_tag(&fitting)
        {
            return vec![tag];
        }
        let known = all_known(&fitting);
        let is_choice = |breach: &Breach| matches!(breach.what, What::Value(Misfit::Choice(_)));
        let is_missing = |breach: &Breach| matches!(breach.what, What::Missing { .. });
        let meant = fitting.into_iter().min_by_key(|branch| {
            (tagged && branch.iter().any(is_choice), branch.len(), branch.iter().any(is_missing))
        });
        let mut meant = meant.unwrap_or_default();
        if !tagged {
            for breach in &mut meant {
                breach.suggest(&known);
            }
        }
        meant
    }

    /// The schema that holds the keyword an error is about.
    fn holder(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let keyword = error.schema_path().as_str();
        let holder = keyword.rsplit_once('/').map_or("", |(holder, _)| holder);
        self.schema.pointer(holder)
    }

    fn expected(&self, error: &ValidationError<'_>) -> Option<String> {
        let words = self.holder(error)?.get("x-expected")?;
        words.as_str().map(str::to_owned)
    }

    fn known_keys(&self, error: &ValidationError<'_>) -> Vec<String> {
        let properties = self.holder(error).and_then(|schema| schema.get("properties")?.as_object());
        let current =
            properties.into_iter().flatten().filter(|(_, schema)| schema.get("x-retired").is_none());
        current.map(|(key, _)| key.clone()).collect()
    }

    /// The values that a missing key may have, when they are listed.
    fn choices_of(&self, error: &ValidationError<'_>, key: &Value) -> Vec<String> {
        let property = self.holder(error).and_then(|schema| schema.get("properties")?.get(key.as_str()?));
        property.map(|schema| self.choices(resolve(&self.schema, schema))).unwrap_or_default()
    }

    fn choices(&self, schema: &Value) -> Vec<String> {
        if let Some(only) = schema.get("const") {
            return vec![plain(only)];
        }
        if let Some(Value::Array(options)) = schema.get("enum") {
            return options.iter().filter(|option| !option.is_null()).map(plain).collect();
        }
        let alternatives = ["oneOf", "anyOf"].iter().find_map(|keyword| schema.get(*keyword)?.as_array());
        let alternatives = alternatives.into_iter().flatten().map(|schema| resolve(&self.schema, schema));
        alternatives.flat_map(|schema| self.choices(schema)).collect()
    }
}

/// A tag that fits no alternative: every one wants another value of the same key, or misses the same key.
fn common_tag(branches: &[Vec<Breach>]) -> Option<Breach> {
    let tags = branches.iter().map(|branch| branch.iter().find_map(tag)).collect::<Option<Vec<_>>>()?;
    let (first, missing, _) = tags.first()?;
    if tags.iter().any(|(pointer, key, _)| pointer != first || key != missing) {
        return None;
    }
    let mut choices: Vec<String> = tags.iter().flat_map(|(.., choices)| choices.iter().cloned()).collect();
    choices.dedup();
    let what = match missing {
        Some(key) => What::Missing { key: (*key).clone(), choices },
        None => What::Value(Misfit::Choice(choices)),
    };
    Some(Breach { pointer: (*first).clone(), what })
}

/// Where a breach concerns a tag: the place, the key if it is missing, and the values it may have.
fn tag(breach: &Breach) -> Option<(&String, Option<&String>, &Vec<String>)> {
    match &breach.what {
        What::Value(Misfit::Choice(choices)) => Some((&breach.pointer, None, choices)),
        What::Missing { key, choices } if choices.len() == 1 => Some((&breach.pointer, Some(key), choices)),
        _ => None,
    }
}

fn all_known(branches: &[Vec<Breach>]) -> Vec<String> {
    let known = branches.iter().flatten().filter_map(|breach| match &breach.what {
        What::Unknown { known, .. } => Some(known),
        _ => None,
    });
    known.flatten().cloned().collect()
}

fn all_types(branches: &[Vec<Breach>]) -> Vec<&'static str> {
    let mut types: Vec<&'static str> = Vec::new();
    for breach in branches.iter().flatten() {
        if let What::Type(names) = &breach.what {
            types.extend(names.iter().filter(|name| **name != "null"));
        }
    }
    types.sort_unstable();
    types.dedup();
    types
}

fn misfit(kind: &Kind, error: &ValidationError<'_>) -> Misfit {
    match kind {
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            Misfit::Choice(options.iter().filter(|option| !option.is_null()).map(plain).collect())
        }
        Kind::Constant { expected_value } => Misfit::Choice(vec![plain(expected_value)]),
        Kind::Minimum { limit } => Misfit::Below { limit: limit.to_string(), above: false },
        Kind::ExclusiveMinimum { limit } => Misfit::Below { limit: limit.to_string(), above: true },
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => {
            Misfit::Above { limit: limit.to_string() }
        }
        Kind::MinLength { limit } => Misfit::Short { limit: *limit, items: false },
        Kind::MinItems { limit } => Misfit::Short { limit: *limit, items: true },
        Kind::MaxLength { limit } => Misfit::Long { limit: *limit, items: false },
        Kind::MaxItems { limit } => Misfit::Long { limit: *limit, items: true },
        _ => Misfit::Other(error.to_string()),
    }
}

fn type_names(kind: &TypeKind) -> Vec<&'static str> {
    match kind {
        TypeKind::Single(one) => vec![one.as_str()],
        TypeKind::Multiple(several) => {
            several.iter().map(JsonType::as_str).filter(|name| *name != "null").collect()
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
