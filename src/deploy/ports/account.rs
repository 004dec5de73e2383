//! Who is calling, and what the account has and may: small calls to many services.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use async_trait::async_trait;

use super::Call;

/// The account that is deployed to.
#[async_trait]
pub trait Account: Send + Sync {
    /// Who the credentials belong to (`sts:GetCallerIdentity`).
    async fn identity(&self) -> Call<Identity>;

    /// A Systems Manager parameter's value; `None` where there is none.
    async fn parameter(&self, name: &str) -> Call<Option<String>>;

    /// Ids of a VPC's subnets with their availability zone, and whether a route leads out (`ec2:DescribeSubnets`,
    /// `ec2:DescribeRouteTables`).
    async fn subnets(&self, vpc: &str) -> Call<Vec<Subnet>>;

    /// Whether a secret has a value.
    async fn has_secret_value(&self, secret: &str) -> Call<bool>;

    /// Gives a secret a value. The token makes a repeated call do nothing.
    async fn put_secret_value(&self, secret: &str, value: &str, token: &str) -> Call<()>;

    /// Makes sure of a service-linked role, such as that of `opensearchservice.amazonaws.com`. Returns whether it was made.
    async fn ensure_service_linked_role(&self, service: &str) -> Call<bool>;

    /// Ends a load balancer's protection from deletion.
    async fn unprotect_load_balancer(&self, arn: &str) -> Call<()>;

    /// Which of these instance types the region offers, each with the availability zones that do.
    async fn instance_offerings(&self, types: &BTreeSet<String>) -> Call<BTreeMap<String, BTreeSet<String>>>;

    /// A quota's applied value, or its default; `None` where the service or the quota is not known here.
    async fn quota(&self, service: &str, code: &str) -> Call<Option<f64>>;

    /// ARNs of the resources that carry all of these tags.
    async fn tagged(&self, tags: &BTreeMap<String, String>) -> Call<Vec<String>>;

    /// Events of a log group from a time on, oldest first; none where the group is not there.
    async fn log_events(&self, group: &str, from: SystemTime, limit: u32) -> Call<Vec<LogEvent>>;
}

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account's number.
    pub account: String,
    /// The caller's ARN, which names the partition too.
    pub arn: String,
}

/// A subnet of a VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: String,
    /// Its availability zone's name.
    pub zone: String,
    /// Whether its route table leads to an internet gateway.
    pub is_public: bool,
    /// Whether its route table leads out of the VPC at all.
    pub leads_out: bool,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Which event it is: the same in every answer that holds it.
    pub id: String,
    /// When it was written.
    pub at: SystemTime,
    /// The log stream.
    pub stream: String,
    /// What it says.
    pub message: String,
}
