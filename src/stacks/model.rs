//! One stack for each hosted model: GPU hosts, the engine on every one of them, a load balancer in front.
//!
//! The stock images of the engines run as they are. Before the engine a container of its own brings the weights from S3
//! to the host's local disk; then the engine starts on a local path.

mod engine;
mod request;
mod scaling;
mod service;
mod settings;
mod spec;
mod tasks;

use lisa_api::models::CreateModelRequest;
use lisa_config::Config;

use crate::app::{self, StackName};
use crate::assets::Assets;
use crate::builder::{Context, StackBuilder};
use crate::error::SynthErrors;
use crate::naming::Naming;
use crate::parts::{
    Alarm, HostsSpec, LoadBalancerSpec, alarm, cluster, hosts, load_balancer, scaling_dimensions,
};
use crate::shared::Shared;
use crate::stack::Stack;

pub use request::request;
pub use settings::{ENGINE, EngineSettings, engine_settings};
pub use spec::ModelSpec;

/// Makes the stack of a model that the management API was asked for.
///
/// # Errors
///
/// A request that names an instance type or an id which LISA cannot host, and every property that CloudFormation would
/// refuse.
pub fn synthesize(
    config: &Config,
    request: &CreateModelRequest,
    assets: &Assets,
) -> Result<Stack, SynthErrors> {
    let context = Context { config, naming: Naming::new(config), assets };
    let stack = stack(&context, &ModelSpec::from_request(request)?);
    let errors = app::refused(config, &stack);
    if errors.is_empty() { Ok(stack) } else { Err(SynthErrors(errors)) }
}

/// Makes the stack of a model. It depends on `network` and `core`, and on `models` where that has its roles' boundary.
pub fn stack(context: &Context<'_>, spec: &ModelSpec) -> Stack {
    let deployed = context.naming.model_stack(spec.id.as_str());
    let what = format!("LISA: the model {}", spec.id);
    let mut stack = StackBuilder::named(context, spec.stack_name(), deployed, &what);
    limit_roles(&mut stack);
    let name = stack.naming().model_cluster(&spec.id.identifier());
    let cluster = cluster(&mut stack, name);
    let group = stack.read(Shared::ModelSecurityGroupId).as_id();
    let balancer = LoadBalancerSpec {
        what: &spec.stack_name(),
        internet_facing: false,
        subnets: stack.read_list(Shared::PrivateSubnetIds).as_ids(),
        group: group.clone(),
        config: &spec.load_balancer,
        config_path: &spec.path("loadBalancerConfig"),
    };
    let balancer = load_balancer(&mut stack, &balancer);
    let hosts_spec = HostsSpec {
        cluster: &cluster,
        instance_type: &spec.instance_type,
        scaling: &spec.scaling,
        weights: true,
        group: group.clone(),
        config_path: &spec.origin,
    };
    let hosts = hosts(&mut stack, &hosts_spec);
    let task = tasks::definition(&mut stack, spec);
    let service = service::add(&mut stack, &cluster, &task, &balancer, &group);
    scaling::add(&mut stack, spec, &hosts, &balancer);
    let failing = Alarm {
        what: "requests to a model end in errors",
        namespace: "AWS/ApplicationELB",
        metric: "HTTPCode_Target_5XX_Count",
        dimensions: scaling_dimensions(&balancer).into(),
        statistic: "Sum",
        threshold: 10.0,
        periods: 2,
        period: 300,
    };
    alarm(&mut stack, "ErrorsAlarm", failing);
    stack.template.output("autoScalingGroup", "Name of the hosts' group", hosts.reference());
    stack.template.output("cluster", "Name of the cluster", cluster.reference());
    stack.template.output("service", "Name of the service", service.name());
    stack.template.output("modelEndpointUrl", "URL of the engine", balancer.url);
    stack.finish()
}

/// Keeps the stack's roles within what CloudFormation's role in the `models` stack may make, so that stacks of the
/// command line and of the management API are alike.
fn limit_roles(stack: &mut StackBuilder<'_>) {
    stack.put_roles_under(stack.naming().model_role_path());
    let config = stack.config();
    if config.permissions_boundary_aspect.is_none() && StackName::Models.why_off(config).is_none() {
        stack.bound_roles_by(stack.naming().model_boundary());
        stack.depends_on(StackName::Models);
    }
}
