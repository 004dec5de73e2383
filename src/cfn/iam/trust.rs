//! Who may assume a role: the trust document, guarded against a confused deputy where the service plays along.

use super::actions::sts;
use super::condition::Condition;
use super::policy::Policy;
use super::principal::Principal;
use super::statement::Statement;
use crate::value::Value;

/// Services that say for which account they assume a role, so that its trust may ask for `aws:SourceAccount`: the user
/// guide of each shows the key in a role's trust.
///
/// A service that is not here may be locked out of its role by the condition:
///
/// * `lambda`: its guide does not say that it sends the key when it assumes an execution role.
/// * `ec2`: an instance profile's role is assumed for the instance, without the key.
/// * `apigateway`: an integration's role is assumed without the key, and every call ends in 500 (seen with S3
///   integrations in commercial and GovCloud regions).
///
/// What guards such a role is that it can be handed to a service by `iam:PassRole` alone, which never crosses accounts.
const SPEAKING: [&str; 11] = [
    "bedrock.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "events.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "pipes.amazonaws.com",
    "rds.amazonaws.com",
    "sagemaker.amazonaws.com",
    "scheduler.amazonaws.com",
    "ssm.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];

/// Whether a service says for which account it assumes a role, so that the trust may ask for `aws:SourceAccount`.
pub fn trusts_source_account(service: &str) -> bool {
    SPEAKING.contains(&service)
}

/// The trust document of a role that a service assumes for this account's resources: `trust("lambda.amazonaws.com")`.
pub fn trust(service: &str) -> Policy {
    Policy::new([statement(service)])
}

/// [`trust`] for the resources alone whose ARN matches: `trust_from("states.amazonaws.com", arn)`. Without effect on a
/// service that does not say for whom it acts ([`trusts_source_account`]).
pub fn trust_from(service: &str, source_arn: impl Into<Value<String>>) -> Policy {
    let statement = statement(service);
    if trusts_source_account(service) {
        Policy::new([statement.when(Condition::source_arn(source_arn))])
    } else {
        Policy::new([statement])
    }
}

fn statement(service: &str) -> Statement {
    let statement = Statement::allow([sts::ASSUME_ROLE]).to(Principal::service(service));
    if trusts_source_account(service) { statement.when(Condition::source_account()) } else { statement }
}
