//! What a check takes as given: the profile, the facts of the deployment, the waivers and the day.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::rules::unscoped::is_unscoped;
use crate::waiver::Waiver;

/// How much is asked of a deployment. A rule holds in its own profile and in all stricter ones.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// For a trial: what costs money by the month or hinders tearing down is relaxed, and the report says so.
    Dev,
    /// For production, without what only auditors of regulated workloads ask for.
    #[default]
    Standard,
    /// Everything: own keys everywhere, interface endpoints with policies, WAF, access logs of buckets.
    Hardened,
}

impl Profile {
    /// Every profile, the most lenient first.
    pub const ALL: [Self; 3] = [Self::Dev, Self::Standard, Self::Hardened];

    /// The word in `config.yaml`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Standard => "standard",
            Self::Hardened => "hardened",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = String;

    /// Fails with a message that lists the three words.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a profile: `dev`, `standard` or `hardened`"))
    }
}

/// A route of the REST API that answers without a caller's identity, on purpose.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct PublicRoute {
    /// In capitals, such as `GET`; `ANY` is the method that API Gateway calls so.
    pub method: String,
    /// The path as the OpenAPI document writes it, such as `/docs/{proxy+}`.
    pub path: String,
}

/// What the place of a deployment has, as far as rules ask for it. [`Place::default`] has everything.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and none follows from another")]
pub struct Place<'a> {
    /// The partition, such as `aws-us-gov`. An ARN that names another one is a finding; without a partition, every
    /// ARN that names one is.
    pub partition: Option<&'a str>,
    /// Whether load balancers must use a FIPS policy (GovCloud).
    pub fips: bool,
    /// Whether there is WAF.
    pub waf: bool,
    /// Whether ECS has the deployment circuit breaker.
    pub circuit_breaker: bool,
    /// Whether ECS has Container Insights.
    pub container_insights: bool,
    /// Whether a service, such as `ecr.api`, has an interface endpoint.
    pub endpoint_exists: &'a dyn Fn(&str) -> bool,
}

impl Default for Place<'_> {
    fn default() -> Self {
        Self {
            partition: None,
            fips: false,
            waf: true,
            circuit_breaker: true,
            container_insights: true,
            endpoint_exists: &|_| true,
        }
    }
}

/// What a check takes as given. [`Settings::new`] has the defaults; set what differs.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and none follows from another")]
pub struct Settings<'a> {
    /// Which rules refuse, and which are only reported as relaxed.
    pub profile: Profile,
    /// The day the check is for: waivers that ended before it no longer count.
    pub today: Date,
    /// Whether the templates are the whole deployment. If not, a waiver that matches nothing is no finding, for
    /// what it speaks of may lie in a template that is not there.
    pub whole: bool,
    /// Whether data may go with its stack (`removalPolicy: destroy`): then nothing need be hard to delete.
    pub disposable: bool,
    /// Whether a load balancer is meant to be reached from the internet: only then may port 443 be open to all.
    pub internet_facing: bool,
    /// Whether the configuration names a permissions boundary: then every role must carry one.
    pub permissions_boundary: bool,
    /// What the partition and the region have.
    pub place: Place<'a>,
    /// Whether an action, such as `ecr:GetAuthorizationToken`, can only be granted on `Resource: "*"`.
    pub unscoped_actions: &'a dyn Fn(&str) -> bool,
    /// Action wildcards that were reviewed and are accepted, such as `s3:List*`. None by default.
    pub reviewed_wildcards: &'a [&'a str],
    /// Routes of the REST API that need no authorizer. None by default.
    pub public_routes: &'a [PublicRoute],
    /// Findings that are accepted for a while.
    pub waivers: &'a [Waiver],
}

impl Settings<'_> {
    /// The whole private deployment in a partition that has every service, with nothing waived.
    pub fn new(profile: Profile, today: Date) -> Self {
        Self {
            profile,
            today,
            whole: true,
            disposable: false,
            internet_facing: false,
            permissions_boundary: false,
            place: Place::default(),
            unscoped_actions: &is_unscoped,
            reviewed_wildcards: &[],
            public_routes: &[],
            waivers: &[],
        }
    }
}
