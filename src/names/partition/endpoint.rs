//! Names of VPC endpoint services, and who delivers load balancers' logs: facts by region, not by partition.

use super::table;
use crate::region::Region;

/// The interface endpoints of one region that are named with a prefix of the partition's own.
pub(super) struct SpecialEndpoints {
    pub(super) region: &'static str,
    pub(super) prefix: &'static str,
    /// Sorted.
    pub(super) services: &'static [&'static str],
}

/// The name of an interface endpoint's service: `com.amazonaws.us-east-1.ecr.api`.
///
/// No rule gives the prefix: a region names some services its own way and the rest as everywhere, so it is looked
/// up (CDK's `InterfaceVpcEndpointAwsService` has the lists). For a region or service too new for the table the
/// name is a guess, and `ec2:DescribeVpcEndpointServices` knows.
pub fn interface_endpoint(region: &Region, service: &str) -> String {
    let special = table::SPECIAL_ENDPOINTS.iter().find(|special| {
        special.region == region.as_str() && special.services.binary_search(&service).is_ok()
    });
    let prefix = special.map_or("com.amazonaws", |special| special.prefix);
    format!("{prefix}.{region}.{service}")
}

/// The name of a gateway endpoint's service (`s3`, `dynamodb`): alike in every region.
pub fn gateway_endpoint(region: &Region, service: &str) -> String {
    format!("com.amazonaws.{region}.{service}")
}

/// Who writes a load balancer's access logs, and so must be let into the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogDelivery {
    /// An account of AWS's, in regions opened before August 2022.
    Account(&'static str),
    /// A service principal, in all newer regions.
    Service(&'static str),
}

/// Who delivers the access logs of a region's load balancers; an unknown region is a newer one.
pub fn load_balancer_log_delivery(region: &Region) -> LogDelivery {
    let account = table::ELB_ACCOUNTS.binary_search_by(|(name, _)| (*name).cmp(region.as_str()));
    account.map_or(LogDelivery::Service("logdelivery.elasticloadbalancing.amazonaws.com"), |index| {
        LogDelivery::Account(table::ELB_ACCOUNTS[index].1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        Region::new(name).unwrap()
    }

    #[test]
    fn the_prefix_follows_region_and_service() {
        assert_eq!(interface_endpoint(&region("us-east-1"), "ecr.api"), "com.amazonaws.us-east-1.ecr.api");
        assert_eq!(
            interface_endpoint(&region("cn-north-1"), "ecr.api"),
            "cn.com.amazonaws.cn-north-1.ecr.api"
        );
        assert_eq!(interface_endpoint(&region("cn-north-1"), "logs"), "com.amazonaws.cn-north-1.logs");
        assert_eq!(
            interface_endpoint(&region("us-isob-west-1"), "ecr.dkr"),
            "gov.sgov.sc2s.us-isob-west-1.ecr.dkr"
        );
        assert_eq!(interface_endpoint(&region("us-isob-west-1"), "sqs"), "com.amazonaws.us-isob-west-1.sqs");
        assert_eq!(
            interface_endpoint(&region("eusc-de-east-1"), "ecr.api"),
            "eu.amazonaws.eusc-de-east-1.ecr.api"
        );
        assert_eq!(gateway_endpoint(&region("cn-north-1"), "s3"), "com.amazonaws.cn-north-1.s3");
    }

    #[test]
    fn lists_are_sorted_for_their_searches_and_name_known_regions() {
        for special in table::SPECIAL_ENDPOINTS {
            assert!(special.services.is_sorted(), "{}", special.region);
            assert!(region(special.region).is_known());
        }
        assert!(table::ELB_ACCOUNTS.is_sorted());
        for (name, account) in table::ELB_ACCOUNTS {
            assert!(region(name).is_known());
            assert!(crate::AccountId::new(account).is_ok());
        }
    }

    #[test]
    fn old_regions_deliver_logs_by_account_and_new_ones_by_service() {
        assert_eq!(load_balancer_log_delivery(&region("us-east-1")), LogDelivery::Account("127311923021"));
        let service = LogDelivery::Service("logdelivery.elasticloadbalancing.amazonaws.com");
        for new in ["eusc-de-east-1", "eu-isoe-west-1", "eu-mars-9"] {
            assert_eq!(load_balancer_log_delivery(&region(new)), service);
        }
    }
}
