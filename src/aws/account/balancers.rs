//! Load balancers' protection from deletion: Elastic Load Balancing.

use lisa_deploy::ports::Call;
use lisa_signed::{Signed, service};

use crate::error::signed;

/// Ends the protection of one load balancer.
pub(super) async fn unprotect(client: &Signed, arn: &str) -> Call<()> {
    let parameters = [
        ("LoadBalancerArn", arn),
        ("Attributes.member.1.Key", "deletion_protection.enabled"),
        ("Attributes.member.1.Value", "false"),
    ];
    let answer =
        client.query(&service::ELASTIC_LOAD_BALANCING, "ModifyLoadBalancerAttributes", &parameters).await;
    answer.map_err(signed("elasticloadbalancing:ModifyLoadBalancerAttributes"))?;
    Ok(())
}
