//! What AWS offers in a region, as far as is known: present, absent or unknown, with the source of the statement.
//!
//! Nothing public lists every feature of every region, least of all of the isolated ones, so there are three
//! answers. A stack asks for what it needs; where the answer is absent it takes the [`Feature::fallback`] or
//! refuses; where it is unknown, it is tried, and a look at the account settles it before a deploy.

use super::Partition;
use super::table;
use crate::region::Region;

/// Whether a feature is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    /// A source lists it.
    Present,
    /// A source says that it is not there.
    Absent,
    /// No source says anything.
    Unknown,
}

/// Whether a feature is there, who says so and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Capability {
    /// The answer.
    pub availability: Availability,
    /// Where the answer was read: a package with its version, and what it says.
    pub source: &'static str,
    /// The date of the source, `2026-05-20`.
    pub date: &'static str,
}

impl Capability {
    /// Whether a source says that the feature is not there; an unknown one is not absent.
    pub fn is_absent(&self) -> bool {
        self.availability == Availability::Absent
    }

    /// Whether a source says that the feature is there.
    pub fn is_present(&self) -> bool {
        self.availability == Availability::Present
    }
}

/// The regions, of those known, in which botocore does not list the service behind a feature.
pub(super) struct Listing {
    pub(super) feature: Feature,
    pub(super) unlisted: &'static [&'static str],
}

/// What a named source says of some features in some partitions.
pub(super) struct Statement {
    pub(super) features: &'static [Feature],
    pub(super) partitions: &'static [Partition],
    pub(super) availability: Availability,
    pub(super) source: &'static str,
    pub(super) date: &'static str,
}

/// Makes [`Feature`] with the list, name and fallback of each variant from one row per feature.
macro_rules! features {
    ($($variant:ident, $name:literal, $fallback:expr;)*) => {
        /// Something that LISA's stacks use and that a region may lack.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Feature {
            $(#[doc = $name] $variant,)*
        }

        impl Feature {
            /// Every feature, sorted by variant.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// What people call it: `API Gateway REST APIs`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What a deployment does without it, or `None` when it cannot do without.
            pub fn fallback(self) -> Option<&'static str> {
                match self { $(Self::$variant => $fallback),* }
            }
        }
    };
}

features! {
    ApiGateway, "API Gateway REST APIs",
        Some("The serve load balancer's listener rules lead to the same functions.");
    Backup, "AWS Backup", Some("Point-in-time recovery and automated snapshots remain.");
    Bedrock, "Amazon Bedrock", Some("Models are hosted by LISA or reached at external endpoints.");
    CertificateManager, "AWS Certificate Manager", Some("The listener takes an IAM server certificate.");
    CloudWatch, "CloudWatch metrics and alarms", None;
    CloudWatchLogs, "CloudWatch Logs", None;
    CognitoUserPools, "Cognito user pools", Some("Any OpenID Connect provider takes its place.");
    ContainerInsights, "ECS Container Insights", Some("The cluster is made without it; service metrics remain.");
    DynamoDb, "DynamoDB", None;
    DynamoDbGatewayEndpoint, "the DynamoDB gateway endpoint",
        Some("Tables are reached through the NAT gateway or an interface endpoint.");
    Ecr, "Elastic Container Registry", None;
    Ecs, "Elastic Container Service", None;
    EcsAmazonLinux2023, "the ECS-optimized Amazon Linux 2023 image", Some("Hosts run the Amazon Linux 2 image.");
    EcsCircuitBreaker, "the ECS deployment circuit breaker",
        Some("The service is made without it; a failed roll-out ends by CloudFormation's time-out.");
    Efs, "Elastic File System", Some("Weights are kept on each host's own disks.");
    EventBridge, "EventBridge rules", None;
    EventRuleTags, "tags on EventBridge rules", Some("Rules carry no tags.");
    EventSourceMappingTags, "tags on event source mappings", Some("Mappings carry no tags.");
    Kms, "Key Management Service", None;
    Lambda, "Lambda", None;
    LoadBalancer, "Elastic Load Balancing", None;
    OpenSearch, "OpenSearch domains", Some("Repositories are kept in PostgreSQL with pgvector.");
    OpenSearchServerless, "OpenSearch Serverless", Some("Repositories are kept in an OpenSearch domain.");
    Rds, "Relational Database Service", Some("Repositories are kept in OpenSearch or an existing database.");
    ResourceTags, "tags on resources", Some("Resources carry no tags.");
    S3, "S3", None;
    SageMakerRuntime, "SageMaker endpoints", Some("Models are hosted by LISA or reached at external endpoints.");
    SecretsManager, "Secrets Manager", None;
    Sns, "Simple Notification Service", Some("Alarms are shown in CloudWatch and sent to nobody.");
    Sqs, "Simple Queue Service", None;
    Ssm, "Systems Manager Parameter Store", None;
    StepFunctions, "Step Functions", None;
    Waf, "AWS WAF", Some("The API keeps its resource policy, throttling and rate limits.");
    XRay, "X-Ray", Some("Traces are switched off; logs carry the request id.");
}

/// Whether a feature is there in a region.
///
/// A statement on the partition wins over botocore's list of the service's regions. A region that the list lacks,
/// or that is newer than the list, gives [`Availability::Unknown`].
pub fn capability(region: &Region, feature: Feature) -> Capability {
    let partition = region.partition();
    let stated = table::STATEMENTS
        .iter()
        .find(|statement| statement.features.contains(&feature) && statement.partitions.contains(&partition));
    if let Some(statement) = stated {
        let Statement { availability, source, date, .. } = *statement;
        return Capability { availability, source, date };
    }
    let listing = table::LISTINGS.iter().find(|listing| listing.feature == feature);
    let listed =
        region.is_known() && listing.is_some_and(|listing| !listing.unlisted.contains(&region.as_str()));
    Capability {
        availability: if listed { Availability::Present } else { Availability::Unknown },
        source: table::LISTINGS_SOURCE,
        date: table::LISTINGS_DATE,
    }
}

#[cfg(test)]
mod tests;
