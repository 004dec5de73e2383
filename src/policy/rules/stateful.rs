//! DATA-28: what happens to data when its stack goes.

use crate::report::Severity::Medium;
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::Dev;
use crate::world::World;

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "DATA-28-policies",
    title: "What happens to data when its stack goes is written down",
    why: "A replaced or removed resource takes its data along, without a question.",
    remedy: "Set `DeletionPolicy` and `UpdateReplacePolicy`, be it to `Delete`.",
    cost: None,
    from: Dev,
    severity: Medium,
    check: Check::With(policies),
}];

/// Types that hold what cannot be made again from the template.
pub(crate) const STATEFUL: &[&str] = &[
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
];

fn policies(world: &World<'_>, findings: &mut Findings) {
    for resource in STATEFUL.iter().flat_map(|kind| world.of(kind)) {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            if resource.body.get(policy).is_none() {
                findings.add(resource, policy, "is missing");
            }
        }
    }
}
