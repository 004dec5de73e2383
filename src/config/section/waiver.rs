//! `policyWaivers`: security controls that a deployment may leave unmet, each with an owner, a reason and an end.

use crate::words::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Permission to leave one control unmet. It stops counting on the day it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyWaiver {
    /// Id of the control, as `lisa check` prints it.
    #[schemars(length(min = 1, max = 64))]
    pub control: String,
    /// The resource that it is waived for, as `<stack>/<logical id>`. Not given: every resource.
    pub resource: Option<String>,
    /// Who answers for it.
    #[schemars(length(min = 1))]
    pub owner: String,
    /// Why it is acceptable.
    #[schemars(length(min = 10))]
    pub reason: String,
    /// Last day on which the waiver holds.
    pub expires: Day,
}
