//! The validated configuration: what every stack is made from.

use crate::locate::{Location, Places};
use crate::section::api_gateway::ApiGatewayConfig;
use crate::section::auth::AuthConfig;
use crate::section::banner::SystemBanner;
use crate::section::environment::{LogLevel, RemovalPolicy, SecurityProfile};
use crate::section::litellm::LitellmConfig;
use crate::section::model::{EcsModel, HostedModel};
use crate::section::network::{SecurityGroupConfig, Subnet};
use crate::section::permissions_boundary::PermissionsBoundaryAspect;
use crate::section::python::PypiConfig;
use crate::section::rag::{RagFileProcessingConfig, RagRepository};
use crate::section::rest_api::RestApiConfig;
use crate::section::roles::Roles;
use crate::section::tag::Tag;
use crate::section::waiver::PolicyWaiver;
use crate::words::{AbsolutePath, BootstrapQualifier, EmailAddress, HttpUrl, NamePrefix, RepositoryPrefix};
use lisa_names::{
    AccountId, AppName, BucketName, DeploymentName, ParameterName, Partition, Region, StageName, VpcId,
};
use serde::Serialize;

/// One LISA deployment, validated, with every default filled in.
///
/// It is only made by [`crate::load()`]. Field names are the file's keys in snake case, nested as in the file.
/// `Serialize` gives the effective configuration, with secrets redacted.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the file")]
pub struct Config {
    /// Name of the environment block, or `None` for a flat file.
    pub env: Option<String>,
    /// The account to deploy to.
    pub account_number: AccountId,
    /// The region to deploy to.
    pub region: Region,
    /// The region's partition.
    pub partition: Partition,
    /// Domain of the partition's endpoints, such as `amazonaws.com`.
    pub domain: String,
    /// First part of stack, table and function names.
    pub deployment_name: DeploymentName,
    /// Last part of stack names, and stage of the REST API.
    pub deployment_stage: StageName,
    /// Middle part of stack names.
    pub app_name: AppName,
    /// Path of every Systems Manager parameter, such as `/prod/demo/lisa`: no slash at the end.
    pub deployment_prefix: ParameterName,
    /// Profile of the AWS configuration files. `None`: the default credentials.
    pub profile: Option<String>,
    /// What happens to data when a stack is deleted.
    pub removal_policy: RemovalPolicy,
    /// Existing bucket that holds the model weights.
    pub s3_bucket_models: BucketName,
    /// How strict the deployment is.
    pub security_profile: SecurityProfile,
    /// Least severe message that services log.
    pub log_level: LogLevel,
    /// Address that alarms are sent to.
    pub alarm_email: Option<EmailAddress>,
    /// The OpenID Connect provider. `Some` whenever chat, RAG or the web page is deployed.
    pub auth_config: Option<AuthConfig>,
    /// Existing VPC to deploy into.
    pub vpc_id: Option<VpcId>,
    /// Subnets of the existing VPC. Empty with a `vpc_id`: they are asked for at deploy time.
    pub subnets: Vec<Subnet>,
    /// Number of availability zones of a VPC that is made: 2 to 6.
    pub max_azs: u8,
    /// Existing security groups to use instead of new ones.
    pub security_group_config: Option<SecurityGroupConfig>,
    /// Whether the REST API is reachable from inside the VPC only.
    pub private_endpoints: bool,
    /// Existing IAM roles to use instead of new ones.
    pub roles: Roles,
    /// The permissions boundary of every role, and the prefixes of IAM names.
    pub permissions_boundary_aspect: Option<PermissionsBoundaryAspect>,
    /// Qualifier of the bootstrapped bucket and roles.
    pub bootstrap_qualifier: Option<BootstrapQualifier>,
    /// Prefix of the names of the bootstrapped roles.
    pub bootstrap_role_prefix: Option<NamePrefix>,
    /// Existing bucket that takes templates and packages, instead of the bootstrapped one.
    pub asset_bucket: Option<BucketName>,
    /// First part of the names of existing repositories of LISA's images, instead of bootstrapped ones.
    pub image_repository_prefix: Option<RepositoryPrefix>,
    /// Path, inside containers, of the certificate bundle that they trust.
    pub certificate_authority_bundle: Option<String>,
    /// Tags on every resource; derived when the file gives none.
    pub tags: Vec<Tag>,
    /// Security controls that may stay unmet.
    pub policy_waivers: Vec<PolicyWaiver>,
    /// Whether the serve API is deployed.
    pub deploy_serve: bool,
    /// Whether the chat back end is deployed.
    pub deploy_chat: bool,
    /// Whether the web page is deployed.
    pub deploy_ui: bool,
    /// Whether retrieval-augmented generation is deployed.
    pub deploy_rag: bool,
    /// The serve API.
    pub rest_api_config: RestApiConfig,
    /// Custom domain of the web page and the REST API.
    pub api_gateway_config: ApiGatewayConfig,
    /// Origins that browsers may call the APIs from; `*` alone is any.
    pub cors_allowed_origins: Vec<String>,
    /// Vector stores. Ids are unique whatever their case.
    pub rag_repositories: Vec<RagRepository>,
    /// How documents are cut into chunks.
    pub rag_file_processing_config: RagFileProcessingConfig,
    /// Models of the config file, hosted or not. Ids are unique whatever their case.
    pub ecs_models: Vec<EcsModel>,
    /// Models that live elsewhere, and the options of LiteLLM.
    pub litellm_config: LitellmConfig,
    /// Registries of other accounts that images are pulled from.
    pub account_numbers_ecr: Vec<AccountId>,
    /// The Python package index that image builds use.
    pub pypi_config: PypiConfig,
    /// The Conda channel that image builds use.
    pub conda_url: Option<HttpUrl>,
    /// Where hosts mount their local NVMe disk.
    pub nvme_host_mount_path: AbsolutePath,
    /// Where model containers see the host's NVMe disk.
    pub nvme_container_mount_path: AbsolutePath,
    /// Directory of a web page built by other means.
    pub web_app_assets_path: Option<String>,
    /// The banner at the top and at the bottom of the web page.
    pub system_banner: Option<SystemBanner>,
    /// Private, so that nothing outside this crate can make a `Config`.
    #[serde(skip)]
    pub(crate) places: Places,
}

impl Config {
    /// Where a value comes from: config path (`ragRepositories[0].type`) to file, line and column.
    ///
    /// A path that the file does not have gives the place of its nearest parent that it has; `None` when not even
    /// the first key is there, because a default stands in.
    pub fn locate(&self, path: &str) -> Option<Location> {
        self.places.locate(path)
    }

    /// The models that get a stack each, in the order of the file.
    pub fn hosted_models(&self) -> impl Iterator<Item = &HostedModel> {
        self.ecs_models.iter().filter_map(|model| model.hosting.as_ref())
    }
}
