//! Properties whose inside CloudFormation does not describe: policy documents, OpenAPI bodies, state machines.

use serde_json::Value as JsonValue;

use crate::value::Literal;

/// A JSON document that a property takes whole. Intrinsics may stand anywhere in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub JsonValue);

impl Literal for Json {
    fn into_json(self) -> JsonValue {
        self.0
    }
}

impl From<JsonValue> for crate::Value<Json> {
    fn from(document: JsonValue) -> Self {
        Self::from_json(document)
    }
}
