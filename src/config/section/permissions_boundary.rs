//! `permissionsBoundaryAspect`: the boundary on every IAM role, and the prefixes of IAM names.

use crate::words::{self, NamePrefix};
use lisa_names::PolicyName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The permissions boundary that the organisation asks for, with the prefixes that IAM names must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PermissionsBoundaryAspect {
    /// Name of the managed policy that bounds every role.
    #[schemars(schema_with = "words::policy_name")]
    pub permissions_boundary_policy_name: PolicyName,
    /// Prefix of the names of roles.
    pub role_prefix: Option<NamePrefix>,
    /// Prefix of the names of policies.
    pub policy_prefix: Option<NamePrefix>,
    /// Prefix of the names of instance profiles.
    pub instance_profile_prefix: Option<NamePrefix>,
}
