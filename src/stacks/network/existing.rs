//! The parts of an existing VPC: subnets named in the configuration, or looked up when the stack is deployed. Subnets
//! without a tier serve for all of them.

use lisa_cfn::{Id, ParameterType};
use lisa_config::section::network::SubnetTier;
use lisa_names::VpcId;

use super::{Network, Subnets};
use crate::builder::StackBuilder;

/// What is there. `subnets` of the configuration win; without them a parameter asks for each tier. A tier that nobody
/// marked is made up by the private subnets.
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
    let private = private.or_else(|| isolated.clone()).or_else(|| public.clone());
    // Without a subnet of any tier there would be nothing to look up either: the list is not empty.
    let private = private.unwrap_or_else(|| Subnets::from(Vec::<String>::new()));
    Network {
        vpc: id,
        cidr: None,
        public: Some(public.unwrap_or_else(|| private.clone())),
        isolated: isolated.unwrap_or_else(|| private.clone()),
        private,
    }
}

fn looked_up(stack: &mut StackBuilder<'_>, vpc: &VpcId, tier: &str, what: &str) -> Subnets {
    stack.lookup(&format!("{tier}Subnets"), ParameterType::SubnetIds, what, vpc.as_str()).list()
}
