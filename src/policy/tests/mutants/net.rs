//! Mutants of NET-29 to NET-43.

use serde_json::{Value, json};

use super::{Mutant, parameter, sometimes};
use crate::fixtures::Stacks;

const INGRESS: &str = "serve/BalancerGroup/Properties/SecurityGroupIngress/0";
const EGRESS: &str = "serve/InstanceGroup/Properties/SecurityGroupEgress/0";
const INTERFACE: &str = "serve/LaunchTemplate/Properties/LaunchTemplateData/NetworkInterfaces";

/// Gives one of the load balancer's attributes another value.
fn attribute(stacks: &mut Stacks, key: &str, value: Value) {
    let path = "serve/Balancer/Properties/LoadBalancerAttributes";
    let attributes = stacks.get(path);
    let index = attributes.as_array().unwrap().iter().position(|entry| entry["Key"] == key).unwrap();
    stacks.set(&format!("{path}/{index}/Value"), value);
}

pub(super) const MUTANTS: &[Mutant] = &[
    ("NET-29-flow-logs", "none", |stacks| {
        stacks.remove("network/FlowLog");
    }),
    ("NET-29-flow-logs", "accepted traffic alone, in one branch", |stacks| {
        stacks.set("network/FlowLog/Properties/TrafficType", json!({"Fn::If": ["C", "ALL", "ACCEPT"]}));
    }),
    ("NET-30-default-group", "a reference to it", |stacks| {
        let group = json!([{"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}]);
        stacks.set("network/Endpointkms/Properties/SecurityGroupIds", group);
    }),
    ("NET-30-default-group", "a function that names none, in one branch", |stacks| {
        let good = stacks.get("data/Database/Properties/VPCSecurityGroups");
        stacks.set("data/Database/Properties/VPCSecurityGroups", sometimes(&good));
    }),
    ("NET-30-default-group", "instances that name none", |stacks| {
        stacks.remove("serve/LaunchTemplate/Properties/LaunchTemplateData/SecurityGroupIds");
    }),
    ("NET-31-open-ingress", "every port", |stacks| {
        stacks.set(&format!("{INGRESS}/FromPort"), json!(0));
    }),
    ("NET-31-open-ingress", "every protocol", |stacks| {
        stacks.set(&format!("{INGRESS}/IpProtocol"), json!("-1"));
    }),
    ("NET-31-open-ingress", "another port for everybody in one branch", |stacks| {
        let group = "network/EndpointGroup/Properties/SecurityGroupIngress/0";
        stacks.set(&format!("{group}/CidrIp"), json!({"Fn::If": ["C", "0.0.0.0/0", "10.0.0.0/8"]}));
        stacks.set(&format!("{group}/ToPort"), json!(8443));
    }),
    ("NET-31-open-ingress", "a range that a parameter names", |stacks| {
        let any = parameter(stacks, "network");
        stacks.set("network/EndpointGroup/Properties/SecurityGroupIngress/0/CidrIp", any);
    }),
    ("NET-31-open-ingress", "a range that a parameter names, composed", |stacks| {
        parameter(stacks, "network");
        let range = json!({"Fn::Sub": "${Anything}"});
        stacks.set("network/EndpointGroup/Properties/SecurityGroupIngress/0/CidrIp", range);
    }),
    ("NET-31-open-ingress", "everybody, published by another stack", |stacks| {
        stacks.set("network/PublishedCidr/Properties/Value", json!("0.0.0.0/0"));
        let port = "serve/BalancerGroup/Properties/SecurityGroupIngress/0";
        stacks.set(&format!("{port}/CidrIp"), json!({"Ref": "VpcCidr"}));
        stacks.set(&format!("{port}/FromPort"), json!(8080));
        stacks.remove("serve/InstanceGroup/Properties/SecurityGroupEgress/0/CidrIp");
        stacks.remove("serve/BalancerGroup/Properties/SecurityGroupEgress/0/CidrIp");
    }),
    ("NET-31-open-ingress", "everybody by the newer protocol, in a rule of its own", |stacks| {
        stacks.set("serve/InstanceIngress/Properties/CidrIpv6", json!("::/0"));
    }),
    ("NET-32-egress", "everything", |stacks| {
        stacks.set(&format!("{EGRESS}/CidrIp"), json!("0.0.0.0/0"));
        stacks.set(&format!("{EGRESS}/IpProtocol"), json!("-1"));
    }),
    ("NET-32-egress", "nothing written down", |stacks| {
        stacks.remove("serve/InstanceGroup/Properties/SecurityGroupEgress");
    }),
    ("NET-32-egress", "written down in one branch", |stacks| {
        let good = stacks.get("serve/InstanceGroup/Properties/SecurityGroupEgress");
        stacks.set("serve/InstanceGroup/Properties/SecurityGroupEgress", sometimes(&good));
    }),
    ("NET-32-by-reference", "port 443 of the internet", |stacks| {
        stacks.set(&format!("{EGRESS}/CidrIp"), json!("0.0.0.0/0"));
    }),
    ("NET-32-by-reference", "a range that a parameter names", |stacks| {
        let any = parameter(stacks, "serve");
        stacks.set(&format!("{EGRESS}/CidrIp"), any);
    }),
    ("NET-33-instance", "a public address", |stacks| {
        stacks.set(INTERFACE, json!([{"DeviceIndex": 0, "AssociatePublicIpAddress": true}]));
    }),
    ("NET-33-instance", "a public address if a parameter says so", |stacks| {
        let any = parameter(stacks, "serve");
        stacks.set(INTERFACE, json!([{"DeviceIndex": 0, "AssociatePublicIpAddress": any}]));
    }),
    ("NET-33-task", "a public address in one branch", |stacks| {
        let path = "serve/Service/Properties/NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp";
        stacks.set(path, sometimes(&json!("ENABLED")));
    }),
    ("NET-33-subnet", "public addresses", |stacks| {
        stacks.set("network/SubnetA/Properties/MapPublicIpOnLaunch", json!(true));
    }),
    ("NET-34-gateway", "none for S3", |stacks| {
        stacks.remove("network/Endpoints3");
    }),
    ("NET-34-interface", "none for KMS", |stacks| {
        stacks.remove("network/Endpointkms");
    }),
    ("NET-34-interface", "one for KMS that is not always there", |stacks| {
        stacks.set("network/Endpointkms/Condition", json!("Sometimes"));
    }),
    ("NET-35-policy", "none", |stacks| {
        stacks.remove("network/Endpointlogs/Properties/PolicyDocument");
    }),
    ("NET-35-policy", "everybody", |stacks| {
        stacks.remove("network/Endpointlogs/Properties/PolicyDocument/Statement/0/Condition");
    }),
    ("NET-36-description", "a rule that says nothing", |stacks| {
        stacks.remove(&format!("{INGRESS}/Description"));
    }),
    ("NET-36-description", "a rule of its own that says nothing", |stacks| {
        stacks.set("serve/InstanceIngress/Properties/Description", json!(" "));
    }),
    ("NET-36-description", "a group that says nothing", |stacks| {
        stacks.remove("serve/InstanceGroup/Properties/GroupDescription");
    }),
    ("NET-37-tls", "the default policy", |stacks| {
        stacks.remove("serve/Https/Properties/SslPolicy");
    }),
    ("NET-37-tls", "an old policy in one branch", |stacks| {
        let policy =
            json!({"Fn::If": ["C", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-2016-08"]});
        stacks.set("serve/Https/Properties/SslPolicy", policy);
    }),
    ("NET-37-tls", "a policy that a parameter names", |stacks| {
        let any = parameter(stacks, "serve");
        stacks.set("serve/Https/Properties/SslPolicy", any);
    }),
    ("NET-38-http", "forwarding", |stacks| {
        stacks.set("serve/Http/Properties/DefaultActions/0", json!({"Type": "forward"}));
    }),
    ("NET-38-http", "a redirect to plain HTTP", |stacks| {
        stacks.set("serve/Http/Properties/DefaultActions/0/RedirectConfig/Protocol", json!("HTTP"));
    }),
    ("NET-38-http", "forwarding over HTTP in one branch", |stacks| {
        stacks.set("serve/Https/Properties/Protocol", json!({"Fn::If": ["C", "HTTPS", "HTTP"]}));
    }),
    ("NET-38-internal-http", "forwarding inside", |stacks| {
        stacks.set("serve/Balancer/Properties/Scheme", json!("internal"));
        stacks.set("serve/Http/Properties/DefaultActions/0", json!({"Type": "forward"}));
    }),
    ("NET-38-http", "forwarding where one branch faces the internet", |stacks| {
        let scheme = json!({"Fn::If": ["C", "internal", "internet-facing"]});
        stacks.set("serve/Balancer/Properties/Scheme", scheme);
        stacks.set("serve/Http/Properties/DefaultActions/0", json!({"Type": "forward"}));
    }),
    ("NET-39-access-logs", "off", |stacks| attribute(stacks, "access_logs.s3.enabled", json!("false"))),
    ("NET-39-access-logs", "off if a parameter says so", |stacks| {
        let any = parameter(stacks, "serve");
        attribute(stacks, "access_logs.s3.enabled", any);
    }),
    ("NET-40-headers", "kept in one branch", |stacks| {
        attribute(
            stacks,
            "routing.http.drop_invalid_header_fields.enabled",
            json!({"Fn::If": ["C", "true", "false"]}),
        );
    }),
    ("NET-40-headers", "an attribute that is there in one branch", |stacks| {
        let good = stacks.get("serve/Balancer/Properties/LoadBalancerAttributes/2");
        stacks.set("serve/Balancer/Properties/LoadBalancerAttributes/2", sometimes(&good));
    }),
    ("NET-41-deletion", "easy to delete", |stacks| {
        stacks.remove("serve/Balancer/Properties/LoadBalancerAttributes/4");
    }),
    ("NET-42-waf", "none for the load balancer", |stacks| {
        stacks.remove("serve/BalancerAcl");
    }),
    ("NET-42-waf", "none for the API", |stacks| {
        stacks.remove("api/ApiAcl");
    }),
    ("NET-43-desync", "defensive", |stacks| {
        attribute(stacks, "routing.http.desync_mitigation_mode", json!("defensive"));
    }),
];
