//! Actions that can only be granted on `Resource: "*"`, for callers that bring no table of their own.

/// Actions of the services a deployment uses that have no resource-level permission, in lower case, sorted.
/// Source: the resource types column of the service authorization reference.
const UNSCOPED: &[&str] = &[
    "autoscaling:describeautoscalinggroups",
    "autoscaling:describeautoscalinginstances",
    "autoscaling:describescalingactivities",
    "bedrock:listfoundationmodels",
    "cloudformation:validatetemplate",
    "cloudwatch:describealarms",
    "cloudwatch:getmetricdata",
    "cloudwatch:getmetricstatistics",
    "cloudwatch:listmetrics",
    "cloudwatch:putmetricdata",
    "ec2:assignprivateipaddresses",
    "ec2:describeavailabilityzones",
    "ec2:describeimages",
    "ec2:describeinstances",
    "ec2:describeinstancetypeofferings",
    "ec2:describeinstancetypes",
    "ec2:describelaunchtemplates",
    "ec2:describelaunchtemplateversions",
    "ec2:describenetworkinterfaces",
    "ec2:describesecuritygroups",
    "ec2:describesubnets",
    "ec2:describevolumes",
    "ec2:describevpcs",
    "ec2:unassignprivateipaddresses",
    "ec2messages:acknowledgemessage",
    "ec2messages:deletemessage",
    "ec2messages:failmessage",
    "ec2messages:getendpoint",
    "ec2messages:getmessages",
    "ec2messages:sendreply",
    "ecr:getauthorizationtoken",
    "ecs:createcluster",
    "ecs:deregistertaskdefinition",
    "ecs:describetaskdefinition",
    "ecs:discoverpollendpoint",
    "ecs:listtaskdefinitions",
    "elasticloadbalancing:describelisteners",
    "elasticloadbalancing:describeloadbalancers",
    "elasticloadbalancing:describerules",
    "elasticloadbalancing:describetargetgroups",
    "elasticloadbalancing:describetargethealth",
    "kms:createkey",
    "kms:generaterandom",
    "kms:listaliases",
    "kms:listkeys",
    "logs:createlogdelivery",
    "logs:deletelogdelivery",
    "logs:describeresourcepolicies",
    "logs:getlogdelivery",
    "logs:listlogdeliveries",
    "logs:putresourcepolicy",
    "logs:updatelogdelivery",
    "s3:listallmybuckets",
    "secretsmanager:getrandompassword",
    "ssm:describeparameters",
    "ssmmessages:createcontrolchannel",
    "ssmmessages:createdatachannel",
    "ssmmessages:opencontrolchannel",
    "ssmmessages:opendatachannel",
    "sts:getcalleridentity",
    "xray:getsamplingrules",
    "xray:getsamplingstatisticsummaries",
    "xray:getsamplingtargets",
    "xray:puttelemetryrecords",
    "xray:puttracesegments",
];

/// Whether the action, such as `ecr:GetAuthorizationToken`, can only be granted on every resource. An action that
/// is not known counts as one that can be scoped.
pub fn is_unscoped(action: &str) -> bool {
    UNSCOPED.binary_search(&action.to_ascii_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{UNSCOPED, is_unscoped};

    #[test]
    fn is_sorted_so_that_it_can_be_searched() {
        assert!(UNSCOPED.is_sorted());
        assert!(is_unscoped("ecr:GetAuthorizationToken"));
        assert!(!is_unscoped("s3:GetObject"));
        assert!(!is_unscoped("*"));
    }
}
