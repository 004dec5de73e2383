//! The `serve` stack: the OpenAI-compatible gateway on EC2 hosts behind a load balancer, with its tokens and keys.

mod access;
mod alarms;
mod litellm;
mod scaling;
mod service;
mod settings;
mod tasks;

use lisa_cfn::aws::ec2::{
    self,
    security_group::{Egress, Ingress},
};
use lisa_cfn::{Id, Value};

use crate::app::StackName;
use crate::builder::{Context, StackBuilder};
use crate::parts::{HostsSpec, LoadBalancer, LoadBalancerSpec, PORT, cluster, hosts, load_balancer, web_acl};
use crate::shared::Shared;
use crate::stack::Stack;

pub use litellm::{GatewaySecret, gateway_secret};

/// Where the gateway's settings stand in the file.
const CONFIG: &str = "restApiConfig";

/// The container's name in its task.
const CONTAINER: &str = "serve";

/// Makes the stack.
pub(crate) fn stack(context: &Context<'_>) -> Stack {
    let mut stack = StackBuilder::new(context, StackName::Serve, "LISA: the OpenAI-compatible gateway");
    let rest = &stack.config().rest_api_config;
    access::add(&mut stack);
    let litellm = litellm::add(&mut stack);
    let name = stack.naming().short("serve");
    let cluster = cluster(&mut stack, name);
    let balancer = balancer(&mut stack);
    let group = host_group(&mut stack);
    let spec = HostsSpec {
        cluster: &cluster,
        instance_type: &rest.instance_type,
        scaling: &rest.auto_scaling_config,
        weights: false,
        group: group.clone(),
        config_path: CONFIG,
    };
    let hosts = hosts(&mut stack, &spec);
    let task = tasks::definition(&mut stack, &litellm);
    let service = service::add(
        &mut stack,
        &service::Parts { cluster: &cluster, hosts: &hosts, task, balancer: &balancer, group },
    );
    scaling::add(&mut stack, &cluster, &service, &balancer);
    alarms::add(&mut stack, &balancer);
    web_acl(&mut stack, "WebAcl", balancer.balancer.load_balancer_arn().into());
    stack.publish(Shared::ServeUrl, balancer.url.clone());
    stack.template.output("RESTUrl", "URL of the serve API", balancer.url);
    stack.finish()
}

fn balancer(stack: &mut StackBuilder<'_>) -> LoadBalancer {
    let rest = &stack.config().rest_api_config;
    let subnets = if rest.internet_facing { Shared::PublicSubnetIds } else { Shared::PrivateSubnetIds };
    let spec = LoadBalancerSpec {
        what: "serve",
        internet_facing: rest.internet_facing,
        subnets: stack.read_list(subnets).as_ids(),
        group: stack.read(Shared::RestAlbSecurityGroupId).as_id(),
        config: &rest.load_balancer_config,
        config_path: "restApiConfig.loadBalancerConfig",
    };
    load_balancer(stack, &spec)
}

/// The group of the gateway's hosts and tasks, which the load balancer alone reaches; with `securityGroupConfig` no group
/// is made, and the load balancer's serves for all.
fn host_group(stack: &mut StackBuilder<'_>) -> Value<Id<ec2::SecurityGroup>> {
    let balancer = stack.read(Shared::RestAlbSecurityGroupId);
    if stack.config().security_group_config.is_some() {
        return balancer.as_id();
    }
    let models = stack.read(Shared::ModelSecurityGroupId);
    let vpc = stack.read(Shared::VpcId).as_id();
    let requests = Ingress::new("tcp")
        .source_security_group_id(balancer.as_id())
        .from_port(PORT)
        .to_port(PORT)
        .description("requests from the load balancer");
    let https = Egress::new("tcp").cidr_ip("0.0.0.0/0").from_port(443).to_port(443);
    let to_models =
        Egress::new("tcp").destination_security_group_id(models.as_id()).from_port(80).to_port(80);
    let group = ec2::SecurityGroup::new(format!("{}: hosts of the serve API", stack.naming().prefix()))
        .vpc_id(vpc)
        .security_group_ingress([requests])
        .security_group_egress([
            https.description("AWS endpoints, identity provider, models elsewhere"),
            to_models.description("models"),
        ]);
    stack.add("HostSecurityGroup", group).group_id()
}
