//! New and existing networks.

use serde_json::{Value as Json, json};

use super::{app, config, find, of_type, template};
use crate::ParameterSource;

const SUBNETS: &str = "vpcId: vpc-0123456789abcdef0\nsubnets:\n  \
    - {subnetId: subnet-0123456789abcdef0, ipv4CidrBlock: 10.1.0.0/24, availabilityZone: us-east-1a, tier: public}\n  \
    - {subnetId: subnet-0123456789abcdef1, ipv4CidrBlock: 10.1.1.0/24, availabilityZone: us-east-1b, tier: public}\n  \
    - {subnetId: subnet-0123456789abcdef2, ipv4CidrBlock: 10.1.2.0/24, availabilityZone: us-east-1a, tier: private}\n  \
    - {subnetId: subnet-0123456789abcdef3, ipv4CidrBlock: 10.1.3.0/24, availabilityZone: us-east-1b, tier: private}\n";

const GROUPS: &str = "securityGroupConfig: {modelSecurityGroupId: sg-0123456789abcdef0, \
    restAlbSecurityGroupId: sg-0123456789abcdef1, lambdaSecurityGroupId: sg-0123456789abcdef2, \
    pgVectorSecurityGroupId: sg-0123456789abcdef3, openSearchSecurityGroupId: sg-0123456789abcdef4}\n";

fn cidrs(template: &Json) -> Vec<(&str, &str)> {
    let subnets = of_type(template, "AWS::EC2::Subnet").into_iter();
    subnets.map(|(id, properties)| (id, properties["CidrBlock"].as_str().expect("a range"))).collect()
}

#[test]
fn a_new_vpc_has_upstreams_address_plan() {
    let template = template(&config(""), "network");
    assert_eq!(template["Resources"]["Vpc"]["Properties"]["CidrBlock"], "10.0.0.0/22");
    assert_eq!(
        cidrs(&template),
        [
            ("IsolatedSubnet1", "10.0.0.128/26"),
            ("IsolatedSubnet2", "10.0.0.192/26"),
            ("PrivateSubnet1", "10.0.1.0/26"),
            ("PrivateSubnet2", "10.0.1.64/26"),
            ("PublicSubnet1", "10.0.0.0/26"),
            ("PublicSubnet2", "10.0.0.64/26"),
        ]
    );
}

#[test]
fn subnets_of_any_number_of_zones_lie_apart_and_within_the_vpc() {
    for zones in 2..=6 {
        let template = template(&config(&format!("maxAzs: {zones}")), "network");
        let vpc = template["Resources"]["Vpc"]["Properties"]["CidrBlock"].as_str().expect("a range");
        let size = if vpc.ends_with("/21") { 2048 } else { 1024 };
        let mut starts: Vec<u32> = cidrs(&template)
            .into_iter()
            .map(|(_, cidr)| {
                let parts: Vec<u32> =
                    cidr.trim_end_matches("/26").split('.').map(|part| part.parse().unwrap()).collect();
                parts[2] * 256 + parts[3]
            })
            .collect();
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), zones * 3);
        assert!(starts.iter().all(|start| start % 64 == 0 && start + 64 <= size));
    }
}

#[test]
fn nothing_gets_a_public_address_by_itself_and_isolated_subnets_lead_nowhere() {
    let template = template(&config(""), "network");
    for (id, properties) in of_type(&template, "AWS::EC2::Subnet") {
        assert_eq!(properties["MapPublicIpOnLaunch"], false, "{id}");
    }
    let routed: Vec<&Json> = of_type(&template, "AWS::EC2::SubnetRouteTableAssociation")
        .into_iter()
        .map(|(_, properties)| &properties["SubnetId"]["Fn::GetAtt"][0])
        .collect();
    assert_eq!(routed, ["PrivateSubnet1", "PrivateSubnet2", "PublicSubnet1", "PublicSubnet2"]);
}

#[test]
fn hardened_has_a_way_out_in_every_zone_and_interface_endpoints() {
    let count = |more: &str, kind: &str| of_type(&template(&config(more), "network"), kind).len();
    assert_eq!(count("", "AWS::EC2::NatGateway"), 1);
    assert_eq!(count("", "AWS::EC2::VPCEndpoint"), 2);
    assert_eq!(count("securityProfile: hardened\nmaxAzs: 3", "AWS::EC2::NatGateway"), 3);
    assert!(count("securityProfile: hardened", "AWS::EC2::VPCEndpoint") > 10);
}

#[test]
fn an_existing_vpc_makes_no_network_of_its_own() {
    let template = template(&config(SUBNETS), "network");
    let kinds: Vec<&str> =
        template["Resources"].as_object().unwrap().values().filter_map(|one| one["Type"].as_str()).collect();
    assert!(
        kinds.iter().all(|kind| ["AWS::EC2::SecurityGroup", "AWS::SSM::Parameter"].contains(kind)),
        "{kinds:?}"
    );
    let value = |id: &str| template["Resources"][id]["Properties"]["Value"].clone();
    assert_eq!(value("VpcIdParameter"), "vpc-0123456789abcdef0");
    assert_eq!(
        value("PrivateSubnetIdsParameter"),
        json!({ "Fn::Join": [",", ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]] })
    );
    assert_eq!(value("IsolatedSubnetIdsParameter"), value("PrivateSubnetIdsParameter"));
}

#[test]
fn subnets_that_nobody_named_are_looked_up() {
    let app = app(&config("vpcId: vpc-0123456789abcdef0"));
    let network = app.stacks.iter().find(|stack| stack.name == "network").unwrap();
    let looked_up: Vec<&str> = network
        .parameters
        .iter()
        .filter(|(_, source)| matches!(source, ParameterSource::Lookup { of, .. } if of == "vpc-0123456789abcdef0"))
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(looked_up, ["IsolatedSubnets", "PrivateSubnets", "PublicSubnets", "VpcCidr"]);
}

#[test]
fn given_security_groups_are_the_only_ones_in_every_stack() {
    let more = format!(
        "{SUBNETS}{GROUPS}privateEndpoints: true\nsecurityProfile: hardened\ndeployRag: true\n\
         ragRepositories: [{{repositoryId: docs, type: pgvector, rdsConfig: {{username: postgres}}}}]"
    );
    let app = app(&config(&more));
    for stack in &app.stacks {
        let template = stack.template.to_json();
        for kind in
            ["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"]
        {
            assert!(of_type(&template, kind).is_empty(), "{} makes a {kind}", stack.name);
        }
    }
    let network = find(&app, "network").unwrap();
    assert_eq!(
        network["Resources"]["LambdaSecurityGroupIdParameter"]["Properties"]["Value"],
        "sg-0123456789abcdef2"
    );
}

#[test]
fn only_https_on_an_internet_facing_load_balancer_is_open_to_all() {
    let ingress = |more: &str| {
        let template = template(&config(more), "network");
        template["Resources"]["RestAlbSecurityGroup"]["Properties"]["SecurityGroupIngress"][0].clone()
    };
    let certificate =
        "loadBalancerConfig: {sslCertIamArn: 'arn:aws:iam::123456789012:server-certificate/lisa'}";
    let open = ingress(&format!("restApiConfig: {{internetFacing: true, {certificate}}}"));
    assert_eq!(
        (&open["CidrIp"], &open["FromPort"], &open["ToPort"]),
        (&json!("0.0.0.0/0"), &json!(443), &json!(443))
    );
    let inside = ingress(&format!("restApiConfig: {{internetFacing: false, {certificate}}}"));
    assert_eq!(
        (&inside["CidrIp"], &inside["FromPort"]),
        (&json!({ "Fn::GetAtt": ["Vpc", "CidrBlock"] }), &json!(443))
    );
    let plain = ingress("restApiConfig: {internetFacing: true}");
    assert_eq!(
        (&plain["CidrIp"], &plain["FromPort"]),
        (&json!({ "Fn::GetAtt": ["Vpc", "CidrBlock"] }), &json!(80))
    );
}

#[test]
fn flow_logs_are_encrypted_and_end() {
    let template = template(&config(""), "network");
    let group = &template["Resources"]["FlowLogs"]["Properties"];
    assert_eq!((&group["KmsKeyId"], &group["RetentionInDays"]), (&json!({ "Ref": "LogKeyArn" }), &json!(90)));
    assert_eq!(template["Resources"]["FlowLog"]["Properties"]["TrafficType"], "ALL");
}
