//! Text values with a shape: ids, names and paths whose spelling AWS or LISA constrains.
//!
//! A word is only ever made by deserializing a file that the schema has accepted, so the pattern written here is
//! the single statement of what may stand in it: the validator, the editor and the error message all read it.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Declares a text type: its pattern, its longest length, and how to say the pattern to a person.
macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident { pattern: $pattern:literal, max: $max:literal, expected: $expected:literal })+) => {$(
        $(#[$doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "maxLength": $max,
                    "x-expected": $expected,
                })
            }
        }
    )+};
}

words! {
    /// IPv4 address range in CIDR form.
    Ipv4Cidr { pattern: "^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])/(1[6-9]|2[0-8])$", max: 18,
        expected: "an IPv4 range such as `10.0.0.0/26`, between /16 and /28" }
    /// Name of an availability zone, such as `us-east-1a`.
    AvailabilityZone { pattern: "^[a-z]{2,4}(-[a-z0-9]+)+-[0-9]+[a-z]$", max: 32,
        expected: "the name of an availability zone such as `us-east-1a`" }
    /// Host name or address of a database or search domain, without scheme and path.
    HostName { pattern: "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", max: 253,
        expected: "a host name without `https://`, port and path" }
    /// ARN of an IAM server certificate or of an ACM certificate.
    CertificateArn { pattern: "^arn:aws[a-z-]*:(iam::[0-9]{12}:server-certificate/.+|acm:[a-z0-9-]+:[0-9]{12}:certificate/.+)$", max: 2048,
        expected: "the ARN of an IAM server certificate or of an ACM certificate" }
    /// ARN of a repository in the Elastic Container Registry.
    EcrRepositoryArn { pattern: "^arn:aws[a-z-]*:ecr:[a-z0-9-]+:[0-9]{12}:repository/[a-z0-9][a-z0-9._/-]*$", max: 2048,
        expected: "the ARN of an ECR repository, such as `arn:aws:ecr:us-east-1:123456789012:repository/name`" }
    /// Reference to a container image, such as `ghcr.io/huggingface/text-generation-inference:2.0.1`.
    ImageReference { pattern: "^[A-Za-z0-9][A-Za-z0-9._:/@-]*$", max: 512,
        expected: "an image reference such as `registry/name:tag`, without spaces and scheme" }
    /// Tag of a container image.
    ImageTag { pattern: "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", max: 128,
        expected: "at most 128 letters, digits, dots, underscores and hyphens" }
    /// Prefix of the physical names of roles, policies or instance profiles.
    NamePrefix { pattern: "^[A-Za-z0-9+=,.@_-]*$", max: 20,
        expected: "at most 20 letters, digits and `+=,.@_-`" }
    /// Qualifier of a bootstrapped environment, part of its bucket's and roles' names.
    BootstrapQualifier { pattern: "^[a-z0-9]{1,10}$", max: 10,
        expected: "1 to 10 lower-case letters and digits" }
    /// Beginning of the names of repositories in the Elastic Container Registry, without a slash at its end.
    RepositoryPrefix { pattern: "^[a-z0-9]+([._/-][a-z0-9]+)*$", max: 200,
        expected: "lower-case letters and digits, with single dots, underscores, hyphens and slashes between them" }
    /// Instance type of an OpenSearch domain, such as `r6g.large.search`.
    SearchInstanceType { pattern: "^[a-z][a-z0-9-]*\\.[a-z0-9]+\\.search$", max: 40,
        expected: "an OpenSearch instance type such as `r6g.large.search`" }
    /// Name or ARN of a secret in Secrets Manager.
    SecretId { pattern: "^[A-Za-z0-9/_+=.@!:-]+$", max: 2048,
        expected: "the name or ARN of a secret in Secrets Manager" }
    /// Name of a PostgreSQL user or database.
    DatabaseWord { pattern: "^[A-Za-z_][A-Za-z0-9_]*$", max: 63,
        expected: "a letter or underscore, then letters, digits and underscores, at most 63" }
    /// URL with scheme `http` or `https`.
    HttpUrl { pattern: "^https?://[^\\s/?#]+[^\\s]*$", max: 2048,
        expected: "a URL that starts with `https://` or `http://`" }
    /// Absolute path of a directory.
    AbsolutePath { pattern: "^/[A-Za-z0-9._/-]*$", max: 255,
        expected: "an absolute path such as `/nvme`" }
    /// E-mail address.
    EmailAddress { pattern: "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", max: 254,
        expected: "an e-mail address such as `ops@example.com`" }
    /// Calendar day, such as `2027-06-30`.
    Day { pattern: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", max: 10,
        expected: "a day such as `2027-06-30`" }
    /// A colour as CSS writes it: a name or `#rrggbb`.
    Colour { pattern: "^([A-Za-z]+|#[0-9A-Fa-f]{3}|#[0-9A-Fa-f]{6}|rgba?\\([0-9., %]+\\))$", max: 64,
        expected: "a CSS colour such as `orange` or `#ff9900`" }
}

impl HttpUrl {
    pub(crate) fn without_slash(self) -> Self {
        Self(self.0.strip_suffix('/').map_or(self.0.clone(), str::to_owned))
    }
}

impl ImageTag {
    /// The tag of an image that names none.
    pub(crate) fn latest() -> Self {
        Self("latest".to_owned())
    }
}

/// Schemas of the words that `lisa-names` owns: its patterns, narrowed to what its constructors accept, so that a
/// text the schema takes is never refused later.
macro_rules! named {
    ($($function:ident { pattern: $pattern:expr, min: $min:literal, max: $max:literal, expected: $expected:literal })+) => {$(
        pub(crate) fn $function(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "type": "string",
                "pattern": $pattern,
                "minLength": $min,
                "maxLength": $max,
                "x-expected": $expected,
            })
        }
    )+};
}

named! {
    deployment_name { pattern: lisa_names::DeploymentName::PATTERN, min: 1, max: 32,
        expected: "1 to 32 letters, digits and hyphens, from a letter to a letter or digit" }
    app_name { pattern: lisa_names::AppName::PATTERN, min: 1, max: 32,
        expected: "1 to 32 letters, digits and hyphens, neither first nor last a hyphen" }
    // The stage is the first part of the parameter prefix, where Systems Manager reserves two words.
    stage_name { pattern: "^(?![aA][wW][sS]|[sS][sS][mM])[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$", min: 1, max: 32,
        expected: "1 to 32 letters, digits and hyphens, neither first nor last a hyphen, not starting with `aws` or `ssm`" }
    parameter_name { pattern: "^(?!/([aA][wW][sS]|[sS][sS][mM]))(/[A-Za-z0-9_.-]+){1,15}$", min: 2, max: 500,
        expected: "a path such as `/prod/demo/lisa` that does not start with `aws` or `ssm`" }
    bucket_name { pattern: "^(?!.*\\.\\.)(?!(xn--|sthree-|amzn-s3-demo-))(?!.*(-s3alias|--ol-s3|\\.mrap|--x-s3|--table-s3)$)(?![0-9.]+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", min: 3, max: 63,
        expected: "3 to 63 lower-case letters, digits, dots and hyphens, starting and ending with a letter or digit" }
    vpc_id { pattern: lisa_names::VpcId::PATTERN, min: 12, max: 21,
        expected: "`vpc-` and 8 or 17 hexadecimal digits" }
    subnet_id { pattern: lisa_names::SubnetId::PATTERN, min: 15, max: 24,
        expected: "`subnet-` and 8 or 17 hexadecimal digits" }
    security_group_id { pattern: lisa_names::SecurityGroupId::PATTERN, min: 11, max: 20,
        expected: "`sg-` and 8 or 17 hexadecimal digits" }
    domain_name { pattern: lisa_names::DomainName::PATTERN, min: 3, max: 253,
        expected: "a host name such as `lisa.example.com`, without `https://` and path" }
    repository_id { pattern: lisa_names::RepositoryId::PATTERN, min: 3, max: 20,
        expected: "3 to 20 lower-case letters, digits and hyphens, neither first nor last a hyphen" }
    model_id { pattern: lisa_names::ModelId::PATTERN, min: 1, max: 63,
        expected: "1 to 63 letters, digits and hyphens, neither first nor last a hyphen" }
    role_name { pattern: lisa_names::RoleName::PATTERN, min: 1, max: 64,
        expected: "1 to 64 letters, digits and `_+=,.@-`: a role's name, not its ARN" }
    policy_name { pattern: lisa_names::PolicyName::PATTERN, min: 1, max: 128,
        expected: "1 to 128 letters, digits and `_+=,.@-`: a policy's name, not its ARN" }
    region { pattern: lisa_names::Region::PATTERN, min: 1, max: 32,
        expected: "a region such as `us-east-1` or `us-gov-west-1`" }
}

/// Twelve digits. A number is taken too, since the file says what digits were written.
pub(crate) fn account_id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "integer"],
        "pattern": lisa_names::AccountId::PATTERN,
        "minimum": 100_000_000_000_u64,
        "maximum": 999_999_999_999_u64,
        "x-digits": true,
        "x-expected": "exactly 12 digits, in quotes",
    })
}

pub(crate) fn instance_type(_: &mut SchemaGenerator) -> Schema {
    let known: Vec<&str> = lisa_names::InstanceType::known().iter().map(|facts| facts.name).collect();
    json_schema!({ "type": "string", "enum": known })
}

/// A URL that may be empty, as 3.x writes one that is not given.
pub(crate) fn optional_url(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": "^(https?://[^\\s/?#]+[^\\s]*)?$",
        "maxLength": 2048,
        "x-blank": true,
        "x-expected": "a URL that starts with `https://` or `http://`",
    })
}

pub(crate) fn account_ids(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": account_id(generator) })
}

/// Words that stand in where the file gives none.
macro_rules! defaults {
    ($($function:ident -> $type:ty = $text:literal by $make:expr;)+) => {
        $(pub(crate) fn $function() -> $type {
            $make($text)
        })+

        #[cfg(test)]
        mod default_tests {
            #[test]
            fn every_default_word_is_accepted_by_its_type() {
                $(assert_eq!(super::$function().as_str(), $text);)+
            }
        }
    };
}

defaults! {
    prod_deployment -> lisa_names::DeploymentName = "prod" by constant;
    prod_stage -> lisa_names::StageName = "prod" by constant;
    lisa_app -> lisa_names::AppName = "lisa" by constant;
    default_host -> lisa_names::InstanceType = "m5.large" by constant;
    default_search_instance -> SearchInstanceType = "r7g.large.search" by |text: &str| SearchInstanceType(text.to_owned());
    postgres -> DatabaseWord = "postgres" by |text: &str| DatabaseWord(text.to_owned());
    nvme -> AbsolutePath = "/nvme" by |text: &str| AbsolutePath(text.to_owned());
}

#[expect(clippy::expect_used, reason = "the texts are the constants above, and a test makes every one")]
fn constant<T: TryFrom<String, Error: fmt::Debug>>(text: &str) -> T {
    T::try_from(text.to_owned()).expect("a default keeps the rule of its type")
}

pub(crate) fn any_origin() -> String {
    "*".to_owned()
}

/// The candidate that a misspelt word was most likely meant to be: near enough, and case counts for little.
pub(crate) fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let distance =
        |candidate: &str| strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase());
    let near =
        candidates.map(|candidate| (distance(candidate), candidate)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, candidate)| *distance <= candidate.len().max(word.len()).div_ceil(3).min(4))
        .map(|(_, candidate)| candidate)
}

/// The id of a model that names none: its name with everything but letters and digits turned into hyphens.
pub(crate) fn model_id_of(model_name: &str) -> Option<lisa_names::ModelId> {
    let words: Vec<&str> =
        model_name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let id: String = words.join("-").chars().take(63).collect();
    lisa_names::ModelId::new(id.trim_end_matches('-')).ok()
}
