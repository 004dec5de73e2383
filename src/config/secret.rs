//! Values that must never be shown: a redacted text, and free-form settings whose secret entries are redacted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// What stands in place of a secret wherever it would be shown.
pub const REDACTED: &str = "[redacted]";

/// A text that `Debug` and `Serialize` never show.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself: write it to a secret store, never to a template, an environment variable or a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

/// Settings passed on word for word. `Debug` and `Serialize` redact every entry whose name sounds secret.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct FreeForm(BTreeMap<String, Value>);

impl FreeForm {
    /// The entries themselves, secrets included.
    pub fn expose(&self) -> &BTreeMap<String, Value> {
        &self.0
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn redacted(&self) -> BTreeMap<&str, Value> {
        self.0.iter().map(|(name, value)| (name.as_str(), redact(name, value))).collect()
    }
}

impl fmt::Debug for FreeForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.redacted().fmt(f)
    }
}

impl Serialize for FreeForm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.redacted().serialize(serializer)
    }
}

/// The value as it may be shown: texts below a name that sounds secret are replaced, whatever holds them.
fn redact(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let shown = |(inner, value): (&String, &Value)| {
                let name = if sounds_secret(name) { name } else { inner.as_str() };
                (inner.clone(), redact(name, value))
            };
            Value::Object(entries.iter().map(shown).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| redact(name, item)).collect()),
        Value::String(_) | Value::Number(_) if sounds_secret(name) => Value::String(REDACTED.to_owned()),
        other => other.clone(),
    }
}

/// Whether an entry's name suggests a credential. Token *counts* (`max_tokens`) are no secret.
pub(crate) fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let counts_tokens = name.contains("tokens");
    ["key", "secret", "password", "credential", "database_url", "dsn", "authorization"]
        .iter()
        .any(|word| name.contains(word))
        || (name.contains("token") && !counts_tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_shown_by_nothing() {
        let secret: Secret = serde_json::from_value(json!("sk-very-secret")).unwrap();
        assert_eq!(format!("{secret:?}"), REDACTED);
        assert_eq!(serde_json::to_value(&secret).unwrap(), json!(REDACTED));
        assert_eq!(secret.expose(), "sk-very-secret");
    }

    #[test]
    fn free_form_settings_hide_what_sounds_secret_at_any_depth() {
        let settings: FreeForm = serde_json::from_value(json!({
            "OPENAI_API_KEY": "sk-1",
            "max_tokens": 5,
            "cache": {"redis_password": "hunter2", "port": 6379},
            "credentials": [{"user": "u"}],
        }))
        .unwrap();
        let shown = serde_json::to_string(&settings).unwrap();
        assert_eq!(
            shown,
            r#"{"OPENAI_API_KEY":"[redacted]","cache":{"port":6379,"redis_password":"[redacted]"},"credentials":[{"user":"[redacted]"}],"max_tokens":5}"#
        );
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert_eq!(settings.expose()["OPENAI_API_KEY"], "sk-1");
    }
}
