//! Every partition, and what regions lack.

use lisa_names::{Availability, Feature, InstanceType, Partition, Region, capability};

use super::{app, load, of_type};
use crate::{Assets, synthesize};

fn config_in(region: &str, more: &str) -> lisa_config::Config {
    load(
        region,
        format!(
            "accountNumber: '123456789012'\nregion: {region}\ndeploymentName: demo\ns3BucketModels: weights\n\
         authConfig: {{authority: 'https://login.example.com', clientId: lisa}}\n\
         pypiConfig: {{indexUrl: 'https://pypi.example.com', trustedHost: pypi.example.com}}\n\
         certificateAuthorityBundle: /etc/pki/tls/certs/ca-bundle.crt\n{more}"
        ),
    )
}

#[test]
fn every_known_region_synthesizes() {
    let usual = InstanceType::new("m5.large").unwrap();
    for region in Region::known() {
        let more = if usual.availability(&region) == Availability::Absent {
            let refusal = synthesize(&config_in(region.as_str(), ""), &Assets::not_built()).unwrap_err();
            assert!(refusal.to_string().contains("`m6i.large`"), "{region}: {refusal}");
            "restApiConfig: {instanceType: m6i.large}"
        } else {
            ""
        };
        let app = app(&config_in(region.as_str(), more));
        assert!(app.stacks.len() >= 7, "{region}");
    }
}

#[test]
fn isolated_partitions_get_what_they_have_and_nothing_else() {
    for partition in Partition::ALL.into_iter().filter(|partition| partition.is_isolated()) {
        let region = partition.regions()[0];
        for stack in app(&config_in(region, "")).stacks {
            let template = stack.template.to_json();
            assert!(!template.to_string().contains("\"Tags\""), "{region}/{} has tags", stack.name);
            assert!(stack.tags.is_empty(), "{region}/{} passes tags on", stack.name);
            for (_, cluster) in of_type(&template, "AWS::ECS::Cluster") {
                assert_eq!(cluster.get("ClusterSettings"), None, "{region}");
            }
            for (_, service) in of_type(&template, "AWS::ECS::Service") {
                assert_eq!(
                    service["DeploymentConfiguration"].get("DeploymentCircuitBreaker"),
                    None,
                    "{region}"
                );
            }
            if stack.name == "network" {
                let endpoints = of_type(&template, "AWS::EC2::VPCEndpoint");
                assert_eq!(
                    endpoints.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
                    ["S3Endpoint"],
                    "{region}"
                );
            }
            if stack.name == "serve" {
                let image = template["Parameters"]["HostImage"]["Default"].as_str();
                assert_eq!(image, Some("/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id"));
                let task = &template["Resources"]["Task"]["Properties"];
                assert_eq!(task["Volumes"][0]["Host"]["SourcePath"], "/etc/pki");
                assert_eq!(task["ContainerDefinitions"][0]["MountPoints"][0]["ReadOnly"], true);
            }
        }
    }
}

#[test]
fn what_nobody_says_of_a_region_is_told() {
    assert_eq!(app(&config_in("us-east-1", "")).unknowns, Vec::<String>::new());
    let region = "eu-mars-9";
    let unknowns = app(&config_in(region, "")).unknowns;
    let lambda = capability(&Region::new(region).unwrap(), Feature::Lambda);
    assert_eq!(lambda.availability, Availability::Unknown);
    assert!(unknowns.iter().any(|words| words.starts_with("Lambda in eu-mars-9: ")), "{unknowns:?}");
    let mut unique = unknowns.clone();
    unique.dedup();
    assert_eq!(unique, unknowns);
}

#[test]
fn arns_name_no_partition() {
    for partition in Partition::ALL {
        for stack in app(&config_in(partition.regions()[0], "")).stacks {
            let text = stack.template.to_json().to_string();
            assert!(!text.contains("arn:aws:"), "{partition}/{}", stack.name);
        }
    }
}

#[test]
fn a_machine_that_the_region_does_not_offer_is_refused_with_others() {
    let model = |region: &str| {
        let more = "ecsModels:\n  - {modelName: b/c, modelType: textgen, instanceType: g5.2xlarge, \
                    containerConfig: {image: {baseImage: 'vllm/vllm-openai:v0.6.3', type: asset}}}";
        synthesize(&config_in(region, more), &Assets::not_built())
    };
    assert!(model("us-east-1").is_ok() && model("us-iso-east-1").is_ok(), "offered, or nobody says");
    let errors = model("us-gov-west-1").unwrap_err().to_string();
    assert!(errors.contains("us-gov-west-1 does not offer `g5.2xlarge`"), "{errors}");
    assert!(errors.contains("one of `g6.2xlarge`"), "{errors}");
}
