//! Which source wins, and that nothing is called absent without one.

use super::*;

fn availability(region: &str, feature: Feature) -> Availability {
    capability(&Region::new(region).unwrap(), feature).availability
}

#[test]
fn a_listed_service_is_present_and_an_unlisted_one_is_unknown() {
    assert_eq!(availability("us-east-1", Feature::ApiGateway), Availability::Present);
    assert_eq!(availability("us-isof-east-1", Feature::ApiGateway), Availability::Unknown);
    assert_eq!(availability("us-isob-east-1", Feature::Waf), Availability::Present);
    assert_eq!(availability("us-isob-west-1", Feature::Waf), Availability::Unknown);
    assert_eq!(availability("eu-isoe-west-1", Feature::Bedrock), Availability::Unknown);
}

#[test]
fn only_a_statement_says_absent() {
    assert_eq!(availability("cn-north-1", Feature::CognitoUserPools), Availability::Absent);
    assert_eq!(availability("us-iso-east-1", Feature::CognitoUserPools), Availability::Unknown);
    assert_eq!(availability("us-gov-west-1", Feature::EventSourceMappingTags), Availability::Absent);
    assert_eq!(availability("us-isob-east-1", Feature::EcsCircuitBreaker), Availability::Absent);
    assert_eq!(availability("eusc-de-east-1", Feature::EcsCircuitBreaker), Availability::Unknown);
}

#[test]
fn a_region_newer_than_the_list_is_unknown_but_statements_on_its_partition_hold() {
    assert_eq!(availability("us-gov-north-9", Feature::Lambda), Availability::Unknown);
    assert_eq!(availability("us-gov-north-9", Feature::EventRuleTags), Availability::Absent);
}

#[test]
fn every_answer_has_a_source_and_a_date() {
    for region in Region::known() {
        for feature in Feature::ALL {
            let answer = capability(&region, *feature);
            assert!(!answer.source.is_empty());
            assert_eq!(answer.date.len(), "2026-05-20".len());
        }
    }
}

#[test]
fn what_has_no_fallback_is_present_in_every_known_region() {
    let needed = Feature::ALL.iter().filter(|feature| feature.fallback().is_none());
    for feature in needed {
        for region in Region::known() {
            let answer = capability(&region, *feature);
            assert!(answer.is_present(), "{} in {region}", feature.name());
        }
    }
}

#[test]
fn no_two_statements_speak_of_the_same_thing() {
    for (index, statement) in table::STATEMENTS.iter().enumerate() {
        for other in &table::STATEMENTS[index + 1..] {
            let feature = statement.features.iter().any(|feature| other.features.contains(feature));
            let partition = statement.partitions.iter().any(|partition| other.partitions.contains(partition));
            assert!(!(feature && partition), "`{}` and `{}`", statement.source, other.source);
        }
    }
}
