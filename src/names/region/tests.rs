//! Regions map to partitions by pattern: known ones, new ones, and those made to deceive.

use super::*;

#[test]
fn every_known_region_maps_to_the_partition_that_lists_it() {
    let mut count = 0;
    for partition in Partition::ALL {
        for name in partition.regions() {
            let region = Region::new(name).unwrap();
            assert_eq!(region.partition(), partition, "{name}");
            assert!(region.is_known());
            count += 1;
        }
    }
    assert_eq!(count, Region::known().count());
    assert!(count >= 46, "botocore 1.43 knows 46 regions, the table {count}");
}

#[test]
fn patterns_decide_and_substrings_do_not() {
    for (region, partition) in [
        ("us-isob-east-1", Partition::AwsIsoB),
        ("us-isof-south-1", Partition::AwsIsoF),
        ("eu-isoe-west-1", Partition::AwsIsoE),
        ("us-iso-west-1", Partition::AwsIso),
        ("us-gov-east-1", Partition::AwsUsGov),
        ("eusc-de-east-1", Partition::AwsEusc),
        ("cn-northwest-1", Partition::AwsCn),
        ("us-isolated-1", Partition::Aws),
        ("us-govern-2", Partition::Aws),
    ] {
        assert_eq!(Region::new(region).unwrap().partition(), partition, "{region}");
    }
}

#[test]
fn a_region_of_tomorrow_is_taken_and_said_to_be_unknown() {
    for name in ["eu-south-9", "us-gov-central-1", "us-isob-north-2", "eusc-de-west-1"] {
        assert!(!Region::new(name).unwrap().is_known(), "{name}");
    }
}

#[test]
fn a_text_of_no_pattern_is_refused_with_the_partitions_and_the_nearest_region() {
    let error = Region::new("us-esat-1a").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`us-esat-1a` is not a region: no partition names a region so, partitions are aws, aws-cn, aws-eusc, \
         aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov"
    );
    assert_eq!(error.help(), Some("Did you mean `us-east-1`?"));
    for text in ["", "us-east", "us-east-", "US-EAST-1", "us-east-1a", "aws-global", "moon-base-1", "us--1"] {
        assert!(Region::new(text).is_err(), "{text}");
    }
    assert_eq!(Region::nearest("US_GOV_WEST_1"), Some("us-gov-west-1"));
}
