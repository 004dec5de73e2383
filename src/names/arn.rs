//! ARNs: the six parts, with the partition checked.

use crate::account::AccountId;
use crate::error::NameError;
use crate::partition::Partition;
use crate::region::Region;
use crate::word::text_impls;

/// The name of an AWS resource, `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    text: String,
    partition: Partition,
    region: Option<Region>,
    account: Option<AccountId>,
}

text_impls!(Arn);

impl Arn {
    /// Takes an ARN of a known partition; region and account may be empty, as IAM's region is.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let refuse = |fault: String| {
            NameError::new(
                "an ARN",
                text,
                fault,
                "allowed are `arn:partition:service:region:account:resource`",
            )
        };
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts[..] else {
            let fault = if text.starts_with("arn:") {
                "it has fewer than six parts"
            } else {
                "it does not begin with `arn:`"
            };
            return Err(refuse(fault.to_owned()));
        };
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(refuse("it has a space or a control character".to_owned()));
        }
        if service.is_empty() || resource.is_empty() {
            return Err(refuse("its service or its resource is empty".to_owned()));
        }
        let partition = partition.parse::<Partition>().map_err(|error| refuse(error.to_string()))?;
        let region = part(region, Region::new).map_err(|error| refuse(error.to_string()))?;
        if let Some(region) = region.as_ref().filter(|region| region.partition() != partition) {
            return Err(refuse(format!("`{region}` is not a region of `{partition}`")));
        }
        // AWS's own resources, such as managed policies, have the word `aws` for an account.
        let account = if account == "aws" { "" } else { account };
        let account = part(account, AccountId::new).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { text: text.to_owned(), partition, region, account })
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition that the resource lives in.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The service, as IAM names it: `acm`.
    pub fn service(&self) -> &str {
        self.text.split(':').nth(2).unwrap_or_default()
    }

    /// The region, unless the service is global.
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// The account, unless the resource is AWS's own or its name is unique without.
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// What follows the account: `certificate/0a1b`, `role/path/name`.
    pub fn resource(&self) -> &str {
        self.text.splitn(6, ':').nth(5).unwrap_or_default()
    }
}

fn part<T>(text: &str, make: impl Fn(&str) -> Result<T, NameError>) -> Result<Option<T>, NameError> {
    if text.is_empty() { Ok(None) } else { make(text).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let arn = Arn::new("arn:aws-us-gov:acm:us-gov-west-1:012345678901:certificate/0a:1b").unwrap();
        assert_eq!(arn.partition(), Partition::AwsUsGov);
        assert_eq!(arn.service(), "acm");
        assert_eq!(arn.region().map(Region::as_str), Some("us-gov-west-1"));
        assert_eq!(arn.account().map(AccountId::as_str), Some("012345678901"));
        assert_eq!(arn.resource(), "certificate/0a:1b");
        let role = Arn::new("arn:aws:iam::012345678901:role/lisa").unwrap();
        assert_eq!((role.region(), role.resource()), (None, "role/lisa"));
        assert_eq!(Arn::new("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap().account(), None);
    }

    #[test]
    fn faults_are_named() {
        let fault = |text| Arn::new(text).unwrap_err().fault().to_owned();
        assert_eq!(fault("role/lisa"), "it does not begin with `arn:`");
        assert_eq!(fault("arn:aws:iam::role"), "it has fewer than six parts");
        assert_eq!(
            fault("arn:aws:acm:us-gov-west-1::certificate/0"),
            "`us-gov-west-1` is not a region of `aws`"
        );
        assert!(fault("arn:aws-gov:iam:::role/lisa").starts_with("`aws-gov` is not a partition"));
        assert!(fault("arn:aws:iam::12:role/lisa").starts_with("`12` is not an AWS account number"));
    }
}
