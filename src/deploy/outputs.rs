//! What a person needs of a deployment: its addresses and names, from what its stacks say of themselves.

use std::collections::BTreeMap;
use std::fmt;

use lisa_config::Config;
use lisa_stacks::{Naming, Stack, StackName};
use serde::Serialize;

use crate::ports::cloudformation::ObservedStack;

/// The file in the output directory.
pub const FILE: &str = "outputs.json";

/// Addresses and names of a deployment. What is not deployed is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outputs {
    /// `deploymentName`.
    pub deployment: String,
    /// The account's number.
    pub account: String,
    /// The region.
    pub region: String,
    /// The web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The REST API: models, sessions, repositories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serve: Option<String>,
    /// The base URL for clients of the OpenAI API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_ai: Option<String>,
    /// The table of API tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_table: Option<String>,
    /// Engines of the hosted models, by the models' ids.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, String>,
    /// Every output, by the stack's short name and its own.
    pub stacks: BTreeMap<String, BTreeMap<String, String>>,
}

impl Outputs {
    /// What the stacks say that are there. `observed` holds them by short name.
    pub fn of(config: &Config, stacks: &[Stack], observed: &BTreeMap<String, ObservedStack>) -> Self {
        let said = |stack: &Stack| Some((stack.name.clone(), observed.get(&stack.name)?.outputs.clone()));
        let all: BTreeMap<String, BTreeMap<String, String>> = stacks.iter().filter_map(said).collect();
        let of = |stack: StackName, output: &str| Some(all.get(stack.short())?.get(output)?.clone());
        let (api, serve) = (of(StackName::Api, "ApiUrl"), of(StackName::Serve, "RESTUrl"));
        let version = of(StackName::Ui, "RestapiVersion").unwrap_or_else(|| "v2".to_owned());
        let open_ai = serve.as_ref().map(|url| format!("{}/{version}/serve", url.trim_end_matches('/')));
        let page = api.clone().filter(|_| all.contains_key(StackName::Ui.short()));
        let page = page.map(|url| format!("{}/", url.trim_end_matches('/')));
        let models = all.iter().filter_map(|(name, outputs)| {
            Some((name.strip_prefix("model-")?.to_owned(), outputs.get("modelEndpointUrl")?.clone()))
        });
        Self {
            deployment: config.deployment_name.to_string(),
            account: config.account_number.to_string(),
            region: config.region.to_string(),
            token_table: all
                .contains_key(StackName::Serve.short())
                .then(|| Naming::new(config).token_table()),
            models: models.collect(),
            page,
            api,
            serve,
            open_ai,
            stacks: all,
        }
    }
}

impl fmt::Display for Outputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = [
            ("web page", &self.page),
            ("REST API", &self.api),
            ("OpenAI base URL", &self.open_ai),
            ("token table", &self.token_table),
        ];
        let lines = lines.into_iter().filter_map(|(what, value)| Some((what.to_owned(), value.as_ref()?)));
        let models = self.models.iter().map(|(id, url)| (format!("model {id}"), url));
        let lines: Vec<(String, &String)> = lines.chain(models).collect();
        if lines.is_empty() {
            return write!(f, "nothing of {} is deployed that has an address", self.deployment);
        }
        let width = lines.iter().map(|(what, _)| what.len()).max().unwrap_or_default();
        let text: Vec<String> = lines.iter().map(|(what, value)| format!("{what:width$}  {value}")).collect();
        f.write_str(&text.join("\n"))
    }
}
