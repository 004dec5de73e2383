//! `restApiConfig`: the serve API, which answers OpenAI-compatible requests behind a load balancer.

use super::auto_scaling::AutoScalingConfig;
use super::container::{ContainerConfig, ContainerFile};
use super::image::ImageFile;
use super::load_balancer::LoadBalancerConfig;
use crate::words::{self, CertificateArn};
use lisa_names::{DomainName, InstanceType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The serve API: hosts, load balancer, authentication, rate limits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RestApiConfig {
    /// Instance type of the hosts.
    pub instance_type: InstanceType,
    /// Whether the load balancer is reachable from the internet.
    pub internet_facing: bool,
    /// Whether requests need a token or key, on an internal load balancer as well.
    pub authentication_enabled: bool,
    /// The gateway's container. Its image is `None` unless the file names one of its own.
    pub container_config: ContainerConfig,
    /// How many hosts run.
    pub auto_scaling_config: AutoScalingConfig,
    /// Certificate, domain and health check.
    pub load_balancer_config: LoadBalancerConfig,
    /// Whether requests are limited at all.
    pub rate_limit_enabled: bool,
    /// Requests per minute and caller.
    pub rate_limit_rpm: u32,
    /// Requests that may come at once beyond the steady rate.
    pub rate_limit_burst: u32,
    /// Other limits for named callers: `token:<uuid>`, `oidc:<subject>`, `user:<name>`.
    pub rate_limit_overrides: BTreeMap<String, RateLimit>,
}

/// The serve API: hosts, load balancer, authentication, rate limits.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(rename = "RestApiConfig")]
pub(crate) struct RestApiFile {
    /// Version of the API: the first segment of its paths.
    pub(crate) api_version: ApiVersion,
    /// Instance type of the hosts.
    #[schemars(schema_with = "words::instance_type")]
    pub(crate) instance_type: InstanceType,
    /// Whether the load balancer is reachable from the internet.
    pub(crate) internet_facing: bool,
    /// Whether requests need a token or key, on an internal load balancer as well.
    pub(crate) authentication_enabled: bool,
    /// The gateway's container.
    pub(crate) container_config: ContainerFile,
    /// How many hosts run, and what makes it more or fewer.
    pub(crate) auto_scaling_config: AutoScalingConfig,
    /// Certificate, domain and health check of the load balancer.
    pub(crate) load_balancer_config: LoadBalancerConfig,
    /// Certificate for HTTPS, as 6.x places it. The same as `loadBalancerConfig.sslCertIamArn`.
    pub(crate) ssl_cert_iam_arn: Option<CertificateArn>,
    /// Custom domain, as 6.x places it. The same as `loadBalancerConfig.domainName`.
    #[schemars(schema_with = "words::domain_name")]
    pub(crate) domain_name: Option<DomainName>,
    /// The gateway's image, as 6.x places it. The same as `containerConfig.image`.
    pub(crate) image_config: Option<ImageFile>,
    /// Whether requests are limited at all.
    pub(crate) rate_limit_enabled: bool,
    /// Requests per minute and caller.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) rate_limit_rpm: u32,
    /// Requests that may come at once beyond the steady rate.
    #[schemars(range(min = 1, max = 100_000))]
    pub(crate) rate_limit_burst: u32,
    /// Other limits for named callers: `token:<uuid>`, `oidc:<subject>` or `user:<name>`.
    #[schemars(extend("propertyNames" = {
        "pattern": "^(token|oidc|user):.+$", "x-expected": "`token:<uuid>`, `oidc:<subject>` or `user:<name>`"
    }))]
    pub(crate) rate_limit_overrides: BTreeMap<String, RateLimit>,
}

/// Version of the serve API.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ApiVersion {
    /// Paths start with `/v2`.
    #[default]
    V2,
}

/// Limits of one caller. What is not given is as for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimit {
    /// Requests per minute.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub rpm: Option<u32>,
    /// Requests that may come at once beyond the steady rate.
    #[schemars(range(min = 1, max = 100_000))]
    pub burst: Option<u32>,
}

impl Default for RestApiFile {
    fn default() -> Self {
        Self {
            api_version: ApiVersion::default(),
            instance_type: words::default_host(),
            internet_facing: true,
            authentication_enabled: true,
            container_config: ContainerFile::default(),
            auto_scaling_config: AutoScalingConfig::default(),
            load_balancer_config: LoadBalancerConfig::default(),
            ssl_cert_iam_arn: None,
            domain_name: None,
            image_config: None,
            rate_limit_enabled: true,
            rate_limit_rpm: 60,
            rate_limit_burst: 10,
            rate_limit_overrides: BTreeMap::new(),
        }
    }
}

impl RestApiFile {
    pub(crate) fn resolve(self) -> RestApiConfig {
        let mut container_config = self.container_config;
        container_config.image = container_config.image.or(self.image_config);
        let mut load_balancer_config = self.load_balancer_config;
        load_balancer_config.ssl_cert_iam_arn =
            load_balancer_config.ssl_cert_iam_arn.or(self.ssl_cert_iam_arn);
        load_balancer_config.domain_name = load_balancer_config.domain_name.or(self.domain_name);
        RestApiConfig {
            instance_type: self.instance_type,
            internet_facing: self.internet_facing,
            authentication_enabled: self.authentication_enabled,
            container_config: container_config.resolve_gateway(),
            auto_scaling_config: self.auto_scaling_config,
            load_balancer_config,
            rate_limit_enabled: self.rate_limit_enabled,
            rate_limit_rpm: self.rate_limit_rpm,
            rate_limit_burst: self.rate_limit_burst,
            rate_limit_overrides: self.rate_limit_overrides,
        }
    }
}
