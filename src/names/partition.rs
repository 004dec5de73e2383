//! The eight AWS partitions and the facts that differ between them: suffixes, regions, endpoints, log delivery.
//!
//! Facts come from the table that `cargo xtask regen` writes from `schemas/partitions/partitions.json`.

pub mod capability;
pub mod endpoint;

mod table;

use std::fmt;

use crate::error::NameError;
use crate::nearest::nearest;

/// One of AWS's partitions: a set of regions that share accounts, ARNs and a domain, and nothing with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Partition {
    /// `aws`: the commercial regions.
    Aws,
    /// `aws-cn`: China.
    AwsCn,
    /// `aws-eusc`: the European Sovereign Cloud.
    AwsEusc,
    /// `aws-iso`: an isolated partition of the United States.
    AwsIso,
    /// `aws-iso-b`: an isolated partition of the United States.
    AwsIsoB,
    /// `aws-iso-e`: an isolated partition in Europe.
    AwsIsoE,
    /// `aws-iso-f`: an isolated partition of the United States.
    AwsIsoF,
    /// `aws-us-gov`: GovCloud.
    AwsUsGov,
}

/// What the table says of one partition.
struct Facts {
    id: &'static str,
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
    /// What comes before the last two parts of a region's name: `us`, `us-gov`, `eusc-de`.
    region_prefixes: &'static [&'static str],
    region_regex: &'static str,
    regions: &'static [&'static str],
    console_host: Option<&'static str>,
    /// Whether botocore lists FIPS endpoints of Elastic Load Balancing.
    fips_load_balancers: bool,
}

impl Partition {
    /// Every partition, in the order of their ids.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsEusc,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
        Self::AwsUsGov,
    ];

    /// The partition whose pattern a region's name matches; always one for a [`crate::Region`].
    pub fn of(region: impl AsRef<str>) -> Option<Self> {
        let region = region.as_ref();
        Self::ALL.into_iter().find(|partition| partition.names(region))
    }

    /// Whether this partition's pattern, `^prefix-word-digits$`, matches a region's name.
    fn names(self, region: &str) -> bool {
        self.facts().region_prefixes.iter().any(|prefix| {
            let parts = region.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
            parts.and_then(|rest| rest.split_once('-')).is_some_and(|(word, number)| {
                let lower_or_digit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
                !word.is_empty()
                    && word.chars().all(lower_or_digit)
                    && !number.is_empty()
                    && number.chars().all(|c| c.is_ascii_digit())
            })
        })
    }

    fn facts(self) -> &'static Facts {
        &table::PARTITIONS[self as usize]
    }

    /// The id, as ARNs have it: `aws-us-gov`.
    pub fn id(self) -> &'static str {
        self.facts().id
    }

    /// What an ARN of this partition begins with: `arn:aws-us-gov`.
    pub fn arn_prefix(self) -> String {
        format!("arn:{}", self.id())
    }

    /// The domain of the partition's service endpoints: `amazonaws.com.cn`.
    pub fn dns_suffix(self) -> &'static str {
        self.facts().dns_suffix
    }

    /// The domain of endpoints that answer over IPv4 and IPv6: `api.aws`.
    pub fn dual_stack_dns_suffix(self) -> &'static str {
        self.facts().dual_stack_dns_suffix
    }

    /// AWS's own regular expression for the names of its regions.
    pub fn region_regex(self) -> &'static str {
        self.facts().region_regex
    }

    /// The regions known when the table was made, sorted.
    pub fn regions(self) -> &'static [&'static str] {
        self.facts().regions
    }

    /// The host of the web console, or `None` where it is not public.
    pub fn console_host(self) -> Option<&'static str> {
        self.facts().console_host
    }

    /// The policy by which a load balancer speaks TLS 1.2 and 1.3 with forward secrecy and nothing older.
    pub fn load_balancer_tls_policy(self) -> &'static str {
        "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    }

    /// The same by FIPS 140-3 modules, or `None` where the partition's load balancing lists no FIPS endpoint.
    pub fn fips_load_balancer_tls_policy(self) -> Option<&'static str> {
        self.facts().fips_load_balancers.then_some("ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04")
    }

    /// Whether the partition has no way to the internet: the four isolated ones.
    ///
    /// Package indexes, public registries and a certificate bundle hang on this. What a service offers does not:
    /// ask [`crate::capability`].
    pub fn is_isolated(self) -> bool {
        matches!(self, Self::AwsIso | Self::AwsIsoB | Self::AwsIsoE | Self::AwsIsoF)
    }
}

/// The principal of a service in a trust or resource policy: `lambda` gives `lambda.amazonaws.com`.
///
/// It is the same in every partition, whatever the DNS suffix: CDK's `region-info` states so and deprecated its
/// table of exceptions. Regional principals are only for calls across regions, which LISA does not make.
pub fn service_principal(service: &str) -> String {
    format!("{service}.amazonaws.com")
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl AsRef<str> for Partition {
    fn as_ref(&self) -> &str {
        self.id()
    }
}

impl From<Partition> for String {
    fn from(partition: Partition) -> Self {
        partition.id().to_owned()
    }
}

impl TryFrom<String> for Partition {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl std::str::FromStr for Partition {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|partition| partition.id() == text);
        found.ok_or_else(|| {
            let ids = Self::ALL.map(Self::id);
            let allowed = format!("partitions are {}", ids.join(", "));
            let error = NameError::new("a partition", text, "AWS has none of this name".to_owned(), allowed);
            match nearest(text, ids) {
                Some(near) => error.with_help(format!("Did you mean `{near}`?")),
                None => error,
            }
        })
    }
}

#[cfg(test)]
mod tests;
