//! `pypiConfig`: where images that install Python packages find them.

use crate::words::{self, HttpUrl};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The Python package index that image builds use. An isolated partition needs one of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PypiConfig {
    /// URL of the index. Not given: the public one.
    #[serde(default)]
    #[schemars(schema_with = "words::optional_url")]
    pub index_url: Option<HttpUrl>,
    /// Host that pip trusts without a valid certificate.
    pub trusted_host: Option<String>,
}
