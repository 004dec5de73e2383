//! The table of partitions agrees with the enum and with botocore's expressions.

use super::*;

#[test]
fn rows_stand_in_the_order_of_the_variants() {
    for (partition, facts) in Partition::ALL.into_iter().zip(&table::PARTITIONS) {
        assert_eq!(partition.id(), facts.id);
        assert_eq!(facts.id.parse(), Ok(partition));
    }
    assert!(Partition::ALL.is_sorted_by_key(|partition| partition.id()));
}

#[test]
fn prefixes_say_the_same_as_botocores_expressions() {
    let probes = [
        "us-east-1",
        "us-gov-west-1",
        "us-iso-east-1",
        "us-isob-east-1",
        "eusc-de-east-1",
        "eusc-fr-east-1",
        "eu-isoe-west-1",
        "us-isof-south-1",
        "cn-north-1",
        "xx-north-1",
        "us-east",
        "us-east-1-2",
        "mx-a-77",
    ];
    for partition in Partition::ALL {
        let regex = regex::Regex::new(partition.region_regex()).unwrap();
        for probe in probes.iter().chain(Partition::ALL.iter().flat_map(|partition| partition.regions())) {
            assert_eq!(partition.names(probe), regex.is_match(probe), "{partition} and {probe}");
        }
    }
}

#[test]
fn facts_differ_as_aws_states_them() {
    let gov = Partition::AwsUsGov;
    assert_eq!((gov.arn_prefix().as_str(), gov.dns_suffix()), ("arn:aws-us-gov", "amazonaws.com"));
    assert_eq!(Partition::AwsCn.dns_suffix(), "amazonaws.com.cn");
    assert_eq!(Partition::AwsIsoE.dns_suffix(), "cloud.adc-e.uk");
    assert_eq!(Partition::AwsIsoB.console_host(), None);
    assert_eq!(Partition::ALL.into_iter().filter(|partition| partition.is_isolated()).count(), 4);
    let fips =
        Partition::ALL.into_iter().filter(|partition| partition.fips_load_balancer_tls_policy().is_some());
    assert_eq!(fips.collect::<Vec<_>>(), [Partition::Aws, Partition::AwsUsGov]);
}

#[test]
fn an_unknown_partition_is_refused_with_the_nearest() {
    let error = "aws-gov".parse::<Partition>().unwrap_err();
    assert_eq!(error.help(), Some("Did you mean `aws-us-gov`?"));
    assert!(error.allowed().contains("aws-us-gov"));
    assert_eq!("aws-isob".parse::<Partition>().unwrap_err().help(), Some("Did you mean `aws-iso-b`?"));
}
