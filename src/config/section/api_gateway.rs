//! `apiGatewayConfig`: the custom domain of the web page and the REST API.

use crate::words;
use lisa_names::DomainName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the API Gateway that serves the web page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiGatewayConfig {
    /// Custom domain of the web page. With it the page's base path is `/` and no longer the stage.
    #[serde(default)]
    #[schemars(schema_with = "words::domain_name")]
    pub domain_name: Option<DomainName>,
}
