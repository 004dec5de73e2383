//! What sensible templates do, and no rule may take for wrong.

use serde_json::json;

use crate::fixtures::{Stacks, with_settings};
use crate::{Profile, Settings, Verdict};

/// Something that is right, the profile it is right in, and how it is done.
type Sensible = (&'static str, Profile, fn(&mut Stacks));

const STATEMENTS: &str = "api/FunctionRole/Properties/Policies/0/PolicyDocument/Statement";
const CONTAINER: &str = "serve/Task/Properties/ContainerDefinitions/0";

const SENSIBLE: &[Sensible] = &[
    ("a function addressed by its name, across stacks", Profile::Hardened, |stacks| {
        stacks.set("api/Permission/Properties/FunctionName", json!("lisa-models"));
        for alarm in ["ErrorsAlarm", "ThrottlesAlarm"] {
            let body = stacks.get(&format!("api/{alarm}"));
            stacks.remove(&format!("api/{alarm}"));
            stacks.set(&format!("core/{alarm}"), body);
            stacks.set(&format!("core/{alarm}/Properties/Dimensions/0/Value"), json!("lisa-models"));
        }
    }),
    ("one alarm for all functions", Profile::Hardened, |stacks| {
        stacks.set("api/ErrorsAlarm/Properties/Dimensions", json!([]));
        stacks.remove("api/ThrottlesAlarm/Properties/Dimensions");
    }),
    ("an alarm by query", Profile::Hardened, |stacks| {
        for name in ["Dimensions", "MetricName", "Namespace"] {
            stacks.remove(&format!("api/ErrorsAlarm/Properties/{name}"));
        }
        let query = "SELECT SUM(Errors) FROM SCHEMA(\"AWS/Lambda\", FunctionName)";
        stacks.set("api/ErrorsAlarm/Properties/Metrics", json!([{"Id": "m", "Expression": query}]));
    }),
    ("grants on a part of a bucket, a table's indexes, a name's start", Profile::Hardened, |stacks| {
        let resources = json!([
            {"Fn::Sub": "arn:${AWS::Partition}:s3:::${DataBucket}/*"},
            {"Fn::Join": ["", [{"Fn::GetAtt": ["Table", "Arn"]}, "/index/*"]]},
            {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/lisa/*"},
            {"Ref": "DeadLetterArn"},
        ]);
        stacks.set(&format!("{STATEMENTS}/0/Resource"), resources);
    }),
    ("actions that cannot be scoped, in a statement of their own", Profile::Hardened, |stacks| {
        let actions = json!(["xray:PutTraceSegments", "logs:CreateLogDelivery", "ec2:DescribeInstances"]);
        stacks
            .set(&format!("{STATEMENTS}/2"), json!({"Effect": "Allow", "Action": actions, "Resource": "*"}));
    }),
    ("refusing everything everywhere", Profile::Hardened, |stacks| {
        stacks.set(&format!("{STATEMENTS}/2"), json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    }),
    ("passing roles by the start of their name", Profile::Hardened, |stacks| {
        let arn = json!({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/lisa-*"});
        stacks.set(&format!("{STATEMENTS}/1/Resource"), arn);
    }),
    ("a lone statement instead of a list", Profile::Hardened, |stacks| {
        let statement = stacks.get(&format!("{STATEMENTS}/0"));
        stacks.set(STATEMENTS, statement);
    }),
    ("a log group with the name that Lambda gives", Profile::Hardened, |stacks| {
        stacks.remove("api/Function/Properties/LoggingConfig");
        stacks.set("api/FunctionLogs/Properties/LogGroupName", json!({"Fn::Sub": "/aws/lambda/lisa-models"}));
    }),
    ("an on-failure destination instead of a dead-letter queue", Profile::Hardened, |stacks| {
        stacks.remove("api/Function/Properties/DeadLetterConfig");
        let config = json!({
            "FunctionName": {"Ref": "Function"},
            "DestinationConfig": {"OnFailure": {"Destination": {"Ref": "DeadLetterArn"}}},
        });
        stacks.set("api/Invoke", json!({"Type": "AWS::Lambda::EventInvokeConfig", "Properties": config}));
    }),
    ("a function from an image", Profile::Hardened, |stacks| {
        stacks.remove("api/Function/Properties/Runtime");
        stacks.set("api/Function/Properties/PackageType", json!("Image"));
        let image = format!("a.dkr.ecr/x@sha256:{}", "0".repeat(64));
        stacks.set("api/Function/Properties/Code", json!({"ImageUri": image}));
    }),
    ("a queue with the key of SQS", Profile::Standard, |stacks| {
        stacks.remove("core/Queue/Properties/KmsMasterKeyId");
        stacks.set("core/Queue/Properties/SqsManagedSseEnabled", json!(true));
    }),
    ("a parameter that can only be right", Profile::Hardened, |stacks| {
        let declaration = json!({"Type": "String", "AllowedValues": ["true"]});
        stacks.parameter("data", "Redundant", declaration);
        stacks.set("data/Database/Properties/MultiAZ", json!({"Ref": "Redundant"}));
    }),
    ("a database of a cluster", Profile::Hardened, |stacks| {
        let instance =
            json!({"DBClusterIdentifier": "c", "PubliclyAccessible": false, "Engine": "aurora-postgresql"});
        stacks.set(
            "data/Member",
            json!({"Type": "AWS::RDS::DBInstance", "Properties": instance,
            "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}),
        );
    }),
    ("a secret that a container reads at start", Profile::Hardened, |stacks| {
        stacks.set(
            &format!("{CONTAINER}/Secrets"),
            json!([{"Name": "DB_PASSWORD", "ValueFrom": {"Ref": "TopicArn"}}]),
        );
        stacks.set(&format!("{CONTAINER}/Environment/2"), json!({"Name": "TOKENIZER", "Value": "mistral"}));
        stacks.set(&format!("{CONTAINER}/Environment/3"), json!({"Name": "TOKEN_ISSUER", "Value": "idp"}));
    }),
    ("an image by the hash of its content", Profile::Hardened, |stacks| {
        let image = json!({"Fn::Sub": "${AWS::AccountId}.dkr.ecr.r.${AWS::URLSuffix}/lisa:serve-0123456789abcdef0123456789abcdef"});
        stacks.set(&format!("{CONTAINER}/Image"), image);
    }),
    ("an image by its version", Profile::Standard, |stacks| {
        stacks.set(
            &format!("{CONTAINER}/Image"),
            json!("ghcr.io:443/huggingface/text-generation-inference:3.3.6"),
        );
    }),
    ("a private volume that two containers share", Profile::Hardened, |stacks| {
        stacks.set(
            "serve/Task/Properties/Volumes/1",
            json!({"Name": "weights", "Host": {"SourcePath": "/nvme"}}),
        );
    }),
    ("access logs under the path of the account", Profile::Hardened, |stacks| {
        let statement = json!({
            "Effect": "Allow", "Action": "s3:PutObject",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Resource": {"Fn::Sub": "${LogsBucket.Arn}/AWSLogs/${AWS::AccountId}/*"},
        });
        stacks.set("core/LogsBucketPolicy/Properties/PolicyDocument/Statement/1", statement);
    }),
    ("subnets written out", Profile::Hardened, |stacks| {
        stacks.set("serve/Instances/Properties/VPCZoneIdentifier", json!(["subnet-1", "subnet-2"]));
    }),
    ("several kinds of instance", Profile::Hardened, |stacks| {
        stacks.remove("serve/Instances/Properties/LaunchTemplate");
        stacks.set("serve/Instances/Properties/MixedInstancesPolicy", json!({"LaunchTemplate": {}}));
    }),
    ("a group of ECS instances, which no load balancer judges", Profile::Hardened, |stacks| {
        stacks.remove("serve/Instances/Properties/TargetGroupARNs");
        stacks.remove("serve/Instances/Properties/HealthCheckType");
    }),
    ("port 443 of the internet from inside", Profile::Standard, |stacks| {
        stacks.set("serve/InstanceGroup/Properties/SecurityGroupEgress/0/CidrIp", json!("0.0.0.0/0"));
    }),
    ("S3 by its prefix list", Profile::Hardened, |stacks| {
        let rule = json!({
            "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "DestinationPrefixListId": "pl-1", "Description": "S3",
        });
        stacks.set("serve/InstanceGroup/Properties/SecurityGroupEgress/1", rule);
    }),
    ("a rule that is there in one branch", Profile::Hardened, |stacks| {
        let path = "serve/InstanceGroup/Properties/SecurityGroupEgress";
        let good = stacks.get(&format!("{path}/0"));
        stacks.set(&format!("{path}/1"), json!({"Fn::If": ["C", good, {"Ref": "AWS::NoValue"}]}));
    }),
    ("a helper that is there whenever what it helps is", Profile::Hardened, |stacks| {
        stacks.set("core/DataBucket/Condition", json!("WithData"));
        stacks.set("core/DataBucketPolicy/Condition", json!("WithData"));
    }),
    ("a network load balancer", Profile::Hardened, |stacks| {
        let attributes = json!([
            {"Key": "deletion_protection.enabled", "Value": "true"},
            {"Key": "access_logs.s3.enabled", "Value": "true"},
        ]);
        let properties = json!({"Type": "network", "LoadBalancerAttributes": attributes});
        stacks.set(
            "serve/Packets",
            json!({"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": properties}),
        );
    }),
    ("OPTIONS without a token", Profile::Hardened, |stacks| {
        stacks.set("api/Api/Properties/Body/paths/~1chat", json!({"options": {}, "parameters": []}));
    }),
    ("one authorizer for the whole document", Profile::Hardened, |stacks| {
        stacks.remove("api/Api/Properties/Body/paths/~1models/get/security");
        stacks.set("api/Api/Properties/Body/security", json!([{"token": []}]));
    }),
];

#[test]
fn nothing_sensible_is_a_finding() {
    for (what, profile, make_it) in SENSIBLE {
        let mut stacks = Stacks::good();
        make_it(&mut stacks);
        let report = with_settings(*profile, |settings| stacks.check(&settings));
        assert_eq!(report.verdict, Verdict::Clean, "{what}\n{report}");
    }
}

#[test]
fn one_template_of_a_deployment_can_be_judged_alone() {
    for stack in ["network", "core", "data", "serve", "api"] {
        let report = with_settings(Profile::Standard, |settings| {
            Stacks::good().only(stack).check(&Settings { whole: false, ..settings })
        });
        let open: Vec<&str> = report.open().map(|finding| finding.rule).collect();
        assert!(open.is_empty(), "{stack}\n{report}");
    }
}
