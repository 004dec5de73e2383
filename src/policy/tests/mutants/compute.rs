//! Mutants of COMPUTE-44 to COMPUTE-54.

use serde_json::json;

use super::{Mutant, parameter, sometimes};

const TEMPLATE: &str = "serve/LaunchTemplate/Properties/LaunchTemplateData";
const CONTAINER: &str = "serve/Task/Properties/ContainerDefinitions/0";
const FUNCTION: &str = "api/Function/Properties";
const GROUP: &str = "serve/Instances/Properties";

pub(super) const MUTANTS: &[Mutant] = &[
    ("COMPUTE-44-token", "optional", |stacks| {
        stacks.set(&format!("{TEMPLATE}/MetadataOptions/HttpTokens"), json!("optional"));
    }),
    ("COMPUTE-44-hops", "many hops", |stacks| {
        stacks.set(&format!("{TEMPLATE}/MetadataOptions/HttpPutResponseHopLimit"), json!(64));
    }),
    ("COMPUTE-45-launch-template", "none", |stacks| {
        stacks.remove(&format!("{GROUP}/LaunchTemplate"));
        stacks.set(&format!("{GROUP}/InstanceId"), json!("i-1"));
    }),
    ("COMPUTE-45-launch-template", "a launch configuration", |stacks| {
        stacks.set("serve/Old", json!({"Type": "AWS::AutoScaling::LaunchConfiguration", "Properties": {}}));
    }),
    ("COMPUTE-46-root-volume", "plain", |stacks| {
        stacks.set(&format!("{TEMPLATE}/BlockDeviceMappings/0/Ebs/Encrypted"), json!(false));
    }),
    ("COMPUTE-46-root-volume", "not mapped", |stacks| {
        stacks.remove(&format!("{TEMPLATE}/BlockDeviceMappings/0"));
    }),
    ("COMPUTE-46-root-volume", "mapped in one branch", |stacks| {
        let good = stacks.get(&format!("{TEMPLATE}/BlockDeviceMappings"));
        stacks.set(&format!("{TEMPLATE}/BlockDeviceMappings"), sometimes(&good));
    }),
    ("COMPUTE-47-ssh-key", "a key", |stacks| {
        stacks.set(&format!("{TEMPLATE}/KeyName"), json!("mine"));
    }),
    ("COMPUTE-47-ssh-key", "a key if a parameter names one", |stacks| {
        let any = parameter(stacks, "serve");
        stacks.set(&format!("{TEMPLATE}/KeyName"), any);
    }),
    ("COMPUTE-47-session-manager", "no right to a session", |stacks| {
        stacks.remove("serve/InstanceRole/Properties/ManagedPolicyArns");
    }),
    ("COMPUTE-47-session-manager", "no profile", |stacks| {
        stacks.remove(&format!("{TEMPLATE}/IamInstanceProfile"));
    }),
    ("COMPUTE-48-privileged", "privileged", |stacks| {
        stacks.set(&format!("{CONTAINER}/Privileged"), json!(true));
    }),
    ("COMPUTE-48-privileged", "privileged in one branch", |stacks| {
        stacks.set(&format!("{CONTAINER}/Privileged"), sometimes(&json!(true)));
    }),
    ("COMPUTE-48-privileged", "the host's processes", |stacks| {
        stacks.set("serve/Task/Properties/PidMode", json!("host"));
    }),
    ("COMPUTE-48-privileged", "the engine's socket", |stacks| {
        stacks.set(
            "serve/Task/Properties/Volumes/1",
            json!({"Name": "s", "Host": {"SourcePath": "/var/run/docker.sock"}}),
        );
    }),
    ("COMPUTE-48-read-only", "writable", |stacks| {
        stacks.remove(&format!("{CONTAINER}/ReadonlyRootFilesystem"));
    }),
    ("COMPUTE-48-capabilities", "all kept", |stacks| {
        stacks.remove(&format!("{CONTAINER}/LinuxParameters"));
    }),
    ("COMPUTE-48-capabilities", "one dropped", |stacks| {
        stacks.set(&format!("{CONTAINER}/LinuxParameters/Capabilities/Drop"), json!(["NET_RAW"]));
    }),
    ("COMPUTE-48-capabilities", "dropped in one branch", |stacks| {
        stacks.set(&format!("{CONTAINER}/LinuxParameters/Capabilities/Drop"), sometimes(&json!(["ALL"])));
    }),
    ("COMPUTE-48-user", "root by its number", |stacks| {
        stacks.set(&format!("{CONTAINER}/User"), json!("0:0"));
    }),
    ("COMPUTE-48-user", "nobody named", |stacks| {
        stacks.remove(&format!("{CONTAINER}/User"));
    }),
    ("COMPUTE-48-user", "a user that a parameter names", |stacks| {
        let any = parameter(stacks, "serve");
        stacks.set(&format!("{CONTAINER}/User"), any);
    }),
    ("COMPUTE-49-tag", "the latest", |stacks| {
        stacks.set(&format!("{CONTAINER}/Image"), json!("registry:5000/lisa:latest"));
    }),
    ("COMPUTE-49-tag", "no tag", |stacks| {
        stacks.set(&format!("{CONTAINER}/Image"), json!({"Fn::Sub": "${AWS::AccountId}.dkr.ecr.r.x/lisa"}));
    }),
    ("COMPUTE-49-tag", "an image that a parameter names", |stacks| {
        let any = parameter(stacks, "serve");
        stacks.set(&format!("{CONTAINER}/Image"), any);
    }),
    ("COMPUTE-49-digest", "a version", |stacks| {
        stacks.set(&format!("{CONTAINER}/Image"), json!("vllm/vllm-openai:v0.11.0"));
    }),
    ("COMPUTE-50-immutable", "mutable", |stacks| {
        stacks.set("core/Repository/Properties/ImageTagMutability", json!("MUTABLE"));
    }),
    ("COMPUTE-50-scan", "not scanned", |stacks| {
        stacks.remove("core/Repository/Properties/ImageScanningConfiguration");
    }),
    ("COMPUTE-50-lifecycle", "kept for ever", |stacks| {
        stacks.remove("core/Repository/Properties/LifecyclePolicy");
    }),
    ("COMPUTE-50-kms", "the key of S3", |stacks| {
        stacks.set("core/Repository/Properties/EncryptionConfiguration/EncryptionType", json!("AES256"));
    }),
    ("COMPUTE-51-insights", "off", |stacks| {
        stacks.set("serve/Cluster/Properties/ClusterSettings/0/Value", json!("disabled"));
    }),
    ("COMPUTE-51-insights", "nothing said", |stacks| {
        stacks.remove("serve/Cluster/Properties/ClusterSettings");
    }),
    ("COMPUTE-52-circuit-breaker", "no way back", |stacks| {
        let path = "serve/Service/Properties/DeploymentConfiguration/DeploymentCircuitBreaker/Rollback";
        stacks.set(path, json!(false));
    }),
    ("COMPUTE-53-runtime", "an old runtime", |stacks| {
        stacks.set(&format!("{FUNCTION}/Runtime"), json!("python3.9"));
    }),
    ("COMPUTE-53-lost-events", "no way out", |stacks| {
        stacks.remove(&format!("{FUNCTION}/DeadLetterConfig"));
    }),
    ("COMPUTE-53-lost-events", "a way out in one branch", |stacks| {
        let good = stacks.get(&format!("{FUNCTION}/DeadLetterConfig"));
        stacks.set(&format!("{FUNCTION}/DeadLetterConfig"), sometimes(&good));
    }),
    ("COMPUTE-53-log-group", "the one that Lambda makes", |stacks| {
        stacks.remove(&format!("{FUNCTION}/LoggingConfig"));
    }),
    ("COMPUTE-53-log-group", "one that a parameter names", |stacks| {
        let any = parameter(stacks, "api");
        stacks.set(&format!("{FUNCTION}/LoggingConfig/LogGroup"), any);
    }),
    ("COMPUTE-53-tracing", "passed through", |stacks| {
        stacks.set(&format!("{FUNCTION}/TracingConfig/Mode"), json!("PassThrough"));
    }),
    ("COMPUTE-53-environment-key", "the key of AWS", |stacks| {
        stacks.remove(&format!("{FUNCTION}/KmsKeyArn"));
    }),
    ("COMPUTE-53-concurrency", "unbounded", |stacks| {
        stacks.remove(&format!("{FUNCTION}/ReservedConcurrentExecutions"));
    }),
    ("COMPUTE-53-vpc", "outside", |stacks| {
        stacks.remove(&format!("{FUNCTION}/VpcConfig"));
    }),
    ("COMPUTE-54-health", "of the instance alone", |stacks| {
        stacks.set(&format!("{GROUP}/HealthCheckType"), json!("EC2"));
    }),
    ("COMPUTE-54-zones", "one subnet", |stacks| {
        stacks.set(&format!("{GROUP}/VPCZoneIdentifier"), json!(["subnet-1"]));
    }),
    ("COMPUTE-54-zones", "one subnet, published by another stack", |stacks| {
        stacks.set("network/PublishedSubnets/Properties/Value", json!({"Ref": "SubnetA"}));
    }),
    ("COMPUTE-54-zones", "subnets that a parameter names", |stacks| {
        let any = parameter(stacks, "serve");
        stacks.set(&format!("{GROUP}/VPCZoneIdentifier"), any);
    }),
    ("COMPUTE-54-refresh", "nothing said", |stacks| {
        stacks.remove("serve/Instances/UpdatePolicy");
    }),
];
