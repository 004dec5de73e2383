//! What of a template must not be shown: values of parameters that are not echoed, wherever they stand, and literals
//! under a name that says secret. A dynamic reference (`{{resolve:..}}`) is shown: it names the secret and is not it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::template::{Template, is_true};

/// What is shown instead.
pub(super) const HIDDEN: &str = "(hidden)";

/// Endings of names whose literal values are secrets, in lower case without `_` and `-`.
const SECRET: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secretstring",
    "secretkey",
    "secretaccesskey",
    "privatekey",
    "apikey",
    "token",
    "masterkey",
    "credentials",
];

/// A hidden text shorter than this hides only values that are equal to it.
const DISTINCT: usize = 6;

/// Knows what must not be shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Veil {
    texts: BTreeSet<String>,
    parameters: BTreeSet<String>,
}

impl Veil {
    /// The veil over these templates.
    pub(super) fn over<'a>(templates: impl IntoIterator<Item = &'a Template>) -> Self {
        let mut veil = Self::default();
        for template in templates {
            veil.texts.extend(template.secrets().filter(|text| !text.is_empty()));
            let parameters = template.section("Parameters").into_iter();
            let silent = parameters.filter(|(_, value)| is_true(value.get("NoEcho")));
            veil.parameters.extend(silent.map(|(name, _)| name.to_owned()));
        }
        veil
    }

    /// Whether a parameter's value must not be shown.
    pub(super) fn hides_parameter(&self, name: &str) -> bool {
        self.parameters.contains(name)
    }

    /// A value under a name, without what must not be shown.
    pub(super) fn cover(&self, name: &str, value: &Value) -> Value {
        match value {
            Value::String(text) => self.cover_text(name, text).into(),
            Value::Number(_) if is_secret(name) => HIDDEN.into(),
            Value::Number(number) if self.texts.contains(&number.to_string()) => HIDDEN.into(),
            Value::Array(items) => items.iter().map(|item| self.cover(name, item)).collect(),
            Value::Object(object) => Value::Object(self.cover_members(name, object)),
            other => other.clone(),
        }
    }

    fn cover_members(&self, name: &str, object: &Map<String, Value>) -> Map<String, Value> {
        let inner = |key: &str| match key {
            // What a function is given stands for the property that it is given to.
            "Fn::Sub" | "Fn::Join" | "Fn::If" | "Fn::Base64" => name.to_owned(),
            _ => label(object, key).to_owned(),
        };
        object.iter().map(|(key, value)| (key.clone(), self.cover(&inner(key), value))).collect()
    }

    /// A text under a name, or [`HIDDEN`].
    pub(super) fn cover_text(&self, name: &str, text: &str) -> String {
        let named = is_secret(name) && !text.is_empty() && !is_only_references(text);
        let known =
            |secret: &String| text == secret || (secret.len() >= DISTINCT && text.contains(secret.as_str()));
        if named || self.texts.iter().any(known) { HIDDEN.to_owned() } else { text.to_owned() }
    }
}

/// The name that a member of an object stands under: its own, or that of the pair that it is the value of.
pub(super) fn label<'a>(object: &'a Map<String, Value>, key: &'a str) -> &'a str {
    let named = || {
        ["Name", "Key", "ParameterKey", "ParameterName"].iter().find_map(|name| object.get(*name)?.as_str())
    };
    let is_value = matches!(key, "Value" | "ParameterValue" | "DefaultValue");
    if is_value { named().unwrap_or(key) } else { key }
}

/// Whether what stands under this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|end| name.ends_with(end))
}

/// Whether a text holds nothing of its own: a dynamic reference, a substitution of one, an ARN of a secret.
fn is_only_references(text: &str) -> bool {
    text.starts_with("{{resolve:") && text.ends_with("}}")
        || text.starts_with("${") && text.ends_with('}')
        || text.starts_with("arn:")
}
