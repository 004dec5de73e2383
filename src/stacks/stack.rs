//! A stack: a template and what its deployment needs to know.

use std::collections::BTreeMap;

use lisa_cfn::Template;
use serde::Serialize;

use crate::assets::Asset;

/// One CloudFormation stack.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The short name, as on the command line: `serve`, `model-mistral-7b`.
    pub name: String,
    /// The name in CloudFormation.
    pub deployed_name: String,
    /// What is deployed.
    pub template: Template,
    /// Short names of the stacks that must be there first, sorted.
    pub depends_on: Vec<String>,
    /// Packages and images that must be there first, sorted.
    pub assets: Vec<Asset>,
    /// Where each template parameter's value comes from.
    pub parameters: BTreeMap<String, ParameterSource>,
    /// Tags that CloudFormation passes on to every resource that takes tags; empty where the partition forbids them.
    pub tags: BTreeMap<String, String>,
}

/// Where a template parameter's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "source", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ParameterSource {
    /// A Systems Manager parameter, which CloudFormation reads itself.
    Parameter {
        /// Its name.
        name: String,
        /// The stack that writes it; `None` where AWS publishes it.
        #[serde(skip_serializing_if = "Option::is_none")]
        stack: Option<String>,
    },
    /// A look-up in the account before the deployment.
    Lookup {
        /// What is looked up, such as `private subnets`.
        what: String,
        /// Where, such as a VPC's id.
        of: String,
    },
}
