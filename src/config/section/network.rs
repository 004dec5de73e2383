//! `subnets` and `securityGroupConfig`: network parts that exist already and are used instead of new ones.

use crate::words::{self, AvailabilityZone, Ipv4Cidr};
use lisa_names::{SecurityGroupId, SubnetId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A subnet of the existing VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subnet {
    /// Id of the subnet.
    #[schemars(schema_with = "words::subnet_id")]
    pub subnet_id: SubnetId,
    /// Its address range.
    pub ipv4_cidr_block: Ipv4Cidr,
    /// The availability zone that it lies in.
    pub availability_zone: AvailabilityZone,
    /// What reaches it and what it reaches. Internet-facing load balancers need public subnets.
    #[serde(default)]
    pub tier: SubnetTier,
}

/// How a subnet is connected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SubnetTier {
    /// Routes to an internet gateway.
    Public,
    /// Reaches out through NAT or endpoints, and is not reached from the internet.
    #[default]
    Private,
    /// Reaches nothing outside the VPC but endpoints.
    Isolated,
}

/// Security groups that exist already. With this block LISA makes none of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecurityGroupConfig {
    /// For the hosts and load balancers of models.
    #[schemars(schema_with = "words::security_group_id")]
    pub model_security_group_id: SecurityGroupId,
    /// For the load balancer of the serve API.
    #[schemars(schema_with = "words::security_group_id")]
    pub rest_alb_security_group_id: SecurityGroupId,
    /// For every Lambda function.
    #[schemars(schema_with = "words::security_group_id")]
    pub lambda_security_group_id: SecurityGroupId,
    /// For the LiteLLM database of upstream. LISA's own gateway has none: accepted and not used.
    #[serde(default)]
    #[schemars(schema_with = "words::security_group_id")]
    pub lite_llm_db_security_group_id: Option<SecurityGroupId>,
    /// For OpenSearch domains. Needed when LISA makes one.
    #[serde(default)]
    #[schemars(schema_with = "words::security_group_id")]
    pub open_search_security_group_id: Option<SecurityGroupId>,
    /// For PGVector databases. Needed when LISA makes one.
    #[serde(default)]
    #[schemars(schema_with = "words::security_group_id")]
    pub pg_vector_security_group_id: Option<SecurityGroupId>,
}
