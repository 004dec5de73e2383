//! The `network` stack: a VPC of its own or the parts of an existing one, security groups and endpoints. The other
//! stacks read ids alone and do not notice which it is.

mod endpoints;
mod existing;
mod flow_logs;
mod security_groups;
mod vpc;

use lisa_cfn::aws::ec2;
use lisa_cfn::{Id, List, ParameterType, Value};
use lisa_names::VpcId;

use crate::app::StackName;
use crate::builder::{Context, StackBuilder};
use crate::shared::Shared;
use crate::stack::Stack;

/// A VPC, made here or brought along.
struct Network {
    /// The VPC's id.
    vpc: Value<Id<ec2::Vpc>>,
    /// The address range of a VPC made here.
    cidr: Option<Value<String>>,
    /// Subnets that the internet reaches, where there are any.
    public: Option<Subnets>,
    /// Subnets with a way out.
    private: Subnets,
    /// Subnets for databases.
    isolated: Subnets,
}

impl Network {
    /// The VPC's address range; of an existing one it is looked up, but only where somebody asks.
    fn cidr(&self, stack: &mut StackBuilder<'_>) -> Value<String> {
        let lookup = |stack: &mut StackBuilder<'_>| {
            let vpc = stack.config().vpc_id.as_ref().map_or("", VpcId::as_str);
            stack.lookup("VpcCidr", ParameterType::String, "Address range of the VPC", vpc).value()
        };
        self.cidr.clone().unwrap_or_else(|| lookup(stack))
    }
}

/// Ids of subnets.
type Subnets = Value<List<String>>;

/// Makes the stack. It depends on `core`, whose key encrypts the flow logs.
pub(crate) fn stack(context: &Context<'_>) -> Stack {
    let mut stack =
        StackBuilder::new(context, StackName::Network, "LISA: VPC, subnets, endpoints and security groups");
    let network = match &stack.config().vpc_id {
        Some(vpc) => existing::network(&mut stack, vpc),
        None => vpc::network(&mut stack),
    };
    let groups = security_groups::add(&mut stack, &network);
    endpoints::interfaces(&mut stack, &network, &groups);
    publish(&mut stack, &network);
    stack.finish()
}

fn publish(stack: &mut StackBuilder<'_>, network: &Network) {
    stack.publish(Shared::VpcId, &network.vpc);
    stack.publish_list(Shared::PrivateSubnetIds, &network.private);
    stack.publish_list(Shared::IsolatedSubnetIds, &network.isolated);
    if let Some(public) = &network.public {
        stack.publish_list(Shared::PublicSubnetIds, public);
    }
}
