//! The parts of an existing VPC: subnets named in the configuration, or looked up when the stack is deployed.

use lisa_cfn::{Id, ParameterType};
use lisa_config::section::network::SubnetTier;
use lisa_names::VpcId;

use super::{Network, Subnets};
use crate::builder::StackBuilder;

/// What is there. `subnets` of the configuration win; without them a parameter asks for each tier.
pub(super) fn network(stack: &mut StackBuilder<'_>, vpc: &VpcId) -> Network {
    let id = Id::literal(vpc.as_str());
    if stack.config().subnets.is_empty() {
        let public = stack.config().rest_api_config.internet_facing;
        return Network {
            vpc: id,
            cidr: None,
            public: public.then(|| looked_up(stack, vpc, "Public", "public subnets")),
            private: looked_up(stack, vpc, "Private", "private subnets with a route out"),
            isolated: looked_up(stack, vpc, "Isolated", "isolated subnets, else the private ones"),
        };
    }
    let of = |tier: SubnetTier| {
        let subnets = stack.config().subnets.iter().filter(move |subnet| subnet.tier == tier);
        let ids: Vec<String> = subnets.map(|subnet| subnet.subnet_id.to_string()).collect();
        (!ids.is_empty()).then(|| Subnets::from(ids))
    };
    let (public, private, isolated) =
        (of(SubnetTier::Public), of(SubnetTier::Private), of(SubnetTier::Isolated));
    let private = private.or_else(|| isolated.clone()).unwrap_or_else(|| Subnets::from(Vec::<String>::new()));
    let isolated = isolated.unwrap_or_else(|| private.clone());
    Network { vpc: id, cidr: None, public, private, isolated }
}

fn looked_up(stack: &mut StackBuilder<'_>, vpc: &VpcId, tier: &str, what: &str) -> Subnets {
    stack.lookup(&format!("{tier}Subnets"), ParameterType::SubnetIds, what, vpc.as_str()).list()
}
