//! The session that all calls share: region, credentials, endpoints and HTTP client, found where the AWS CLI finds them.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};

use crate::wire::{Wire, WireError};

/// Names a file of certificate authorities, as for the AWS CLI.
const BUNDLE_VARIABLE: &str = "AWS_CA_BUNDLE";

/// How long an SDK call may take from its first byte to its answer. Calls that move files set their own.
const CALL_LIMIT: Duration = Duration::from_mins(1);

/// What is known before anything is looked up. `None` leaves it to environment and profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The profile in `~/.aws`.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// A file of certificate authorities in PEM, beside the machine's own; `AWS_CA_BUNDLE` comes first.
    pub certificates: Option<PathBuf>,
    /// Whether FIPS endpoints are asked for; `AWS_USE_FIPS_ENDPOINT` and the profile may ask too.
    pub fips: bool,
}

/// Region, credentials, endpoints and HTTP client of one caller.
#[derive(Clone, Debug)]
pub struct Session {
    config: SdkConfig,
    wire: Wire,
}

impl Session {
    /// Finds everything. Credentials are found with the first call that needs them.
    pub async fn load(options: Options) -> Result<Self, WireError> {
        let bundle = env::var_os(BUNDLE_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let wire = Wire::new(bundle.or(options.certificates).as_deref())?;
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(wire.http_client())
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(CALL_LIMIT).build());
        if let Ok(name) = AppName::new("lisa") {
            loader = loader.app_name(name);
        }
        if let Some(profile) = options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = options.region {
            loader = loader.region(Region::new(region));
        }
        if options.fips {
            loader = loader.use_fips(true);
        }
        Ok(Self { config: loader.load().await, wire })
    }

    /// A session of parts that are known: what a test needs, or a service that has its own way to credentials.
    pub fn from_parts(config: &SdkConfig, wire: Wire) -> Self {
        let config = config.to_builder().http_client(wire.http_client()).build();
        Self { config, wire }
    }

    /// A session of no account, for a process that speaks to no AWS: every signed call fails for want of credentials.
    pub fn without_account(wire: Wire) -> Self {
        Self { config: SdkConfig::builder().behavior_version(BehaviorVersion::v2026_01_12()).build(), wire }
    }

    /// What the SDK's crates make their clients from. Their own retries are off.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The HTTP client.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// The region, where one is known.
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(AsRef::as_ref)
    }
}
