//! Who may assume a role: the trust document, guarded against a confused deputy where the service plays along.

use super::actions::sts;
use super::condition::Condition;
use super::policy::Policy;
use super::principal::Principal;
use super::statement::Statement;
use crate::value::Value;

/// Services that assume roles without saying for whom: with `aws:SourceAccount` in the trust they could not assume the
/// role at all.
///
/// * `ec2`: an instance profile's role is assumed for the instance, in whose account the profile must lie.
/// * `apigateway`: an integration's credentials are assumed without the key, so that every call would end in 500
///   (measured by others on S3 integrations in commercial and GovCloud regions); the account's logging role is passed
///   by `iam:PassRole`, which cannot cross accounts.
/// * `autoscaling`, `ecs`, `application-autoscaling`, `opensearchservice`, `es`: their own roles, which are passed with
///   `iam:PassRole` within the account and for which no support of the key is documented.
///
/// The guard that remains for these is that `iam:PassRole` never crosses accounts.
const SILENT: [&str; 7] = [
    "apigateway.amazonaws.com",
    "application-autoscaling.amazonaws.com",
    "autoscaling.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs.amazonaws.com",
    "es.amazonaws.com",
    "opensearchservice.amazonaws.com",
];

/// Whether a service says for which account it assumes a role, so that the trust may ask for `aws:SourceAccount`.
/// So do Lambda, ECS tasks, Step Functions, EventBridge, VPC flow logs, RDS monitoring, Bedrock and SageMaker.
pub fn trusts_source_account(service: &str) -> bool {
    !SILENT.contains(&service)
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
