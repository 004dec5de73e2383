//! Endpoints: ways to AWS's services that do not leave the VPC.

use lisa_cfn::aws::ec2::{
    self,
    security_group::{Egress, Ingress},
    vpc_endpoint::VpcEndpointType,
};
use lisa_cfn::iam::{Action, Condition, Policy, Principal, Statement, actions, arn, keys};
use lisa_cfn::{Handle, Id, Value};
use lisa_config::section::environment::SecurityProfile;
use lisa_names::partition::endpoint::{gateway_endpoint, interface_endpoint};
use lisa_names::{Feature, capability};

use super::Network;
use super::security_groups::Groups;
use crate::builder::StackBuilder;
use crate::shared::Shared;

/// What hosts and functions call, beside S3 and DynamoDB: the interface endpoints of the `hardened` profile, which cost
/// money for each hour and zone.
const SERVICES: [(&str, &str); 10] = [
    ("Ecr", "ecr.api"),
    ("EcrImages", "ecr.dkr"),
    ("Ecs", "ecs"),
    ("EcsAgent", "ecs-agent"),
    ("EcsTelemetry", "ecs-telemetry"),
    ("Kms", "kms"),
    ("Logs", "logs"),
    ("SecretsManager", "secretsmanager"),
    ("Ssm", "ssm"),
    ("Sts", "sts"),
];

/// Adds the gateway endpoints of S3 and DynamoDB, which cost nothing.
pub(super) fn gateways(
    stack: &mut StackBuilder<'_>,
    vpc: &Handle<ec2::Vpc>,
    tables: &[Handle<ec2::RouteTable>],
) {
    gateway(stack, vpc, tables, "S3", s3_policy());
    if !capability(&stack.config().region, Feature::DynamoDbGatewayEndpoint).is_absent() {
        gateway(stack, vpc, tables, "DynamoDb", dynamodb_policy());
    }
}

fn gateway(
    stack: &mut StackBuilder<'_>,
    vpc: &Handle<ec2::Vpc>,
    tables: &[Handle<ec2::RouteTable>],
    name: &str,
    policy: Policy,
) {
    let service = gateway_endpoint(&stack.config().region, &name.to_lowercase());
    let endpoint = ec2::VpcEndpoint::new(vpc.vpc_id())
        .service_name(service)
        .vpc_endpoint_type(VpcEndpointType::GATEWAY)
        .route_table_ids(tables.iter().map(Handle::<ec2::RouteTable>::route_table_id).collect::<Vec<_>>())
        .policy_document(policy);
    stack.add(format!("{name}Endpoint"), endpoint);
}

/// The account's own calls, and reading what AWS hosts in buckets of its own: layers of images and system packages,
/// which are fetched by others' signatures or by none.
fn s3_policy() -> Policy {
    let own = Statement::allow([Action::all_of("s3")])
        .on_all()
        .to(Principal::any())
        .when(Condition::string_equals(keys::PRINCIPAL_ACCOUNT, lisa_cfn::pseudo::account_id()))
        .sid("Account");
    let hosted = [
        "prod-${AWS::Region}-starport-layer-bucket/*",
        "al2023-repos-${AWS::Region}-*/*",
        "amazonlinux-2-repos-${AWS::Region}/*",
    ];
    let hosted =
        hosted.map(|objects| Value::<String>::sub(format!("arn:${{AWS::Partition}}:s3:::{objects}")));
    let hosted =
        Statement::allow([actions::s3::GET_OBJECT]).on(hosted).to(Principal::any()).sid("HostedByAws");
    Policy::new([own, hosted])
}

/// The account's own tables.
fn dynamodb_policy() -> Policy {
    let own = Statement::allow([Action::all_of("dynamodb")])
        .on([arn::regional("dynamodb", "*")])
        .to(Principal::any())
        .when(Condition::string_equals(keys::PRINCIPAL_ACCOUNT, lisa_cfn::pseudo::account_id()))
        .sid("Account");
    Policy::new([own])
}

/// The account's own calls of the service behind an interface endpoint; to an API anybody, since the API itself asks its
/// callers who they are.
fn interface_policy(service: &'static str) -> Policy {
    if service == "execute-api" {
        let invoke = Statement::allow([actions::execute_api::INVOKE]).on([arn::regional("execute-api", "*")]);
        return Policy::new([invoke.to(Principal::any()).sid("Apis")]);
    }
    // `ecr.api` and `ecs-agent` are names of endpoints; the actions behind them are those of `ecr` and `ecs`.
    let prefix = service.split(['.', '-']).next().unwrap_or(service);
    let own = Statement::allow([Action::all_of(prefix)])
        .on_all()
        .to(Principal::any())
        .when(Condition::string_equals(keys::PRINCIPAL_ACCOUNT, lisa_cfn::pseudo::account_id()))
        .sid("Account");
    Policy::new([own])
}

/// Adds the interface endpoints: the one that private REST APIs are reached by, and in the `hardened` profile those of a
/// new VPC's services. An existing VPC keeps the ones that it has: a second one of a service is refused.
pub(super) fn interfaces(stack: &mut StackBuilder<'_>, network: &Network, groups: &Groups) {
    let private_api = stack.config().private_endpoints;
    let services = stack.at_least(SecurityProfile::Hardened) && stack.config().vpc_id.is_none();
    if !private_api && !services {
        return;
    }
    let group = group(stack, network, groups);
    if private_api {
        let endpoint = interface(stack, network, &group, ("ExecuteApi", "execute-api"));
        stack.publish(Shared::ExecuteApiEndpointId, endpoint.id());
    }
    if services {
        for service in SERVICES {
            interface(stack, network, &group, service);
        }
    }
}

fn interface(
    stack: &mut StackBuilder<'_>,
    network: &Network,
    group: &Value<Id<ec2::SecurityGroup>>,
    (name, service): (&str, &'static str),
) -> Handle<ec2::VpcEndpoint> {
    let endpoint = ec2::VpcEndpoint::new(network.vpc.clone())
        .service_name(interface_endpoint(&stack.config().region, service))
        .vpc_endpoint_type(VpcEndpointType::INTERFACE)
        .private_dns_enabled(true)
        .policy_document(interface_policy(service))
        .subnet_ids(network.private.as_ids())
        .security_group_ids([group.clone()]);
    let endpoint = stack.add(format!("{name}Endpoint"), endpoint);
    let origin = if service == "execute-api" { "privateEndpoints" } else { "securityProfile" };
    stack.template.options(&endpoint).set_by("", origin);
    endpoint
}

/// The endpoints' group; where groups are given and none may be made, the functions' one.
fn group(stack: &mut StackBuilder<'_>, network: &Network, groups: &Groups) -> Value<Id<ec2::SecurityGroup>> {
    if stack.config().security_group_config.is_some() {
        return groups.functions.clone();
    }
    let cidr = network.cidr(stack);
    let https = Ingress::new("tcp").cidr_ip(cidr.clone()).from_port(443).to_port(443);
    let group = ec2::SecurityGroup::new(format!("{}: endpoints of AWS services", stack.naming().prefix()))
        .vpc_id(network.vpc.clone())
        .security_group_ingress([https.description("HTTPS from the VPC")])
        // Endpoints answer and never ask: without any rule there would be one that lets everything out.
        .security_group_egress([Egress::new("tcp")
            .cidr_ip(cidr)
            .from_port(443)
            .to_port(443)
            .description("HTTPS to the VPC")]);
    stack.add("EndpointSecurityGroup", group).group_id()
}
