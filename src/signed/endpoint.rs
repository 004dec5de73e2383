//! Where a service is reached: its endpoint in a region of any partition, with FIPS modules where that is asked for.
//!
//! Facts come from botocore 1.43.106, `data/<service>/<version>/endpoint-rule-set-1.json`.

use lisa_names::Partition;

use crate::service::Service;

/// An endpoint, and the region that a request to it is signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// With its scheme, without a slash at the end.
    pub url: String,
    /// Differs from the caller's region for a service that has one endpoint in its partition.
    pub region: String,
}

/// The public endpoint of a service; `None` for a region that no partition has.
pub fn public(service: &Service, region: &str, fips: bool) -> Option<Endpoint> {
    let partition = Partition::of(region)?;
    let endpoint = if service.is_global {
        let home = home(partition);
        Endpoint {
            url: format!("https://{}", global_host(service, partition, home, fips)),
            region: home.to_owned(),
        }
    } else {
        let plain = partition == Partition::AwsUsGov && service.is_fips_in_govcloud;
        let host = if fips && !plain { fips_host(service, partition) } else { service.host.to_owned() };
        let suffix = partition.dns_suffix();
        Endpoint { url: format!("https://{host}.{region}.{suffix}"), region: region.to_owned() }
    };
    Some(endpoint)
}

/// The host of a regional service with FIPS modules, before the region.
fn fips_host(service: &Service, partition: Partition) -> String {
    match (service.host.split_once('.'), partition) {
        // SageMaker's runtime, in this partition alone.
        (Some((first, rest)), Partition::Aws) => format!("{first}-fips.{rest}"),
        _ => format!("{}-fips", service.host),
    }
}

/// The region that signs for a partition's global services.
fn home(partition: Partition) -> &'static str {
    match partition {
        Partition::Aws => "us-east-1",
        Partition::AwsCn => "cn-north-1",
        Partition::AwsEusc => "eusc-de-east-1",
        Partition::AwsIso => "us-iso-east-1",
        Partition::AwsIsoB => "us-isob-east-1",
        Partition::AwsIsoE => "eu-isoe-west-1",
        Partition::AwsIsoF => "us-isof-south-1",
        Partition::AwsUsGov => "us-gov-west-1",
    }
}

fn global_host(service: &Service, partition: Partition, home: &str, fips: bool) -> String {
    let (host, suffix) = (service.host, partition.dns_suffix());
    match partition {
        Partition::AwsUsGov => format!("{host}.us-gov.{suffix}"),
        Partition::Aws if fips => format!("{host}-fips.{suffix}"),
        Partition::Aws => format!("{host}.{suffix}"),
        _ if fips => format!("{host}-fips.{home}.{suffix}"),
        _ => format!("{host}.{home}.{suffix}"),
    }
}

#[cfg(test)]
mod tests {
    use super::public;
    use crate::service::{BEDROCK_RUNTIME, DYNAMODB, EC2, IAM, SAGEMAKER_RUNTIME, SECRETS, SSM, Service};

    fn url(service: &Service, region: &str, fips: bool) -> String {
        public(service, region, fips).unwrap().url
    }

    #[test]
    fn a_regional_service_is_reached_in_its_region() {
        assert_eq!(url(&SSM, "eu-west-1", false), "https://ssm.eu-west-1.amazonaws.com");
        assert_eq!(url(&EC2, "cn-northwest-1", false), "https://ec2.cn-northwest-1.amazonaws.com.cn");
        assert_eq!(
            url(&SECRETS, "us-isob-east-1", false),
            "https://secretsmanager.us-isob-east-1.sc2s.sgov.gov"
        );
        assert_eq!(url(&DYNAMODB, "us-east-2", true), "https://dynamodb-fips.us-east-2.amazonaws.com");
    }

    #[test]
    fn models_are_reached_in_their_region() {
        for (service, region, fips, expected) in [
            (&BEDROCK_RUNTIME, "us-east-1", false, "https://bedrock-runtime.us-east-1.amazonaws.com"),
            (
                &BEDROCK_RUNTIME,
                "us-gov-west-1",
                true,
                "https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com",
            ),
            (&SAGEMAKER_RUNTIME, "us-east-1", false, "https://runtime.sagemaker.us-east-1.amazonaws.com"),
            (&SAGEMAKER_RUNTIME, "us-east-1", true, "https://runtime-fips.sagemaker.us-east-1.amazonaws.com"),
            (
                &SAGEMAKER_RUNTIME,
                "us-gov-west-1",
                true,
                "https://runtime.sagemaker.us-gov-west-1.amazonaws.com",
            ),
        ] {
            assert_eq!(url(service, region, fips), expected);
        }
    }

    #[test]
    fn govcloud_has_fips_modules_behind_some_plain_endpoints() {
        assert_eq!(url(&SSM, "us-gov-west-1", true), "https://ssm.us-gov-west-1.amazonaws.com");
        assert_eq!(
            url(&SECRETS, "us-gov-west-1", true),
            "https://secretsmanager-fips.us-gov-west-1.amazonaws.com"
        );
    }

    #[test]
    fn a_global_service_has_one_endpoint_and_one_region_that_signs() {
        for (region, fips, host, signs) in [
            ("eu-west-1", false, "iam.amazonaws.com", "us-east-1"),
            ("eu-west-1", true, "iam-fips.amazonaws.com", "us-east-1"),
            ("us-gov-east-1", true, "iam.us-gov.amazonaws.com", "us-gov-west-1"),
            ("cn-northwest-1", false, "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("us-iso-west-1", false, "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
        ] {
            let endpoint = public(&IAM, region, fips).unwrap();
            assert_eq!((endpoint.url, endpoint.region), (format!("https://{host}"), signs.to_owned()));
        }
    }

    #[test]
    fn a_region_of_no_partition_has_none() {
        assert_eq!(public(&SSM, "moon-1", false), None);
    }
}
