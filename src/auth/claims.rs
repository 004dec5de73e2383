//! What a verified token says of its caller.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// The claims of a token whose signature holds.
#[derive(Clone, Debug)]
pub(crate) struct Claims(pub(crate) Map<String, Value>);

/// Claims that hold a name for people, the best first.
const NAMES: [&str; 4] = ["cognito:username", "preferred_username", "name", "email"];

impl Claims {
    /// A claim that is text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A claim that is a time, in seconds since 1970; a fraction is cut off. `None` where it is not there.
    pub(crate) fn time(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "`as` keeps to the bounds, which are far from any date"
            )]
            Some(Value::Number(number)) => {
                Ok(number.as_i64().or_else(|| number.as_f64().map(|time| time as i64)))
            }
            Some(_) => Err(Refusal::Invalid("a time that is no number")),
        }
    }

    /// `sub`.
    pub(crate) fn subject(&self) -> Result<&str, Refusal> {
        self.text("sub").ok_or(Refusal::Invalid("no `sub`"))
    }

    /// The name for people, or else `sub`.
    pub(crate) fn name(&self) -> Result<&str, Refusal> {
        NAMES.iter().find_map(|name| self.text(name)).map_or_else(|| self.subject(), Ok)
    }

    /// Whether a claim is this text, or a list that has it.
    pub(crate) fn has(&self, name: &str, wanted: &str) -> bool {
        match self.0.get(name) {
            Some(Value::String(text)) => text == wanted,
            Some(Value::Array(items)) => items.iter().any(|item| item == wanted),
            _ => false,
        }
    }

    /// The groups at a path: a list of names, or names in one text, separated by spaces or commas. Whole names only: a
    /// group is not found within another's name.
    pub(crate) fn groups(&self, path: &GroupsPath) -> BTreeSet<String> {
        let Some(value) = path.find(&self.0) else { return BTreeSet::new() };
        let names: Vec<&str> = match value {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            Value::String(text) => text.split([' ', ',']).collect(),
            _ => Vec::new(),
        };
        names.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }
}

/// Where the groups are among the claims: `cognito:groups`, `realm_access.roles`, `"https://example.com/groups".all`.
///
/// Parts are separated by dots; a part with dots of its own stands in double quotes. A claim that is named exactly like
/// the whole path is taken first, so that a URL needs no quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupsPath {
    whole: String,
    parts: Vec<String>,
}

impl GroupsPath {
    /// The path that a text writes; an empty one leads nowhere, so that nobody is in a group. `None` where a part is empty
    /// or a quote is not closed.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = vec![String::new()];
        let mut quoted = false;
        for letter in text.chars() {
            match letter {
                '"' => quoted = !quoted,
                '.' if !quoted => parts.push(String::new()),
                _ => parts.last_mut()?.push(letter),
            }
        }
        let is_empty = text.is_empty();
        let sound = !quoted && (is_empty || parts.iter().all(|part| !part.is_empty()));
        sound.then(|| Self { whole: text.to_owned(), parts: if is_empty { Vec::new() } else { parts } })
    }

    fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let (first, rest) = self.parts.split_first()?;
        claims
            .get(&self.whole)
            .or_else(|| rest.iter().try_fold(claims.get(first)?, |value, part| value.get(part)))
    }
}
