//! Mutants of DATA-13 to DATA-28.

use serde_json::json;

use super::{Mutant, parameter, sometimes};

const BUCKET: &str = "core/DataBucket/Properties";
const DATABASE: &str = "data/Database/Properties";
const DOMAIN: &str = "data/Domain/Properties";

pub(super) const MUTANTS: &[Mutant] = &[
    ("DATA-13-rotation", "no rotation", |stacks| {
        stacks.remove("core/DataKey/Properties/EnableKeyRotation");
    }),
    ("DATA-13-classes", "one key for secrets and data", |stacks| {
        stacks.set("core/Secret/Properties/KmsKeyId", json!({"Ref": "DataKey"}));
    }),
    ("DATA-13-classes", "one key for logs and data, across stacks", |stacks| {
        stacks.set(
            "core/Table/Properties/SSESpecification/KMSMasterKeyId",
            json!({"Fn::GetAtt": ["LogsKey", "Arn"]}),
        );
    }),
    ("DATA-14-anyone", "everybody", |stacks| {
        stacks.set("core/DataKey/Properties/KeyPolicy/Statement/0/Principal", json!("*"));
    }),
    ("DATA-14-anyone", "everybody in one branch", |stacks| {
        let principal = json!({"AWS": {"Fn::If": ["C", "*", "x"]}});
        stacks.set("core/DataKey/Properties/KeyPolicy/Statement/0/Principal", principal);
    }),
    ("DATA-15-encrypted", "no encryption", |stacks| {
        stacks.remove(&format!("{BUCKET}/BucketEncryption"));
    }),
    ("DATA-15-kms", "the key of S3", |stacks| {
        let path = format!("{BUCKET}/BucketEncryption/ServerSideEncryptionConfiguration/0");
        stacks.set(&format!("{path}/ServerSideEncryptionByDefault/SSEAlgorithm"), json!("AES256"));
    }),
    ("DATA-15-kms", "no bucket key in one branch", |stacks| {
        let path = format!("{BUCKET}/BucketEncryption/ServerSideEncryptionConfiguration/0/BucketKeyEnabled");
        stacks.set(&path, sometimes(&json!(true)));
    }),
    ("DATA-15-kms", "an algorithm that a parameter names", |stacks| {
        let any = parameter(stacks, "core");
        let path = format!("{BUCKET}/BucketEncryption/ServerSideEncryptionConfiguration/0");
        stacks.set(&format!("{path}/ServerSideEncryptionByDefault/SSEAlgorithm"), any);
    }),
    ("DATA-15-own-key", "the key of AWS", |stacks| {
        let path = format!("{BUCKET}/BucketEncryption/ServerSideEncryptionConfiguration/0");
        stacks.remove(&format!("{path}/ServerSideEncryptionByDefault/KMSMasterKeyID"));
    }),
    ("DATA-16-public-block", "one flag off", |stacks| {
        stacks.set(&format!("{BUCKET}/PublicAccessBlockConfiguration/IgnorePublicAcls"), json!(false));
    }),
    ("DATA-17-tls", "no policy", |stacks| {
        stacks.remove("core/DataBucketPolicy");
    }),
    ("DATA-17-tls", "a policy that refuses in one branch", |stacks| {
        let path = "core/DataBucketPolicy/Properties/PolicyDocument/Statement/0/Condition";
        let good = stacks.get(path);
        stacks.set(path, sometimes(&good));
    }),
    ("DATA-17-tls", "a policy that is not always there", |stacks| {
        stacks.set("core/DataBucketPolicy/Condition", json!("Sometimes"));
    }),
    ("DATA-17-tls", "a policy that refuses a single caller", |stacks| {
        stacks.set(
            "core/DataBucketPolicy/Properties/PolicyDocument/Statement/0/Principal",
            json!({"AWS": "x"}),
        );
    }),
    ("DATA-17-tls", "a policy of another bucket", |stacks| {
        stacks.set("core/DataBucketPolicy/Properties/Bucket", json!({"Ref": "LogsBucket"}));
    }),
    ("DATA-18-versions", "suspended", |stacks| {
        stacks.set(&format!("{BUCKET}/VersioningConfiguration/Status"), json!("Suspended"));
    }),
    ("DATA-18-lifecycle", "no rules", |stacks| {
        stacks.remove(&format!("{BUCKET}/LifecycleConfiguration"));
    }),
    ("DATA-18-lifecycle", "a rule that is off", |stacks| {
        stacks.set(&format!("{BUCKET}/LifecycleConfiguration/Rules/0/Status"), json!("Disabled"));
    }),
    ("DATA-18-lifecycle", "rules in one branch", |stacks| {
        let good = stacks.get(&format!("{BUCKET}/LifecycleConfiguration"));
        stacks.set(&format!("{BUCKET}/LifecycleConfiguration"), sometimes(&good));
    }),
    ("DATA-19-access-logs", "no logs", |stacks| {
        stacks.remove(&format!("{BUCKET}/LoggingConfiguration"));
    }),
    ("DATA-20-owner", "objects of their writers", |stacks| {
        stacks.set(&format!("{BUCKET}/OwnershipControls/Rules/0/ObjectOwnership"), json!("ObjectWriter"));
    }),
    ("DATA-20-owner", "nothing said", |stacks| {
        stacks.remove(&format!("{BUCKET}/OwnershipControls"));
    }),
    ("DATA-20-owner", "said in one branch", |stacks| {
        let good = stacks.get(&format!("{BUCKET}/OwnershipControls"));
        stacks.set(&format!("{BUCKET}/OwnershipControls"), sometimes(&good));
    }),
    ("DATA-20-acl", "a public list", |stacks| {
        stacks.set(&format!("{BUCKET}/AccessControl"), json!("PublicRead"));
    }),
    ("DATA-21-recovery", "none", |stacks| {
        stacks.remove("core/Table/Properties/PointInTimeRecoverySpecification");
    }),
    ("DATA-21-kms", "the key of DynamoDB", |stacks| {
        stacks.set("core/Table/Properties/SSESpecification/SSEEnabled", json!(false));
    }),
    ("DATA-21-own-key", "the key of AWS", |stacks| {
        stacks.remove("core/Table/Properties/SSESpecification/KMSMasterKeyId");
    }),
    ("DATA-21-deletion", "easy to delete", |stacks| {
        stacks.set("core/Table/Properties/DeletionProtectionEnabled", json!("false"));
    }),
    ("DATA-22-encrypted", "plain", |stacks| {
        stacks.remove(&format!("{DATABASE}/StorageEncrypted"));
    }),
    ("DATA-22-own-key", "the key of AWS", |stacks| {
        stacks.remove(&format!("{DATABASE}/KmsKeyId"));
    }),
    ("DATA-22-tls", "the default parameters", |stacks| {
        stacks.remove(&format!("{DATABASE}/DBParameterGroupName"));
    }),
    ("DATA-22-tls", "parameters that a parameter names", |stacks| {
        let any = parameter(stacks, "data");
        stacks.set(&format!("{DATABASE}/DBParameterGroupName"), any);
    }),
    ("DATA-22-tls", "TLS in one branch", |stacks| {
        stacks.set("data/Parameters/Properties/Parameters/rds.force_ssl", json!({"Fn::If": ["C", "1", "0"]}));
    }),
    ("DATA-22-iam", "passwords alone", |stacks| {
        stacks.remove(&format!("{DATABASE}/EnableIAMDatabaseAuthentication"));
    }),
    ("DATA-22-backup", "one day", |stacks| {
        stacks.set(&format!("{DATABASE}/BackupRetentionPeriod"), json!("1"));
    }),
    ("DATA-22-deletion", "easy to delete", |stacks| {
        stacks.set(&format!("{DATABASE}/DeletionProtection"), json!(false));
    }),
    ("DATA-22-zones", "one zone", |stacks| {
        stacks.set(&format!("{DATABASE}/MultiAZ"), json!(false));
    }),
    ("DATA-22-logs", "none", |stacks| {
        stacks.set(&format!("{DATABASE}/EnableCloudwatchLogsExports"), json!([]));
    }),
    ("DATA-22-upgrades", "none", |stacks| {
        stacks.set(&format!("{DATABASE}/AutoMinorVersionUpgrade"), json!(false));
    }),
    ("DATA-22-public", "public", |stacks| {
        stacks.set(&format!("{DATABASE}/PubliclyAccessible"), json!(true));
    }),
    ("DATA-23-encrypted", "plain between nodes", |stacks| {
        stacks.remove(&format!("{DOMAIN}/NodeToNodeEncryptionOptions"));
    }),
    ("DATA-23-own-key", "the key of AWS", |stacks| {
        stacks.remove(&format!("{DOMAIN}/EncryptionAtRestOptions/KmsKeyId"));
    }),
    ("DATA-23-https", "plain HTTP", |stacks| {
        stacks.set(&format!("{DOMAIN}/DomainEndpointOptions/EnforceHTTPS"), json!(false));
    }),
    ("DATA-23-tls", "an old policy", |stacks| {
        let path = format!("{DOMAIN}/DomainEndpointOptions/TLSSecurityPolicy");
        stacks.set(&path, json!("Policy-Min-TLS-1-0-2019-07"));
    }),
    ("DATA-23-vpc", "on the internet", |stacks| {
        stacks.remove(&format!("{DOMAIN}/VPCOptions"));
    }),
    ("DATA-23-fine-grained", "everybody sees all", |stacks| {
        stacks.set(&format!("{DOMAIN}/AdvancedSecurityOptions/Enabled"), json!(false));
    }),
    ("DATA-23-principals", "everybody", |stacks| {
        stacks.set(&format!("{DOMAIN}/AccessPolicies/Statement/0/Principal"), json!({"AWS": "*"}));
    }),
    ("DATA-23-logs", "none", |stacks| {
        stacks.remove(&format!("{DOMAIN}/LogPublishingOptions"));
    }),
    ("DATA-23-logs", "in one branch", |stacks| {
        let good = stacks.get(&format!("{DOMAIN}/LogPublishingOptions"));
        stacks.set(&format!("{DOMAIN}/LogPublishingOptions"), sometimes(&good));
    }),
    ("DATA-23-zones", "one zone", |stacks| {
        stacks.set(&format!("{DOMAIN}/ClusterConfig/ZoneAwarenessEnabled"), json!(false));
    }),
    ("DATA-23-three-zones", "two zones", |stacks| {
        stacks.set(&format!("{DOMAIN}/ClusterConfig/ZoneAwarenessConfig/AvailabilityZoneCount"), json!(2));
    }),
    ("DATA-24-encrypted", "a plain file system", |stacks| {
        stacks.set("data/Files/Properties/Encrypted", json!(false));
    }),
    ("DATA-24-extra-volumes", "a plain extra volume", |stacks| {
        stacks
            .remove("serve/LaunchTemplate/Properties/LaunchTemplateData/BlockDeviceMappings/1/Ebs/Encrypted");
    }),
    ("DATA-24-transit", "a plain mount", |stacks| {
        stacks.remove("serve/Task/Properties/Volumes/0/EFSVolumeConfiguration/TransitEncryption");
    }),
    ("DATA-25-own-key", "the key of AWS", |stacks| {
        stacks.remove("core/Secret/Properties/KmsKeyId");
    }),
    ("DATA-25-rotation", "none", |stacks| {
        stacks.remove("core/Rotation");
    }),
    ("DATA-25-plain", "a literal", |stacks| {
        stacks.set("core/Secret/Properties/SecretString", json!("hunter2"));
    }),
    ("DATA-25-plain", "a literal in one branch", |stacks| {
        stacks.set("core/Secret/Properties/SecretString", sometimes(&json!("hunter2")));
    }),
    ("DATA-25-plain", "a parameter that shows it", |stacks| {
        let any = parameter(stacks, "data");
        stacks.set(&format!("{DATABASE}/MasterUserPassword"), any);
    }),
    ("DATA-25-plain", "a hidden parameter whose default shows it", |stacks| {
        stacks.parameter("data", "Hidden", json!({"Type": "String", "NoEcho": true, "Default": "hunter2"}));
        stacks.set(&format!("{DATABASE}/MasterUserPassword"), json!({"Ref": "Hidden"}));
    }),
    ("DATA-25-plain", "a private key in a script", |stacks| {
        let path = "serve/LaunchTemplate/Properties/LaunchTemplateData/UserData";
        stacks.set(path, json!({"Fn::Base64": "-----BEGIN EC PRIVATE KEY-----"}));
    }),
    ("DATA-25-environment", "a literal in a function", |stacks| {
        stacks.set("api/Function/Properties/Environment/Variables/MASTER_KEY", json!("hunter2"));
    }),
    ("DATA-25-environment", "a literal in a container", |stacks| {
        let entry = json!({"Name": "OPENAI_API_KEY", "Value": "hunter2"});
        stacks.set("serve/Task/Properties/ContainerDefinitions/0/Environment/2", entry);
    }),
    ("DATA-25-environment", "a secret that CloudFormation resolves, in one branch", |stacks| {
        let value = json!({"Fn::If": ["C", {"Fn::Sub": "{{resolve:secretsmanager:${Secret}}}"}, "x"]});
        stacks.set("api/Function/Properties/Environment/Variables/ANY", value);
    }),
    ("DATA-25-environment", "a hidden parameter", |stacks| {
        stacks.parameter("api", "Hidden", json!({"Type": "String", "NoEcho": "true"}));
        stacks.set("api/Function/Properties/Environment/Variables/ANY", json!({"Ref": "Hidden"}));
    }),
    ("DATA-26-plain", "a literal", |stacks| {
        let properties = json!({"Type": "String", "Name": "/dev/lisa/dbPassword", "Value": "hunter2"});
        stacks.set("core/Plain", json!({"Type": "AWS::SSM::Parameter", "Properties": properties}));
    }),
    ("DATA-26-plain", "a hidden parameter", |stacks| {
        stacks.parameter("core", "Hidden", json!({"Type": "String", "NoEcho": true}));
        stacks.set("core/Setting/Properties/Value", json!({"Ref": "Hidden"}));
    }),
    ("DATA-27-queue-encrypted", "plain", |stacks| {
        stacks.remove("core/Queue/Properties/KmsMasterKeyId");
    }),
    ("DATA-27-topic-encrypted", "plain", |stacks| {
        stacks.remove("core/Topic/Properties/KmsMasterKeyId");
    }),
    ("DATA-27-own-key", "the key of SQS", |stacks| {
        stacks.remove("core/Queue/Properties/KmsMasterKeyId");
        stacks.set("core/Queue/Properties/SqsManagedSseEnabled", json!(true));
    }),
    ("DATA-27-tls", "a queue without", |stacks| {
        stacks.remove("core/QueuePolicy/Properties/Queues/0");
    }),
    ("DATA-27-tls", "a topic without", |stacks| {
        stacks.remove("core/TopicPolicy/Properties/PolicyDocument/Statement/1");
    }),
    ("DATA-27-dead-letters", "none, in one branch", |stacks| {
        let good = stacks.get("core/Queue/Properties/RedrivePolicy");
        stacks.set("core/Queue/Properties/RedrivePolicy", sometimes(&good));
    }),
    ("DATA-27-dead-letters", "no count", |stacks| {
        stacks.remove("core/Queue/Properties/RedrivePolicy/maxReceiveCount");
    }),
    ("DATA-28-policies", "nothing said on deletion", |stacks| {
        stacks.remove("core/Table/DeletionPolicy");
    }),
    ("DATA-28-policies", "nothing said on replacement", |stacks| {
        stacks.remove("api/ApiLogs/UpdateReplacePolicy");
    }),
];
