//! The table of instance types is whole, and its figures are upstream's.

use super::*;

#[test]
fn rows_are_sorted_and_whole() {
    assert!(table::INSTANCES.is_sorted_by_key(|facts| facts.name));
    for facts in table::INSTANCES {
        assert!(
            facts.vcpus > 0 && facts.memory_mb >= 1000 && facts.network_megabits >= 1000,
            "{}",
            facts.name
        );
        assert_eq!(facts.gpus > 0, facts.gpu_name.is_some_and(|name| !name.is_empty()), "{}", facts.name);
        assert_eq!(facts.gpus > 0, facts.total_gpu_memory_gib() > 0, "{}", facts.name);
    }
}

#[test]
fn figures_are_upstreams() {
    let facts = |name| *InstanceType::new(name).unwrap().facts();
    let g5 = facts("g5.12xlarge");
    assert_eq!((g5.vcpus, g5.memory_mb, g5.gpus, g5.network_megabits), (48, 192_000, 4, 40_000));
    assert_eq!((g5.gpu_name, g5.total_gpu_memory_gib()), (Some("NVIDIA A10G"), 96));
    assert!(!facts("m5.large").nvme && facts("m5d.xlarge").nvme && facts("p4d.24xlarge").nvme);
    assert_eq!(facts("p5en.48xlarge").total_gpu_memory_gib(), 8 * 141);
}

#[test]
fn an_unknown_type_is_refused_with_the_nearest() {
    let error = InstanceType::new("g5.xlrage").unwrap_err();
    assert_eq!(error.help(), Some("Did you mean `g5.xlarge`?"));
    assert!(InstanceType::new("").is_err());
    assert!(InstanceType::new("quantum.huge").unwrap_err().help().is_some());
}

#[test]
fn price_lists_say_where_a_type_is_offered() {
    let at = |name: &str, region: &str| {
        InstanceType::new(name).unwrap().availability(&Region::new(region).unwrap())
    };
    assert!(absent::ABSENT.is_sorted_by_key(|(region, _)| *region));
    assert_eq!(at("g5.xlarge", "us-east-1"), Availability::Present);
    assert_eq!(at("g5.xlarge", "us-gov-west-1"), Availability::Absent);
    assert_eq!(at("g6.xlarge", "cn-north-1"), Availability::Absent);
    assert_eq!(at("g5.xlarge", "us-iso-east-1"), Availability::Unknown);
    assert_eq!(at("g5.xlarge", "eusc-de-east-1"), Availability::Unknown);
}

#[test]
fn what_a_region_offers_instead_holds_as_much() {
    let instead = |name: &str, region: &str| -> Vec<String> {
        let region = Region::new(region).unwrap();
        let found = InstanceType::new(name).unwrap().substitutes(&region);
        found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(instead("g5.xlarge", "us-gov-west-1")[0], "g6.xlarge");
    assert_eq!(instead("p5.48xlarge", "cn-north-1"), [""; 0], "nothing there is as large");
    assert!(instead("m7i.large", "cn-north-1").iter().all(|name| !name.starts_with('g')));
}
