//! Three security groups: the serve API's load balancer, models, functions. What an existing network gives by
//! `securityGroupConfig` is used in their place, and then none is made.

use lisa_cfn::aws::ec2::{
    self,
    security_group::{Egress, Ingress},
};
use lisa_cfn::{Id, Tag, Value};

use super::Network;
use crate::builder::StackBuilder;
use crate::shared::Shared;

/// The groups that other resources of the stack need.
pub(super) struct Groups {
    /// The functions' group.
    pub(super) functions: Value<Id<ec2::SecurityGroup>>,
}

/// Port on which containers of the gateway and of models listen.
const CONTAINER: u16 = 8080;

/// Adds the groups, or takes the existing ones, and publishes their ids.
pub(super) fn add(stack: &mut StackBuilder<'_>, network: &Network) -> Groups {
    let (rest, model, functions) = match &stack.config().security_group_config {
        Some(given) => (
            Id::literal(given.rest_alb_security_group_id.as_str()),
            Id::literal(given.model_security_group_id.as_str()),
            Id::literal(given.lambda_security_group_id.as_str()),
        ),
        None => (rest(stack, network), model(stack, network), functions(stack, network)),
    };
    stack.publish(Shared::RestAlbSecurityGroupId, &rest);
    stack.publish(Shared::ModelSecurityGroupId, &model);
    stack.publish(Shared::LambdaSecurityGroupId, &functions);
    Groups { functions }
}

/// HTTPS from the internet where the load balancer faces it, else from the VPC; without a certificate plain HTTP from
/// the VPC alone.
fn rest(stack: &mut StackBuilder<'_>, network: &Network) -> Value<Id<ec2::SecurityGroup>> {
    let cidr = network.cidr(stack);
    let rest = &stack.config().rest_api_config;
    let ingress = match (&rest.load_balancer_config.ssl_cert_iam_arn, rest.internet_facing) {
        (Some(_), true) => from("0.0.0.0/0", 443, "HTTPS from anywhere"),
        (Some(_), false) => from(cidr.clone(), 443, "HTTPS from the VPC"),
        (None, _) => from(cidr.clone(), 80, "HTTP from the VPC"),
    };
    let group = group(stack, network, "load balancer of the serve API")
        .security_group_ingress([ingress])
        .security_group_egress([to(cidr.clone(), CONTAINER, CONTAINER, "containers of the gateway")]);
    let group = stack.add("RestAlbSecurityGroup", group);
    let origin = "restApiConfig.loadBalancerConfig.sslCertIamArn";
    stack.template.options(&group).set_by("SecurityGroupIngress", origin);
    group.group_id()
}

/// Models: their load balancers, reached from the VPC, and their hosts, which reach out for images and weights.
fn model(stack: &mut StackBuilder<'_>, network: &Network) -> Value<Id<ec2::SecurityGroup>> {
    let cidr = network.cidr(stack);
    let group = group(stack, network, "models: load balancers and hosts")
        .security_group_ingress([
            from(cidr.clone(), 80, "load balancers, from the VPC"),
            from(cidr.clone(), CONTAINER, "containers, from the load balancers"),
        ])
        .security_group_egress([
            to("0.0.0.0/0", 443, 443, "registries, S3 and AWS endpoints"),
            to(cidr.clone(), CONTAINER, CONTAINER, "containers, by the load balancers"),
        ]);
    stack.add("ModelSecurityGroup", group).group_id()
}

/// Functions: nobody reaches them; they reach AWS, identity providers, models and stores.
fn functions(stack: &mut StackBuilder<'_>, network: &Network) -> Value<Id<ec2::SecurityGroup>> {
    let cidr = network.cidr(stack);
    let group = group(stack, network, "functions").security_group_egress([
        to("0.0.0.0/0", 443, 443, "AWS endpoints and the identity provider"),
        to(cidr.clone(), 0, 65535, "load balancers and stores in the VPC"),
    ]);
    stack.add("LambdaSecurityGroup", group).group_id()
}

fn group(stack: &StackBuilder<'_>, network: &Network, of: &str) -> ec2::SecurityGroup {
    let prefix = stack.naming().prefix();
    ec2::SecurityGroup::new(format!("{prefix}: {of}"))
        .vpc_id(network.vpc.clone())
        .tags([Tag::new("Name", format!("{prefix}: {of}"))])
}

/// TCP from an address range to one port.
fn from(range: impl Into<Value<String>>, port: u16, what: &str) -> Ingress {
    Ingress::new("tcp").cidr_ip(range).from_port(port).to_port(port).description(what)
}

/// TCP to the ports `first` to `last` of an address range.
fn to(range: impl Into<Value<String>>, first: u16, last: u16, what: &str) -> Egress {
    Egress::new("tcp").cidr_ip(range).from_port(first).to_port(last).description(what)
}
