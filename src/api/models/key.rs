//! The key of a model elsewhere: it is given in a request, kept in a secret, and stands in no row, answer, input or log.

use std::fmt::{self, Write as _};

use serde_json::Value;

use crate::error::FieldError;

/// The field of a request that makes or changes a model.
const FIELD: &str = "apiKey";

/// Characters of a key at most.
pub(super) const LONGEST: usize = 4096;

/// A key. It shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key of a request, if it has one.
    pub fn of(request: &Value) -> Result<Option<Self>, FieldError> {
        let wrong = |message: String| Err(FieldError::new(FIELD, message));
        match request.get(FIELD) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => {
                let key = text.trim();
                let is_plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
                if is_plain && key.len() <= LONGEST {
                    return Ok(Some(Self(key.to_owned())));
                }
                wrong(format!("is no key: 1 to {LONGEST} visible characters of ASCII without spaces"))
            }
            Some(_) => wrong("is no text".to_owned()),
        }
    }

    /// The error where a model has no use for a key.
    pub fn unused() -> FieldError {
        FieldError::new(FIELD, "is of use only for a model that is reached by its `modelUrl`")
    }

    /// The key itself: for a secret, and for a header.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// The name of the secret that holds a model's key. The deployment's tables and secrets have their prefix in common, which
/// the table of models tells. What Secrets Manager takes in no name is written in hexadecimal.
pub fn secret_name(model_table: &str, model: &str) -> String {
    let prefix = model_table.strip_suffix("-models").unwrap_or(model_table);
    let mut name = format!("{prefix}-model-");
    for byte in model.bytes() {
        if byte.is_ascii_alphanumeric() || b"/_+.@-".contains(&byte) {
            name.push(char::from(byte));
        } else {
            // A string takes everything.
            let _ = write!(name, "={byte:02X}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_taken_and_never_shown() {
        let key = ApiKey::of(&json!({ "apiKey": " sk-secret\n" })).unwrap().unwrap();
        assert_eq!((key.expose(), format!("{key:?}").as_str()), ("sk-secret", "ApiKey(…)"));
        assert_eq!(ApiKey::of(&json!({})), Ok(None));
        for wrong in [json!(""), json!("two words"), json!("ü"), json!(7), json!("x".repeat(5000))] {
            assert_eq!(ApiKey::of(&json!({ "apiKey": wrong })).unwrap_err().path, "apiKey");
        }
    }

    #[test]
    fn names_of_secrets_differ_as_ids_do() {
        assert_eq!(secret_name("dep-lisa-prod-models", "gpt-4.1"), "dep-lisa-prod-model-gpt-4.1");
        assert_eq!(secret_name("dep-lisa-prod-models", "a:b"), "dep-lisa-prod-model-a=3Ab");
    }
}
