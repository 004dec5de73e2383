//! The top level of one environment: every key of a flat file, or of the block that `env` selects.

use super::api_gateway::ApiGatewayConfig;
use super::auth::AuthConfig;
use super::banner::SystemBanner;
use super::litellm::LitellmFile;
use super::model::EcsModelFile;
use super::network::{SecurityGroupConfig, Subnet};
use super::permissions_boundary::PermissionsBoundaryAspect;
use super::python::PypiConfig;
use super::rag::{RagFileProcessingConfig, RagRepositoryFile};
use super::rest_api::RestApiFile;
use super::roles::Roles;
use super::tag::Tag;
use super::waiver::PolicyWaiver;
use crate::words::{self, AbsolutePath, BootstrapQualifier, EmailAddress, HttpUrl};
use lisa_names::{AccountId, AppName, BucketName, DeploymentName, ParameterName, Region, StageName, VpcId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One LISA deployment.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Environment")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the file")]
pub(crate) struct EnvironmentFile {
    /// Number of the AWS account to deploy to, in quotes so that a leading zero stays.
    #[schemars(schema_with = "words::account_id")]
    pub(crate) account_number: AccountId,
    /// Region to deploy to. Partition and domain follow from it.
    #[schemars(schema_with = "words::region")]
    pub(crate) region: Region,
    /// Partition of the region, as 6.x has it. Derived; an error if it does not fit the region.
    #[expect(dead_code, reason = "a rule holds it against the region; what counts is the region")]
    pub(crate) partition: Option<String>,
    /// Domain of the partition's endpoints, as 6.x has it. Derived; an error if it does not fit the region.
    #[expect(dead_code, reason = "a rule holds it against the region; what counts is the region")]
    pub(crate) domain: Option<String>,
    /// Name of this deployment: the first part of stack, table and function names.
    #[serde(default = "words::prod_deployment")]
    #[schemars(schema_with = "words::deployment_name")]
    pub(crate) deployment_name: DeploymentName,
    /// Stage of this deployment: last part of stack names, and stage of the REST API.
    #[serde(default = "words::prod_stage")]
    #[schemars(schema_with = "words::stage_name")]
    pub(crate) deployment_stage: StageName,
    /// Name of the application: middle part of stack names.
    #[serde(default = "words::lisa_app")]
    #[schemars(schema_with = "words::app_name")]
    pub(crate) app_name: AppName,
    /// Path of every Systems Manager parameter. Not given: `/<deploymentStage>/<deploymentName>/<appName>`.
    #[serde(default)]
    #[schemars(schema_with = "words::parameter_name")]
    pub(crate) deployment_prefix: Option<ParameterName>,
    /// Profile of the AWS configuration files that deploys. Not given: the default credentials.
    #[serde(default)]
    pub(crate) profile: String,
    /// What happens to data when a stack is deleted. `retain` also protects load balancers from deletion.
    #[serde(default)]
    pub(crate) removal_policy: RemovalPolicy,
    /// Existing bucket that holds the model weights.
    #[schemars(schema_with = "words::bucket_name")]
    pub(crate) s3_bucket_models: BucketName,
    /// How strict the deployment is: which optional protections are on, and what they cost.
    #[serde(default)]
    pub(crate) security_profile: SecurityProfile,
    /// Least severe message that services log.
    #[serde(default)]
    pub(crate) log_level: LogLevel,
    /// Address that alarms are sent to. Not given: alarms are only shown in CloudWatch.
    pub(crate) alarm_email: Option<EmailAddress>,
    /// The OpenID Connect provider that says who may use and who may administer LISA.
    pub(crate) auth_config: Option<AuthConfig>,

    /// Existing VPC to deploy into. Not given: one is made.
    #[serde(default)]
    #[schemars(schema_with = "words::vpc_id")]
    pub(crate) vpc_id: Option<VpcId>,
    /// Subnets of the existing VPC to use. Not given: they are asked for at deploy time.
    #[serde(default)]
    pub(crate) subnets: Vec<Subnet>,
    /// Number of availability zones of a VPC that is made.
    #[serde(default = "two")]
    #[schemars(range(min = 2, max = 6))]
    pub(crate) max_azs: u8,
    /// Existing security groups to use instead of new ones.
    pub(crate) security_group_config: Option<SecurityGroupConfig>,
    /// Whether the REST API is reachable from inside the VPC only.
    #[serde(default)]
    pub(crate) private_endpoints: bool,
    /// Existing IAM roles to use instead of new ones.
    #[serde(default)]
    pub(crate) roles: Roles,
    /// The permissions boundary of every role, and the prefixes of IAM names.
    pub(crate) permissions_boundary_aspect: Option<PermissionsBoundaryAspect>,
    /// Qualifier of the bootstrapped bucket and roles, where several share an account.
    pub(crate) bootstrap_qualifier: Option<BootstrapQualifier>,
    /// Prefix of the names of the bootstrapped roles.
    pub(crate) bootstrap_role_prefix: Option<words::NamePrefix>,
    /// Existing bucket that takes templates and packages. Not given: `lisa bootstrap` makes one.
    #[serde(default)]
    #[schemars(schema_with = "words::bucket_name")]
    pub(crate) asset_bucket: Option<BucketName>,
    /// First part of the names of the repositories that take LISA's images, which then exist already:
    /// `<prefix>/lisa-serve`, `<prefix>/lisa-weights`. Not given: `lisa bootstrap` makes them.
    pub(crate) image_repository_prefix: Option<words::RepositoryPrefix>,
    /// Certificate bundle that containers trust, as a path inside them. For isolated partitions.
    #[serde(default)]
    pub(crate) certificate_authority_bundle: String,
    /// Tags on every resource. Not given: deployment, stage, region and version.
    #[schemars(length(max = 40))]
    pub(crate) tags: Option<Vec<Tag>>,
    /// Security controls that may stay unmet.
    #[serde(default)]
    pub(crate) policy_waivers: Vec<PolicyWaiver>,

    /// Whether the serve API is deployed.
    #[serde(default = "yes")]
    pub(crate) deploy_serve: bool,
    /// Whether the chat back end is deployed.
    #[serde(default = "yes")]
    pub(crate) deploy_chat: bool,
    /// Whether the web page is deployed. It needs the chat back end.
    #[serde(default = "yes")]
    pub(crate) deploy_ui: bool,
    /// Whether retrieval-augmented generation is deployed: vector stores, ingest, search.
    #[serde(default)]
    pub(crate) deploy_rag: bool,

    /// The serve API: hosts, load balancer, authentication, rate limits.
    #[serde(default)]
    pub(crate) rest_api_config: RestApiFile,
    /// Custom domain of the web page and the REST API.
    #[serde(default)]
    pub(crate) api_gateway_config: ApiGatewayConfig,
    /// Origins that browsers may call the APIs from, joined by commas. `*`: any.
    #[serde(default = "words::any_origin")]
    #[schemars(regex(pattern = r"^(\*|https?://[^\s,]+(\s*,\s*https?://[^\s,]+)*)$"),
        extend("x-expected" = "`*`, or origins such as `https://lisa.example.com` joined by commas"))]
    pub(crate) cors_allowed_origins: String,
    /// Vector stores, each a repository.
    #[serde(default)]
    pub(crate) rag_repositories: Vec<RagRepositoryFile>,
    /// How documents are cut into chunks. Needed with `deployRag`.
    pub(crate) rag_file_processing_config: Option<RagFileProcessingConfig>,
    /// Models that LISA hosts.
    #[serde(default)]
    pub(crate) ecs_models: Vec<EcsModelFile>,
    /// Models that live elsewhere, and the options of LiteLLM that the gateway honours.
    #[serde(default)]
    pub(crate) litellm_config: LitellmFile,

    /// Registries of other accounts that images are pulled from: account numbers in quotes.
    #[serde(default)]
    #[schemars(schema_with = "words::account_ids")]
    pub(crate) account_numbers_ecr: Vec<AccountId>,
    /// The Python package index that image builds use.
    #[serde(default)]
    pub(crate) pypi_config: PypiConfig,
    /// The Conda channel that image builds use.
    #[serde(default)]
    #[schemars(schema_with = "words::optional_url")]
    pub(crate) conda_url: Option<HttpUrl>,
    /// Where hosts mount their local NVMe disk.
    #[serde(default = "words::nvme")]
    pub(crate) nvme_host_mount_path: AbsolutePath,
    /// Where model containers see the host's NVMe disk.
    #[serde(default = "words::nvme")]
    pub(crate) nvme_container_mount_path: AbsolutePath,
    /// Directory of a web page built by other means. Not given: the one that comes with LISA.
    pub(crate) web_app_assets_path: Option<String>,
    /// The banner at the top and at the bottom of the web page.
    pub(crate) system_banner: Option<SystemBanner>,
}

/// What happens to data when a stack is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RemovalPolicy {
    /// It is deleted.
    #[default]
    Destroy,
    /// It is kept.
    Retain,
}

/// Least severe message that is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens.
    #[default]
    Info,
    /// What may be wrong.
    Warning,
    /// What is wrong.
    Error,
}

impl LogLevel {
    /// The level's name in config files and environment variables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

/// How strict the deployment is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecurityProfile {
    /// Cheapest: single zones, short retention.
    Dev,
    /// Encrypted, logged, alarmed.
    #[default]
    Standard,
    /// Own keys, longest retention, every optional protection.
    Hardened,
}

fn yes() -> bool {
    true
}

fn two() -> u8 {
    2
}
