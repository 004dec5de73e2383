//! The AWS services that are called without an SDK crate: how each is named, signed for and spoken to.
//!
//! Facts come from botocore 1.43.106, `data/<service>/<version>/service-2.json`, key `metadata`.

/// A service of AWS, as a request names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The SDK's id of the service, from which `AWS_ENDPOINT_URL_<ID>` is made.
    pub id: &'static str,
    /// The first label of its host.
    pub host: &'static str,
    /// The name it is signed for, which is also its prefix of IAM actions where that is not told apart.
    pub signed_as: &'static str,
    /// What stands before the operation in `X-Amz-Target`; empty for a service that is not spoken to in JSON.
    pub target: &'static str,
    /// The version of the JSON protocol, `1.0` or `1.1`, or the date of the API for a query.
    pub version: &'static str,
    /// Whether one endpoint serves the whole partition.
    pub is_global: bool,
    /// Whether its FIPS endpoint in GovCloud is the plain one.
    pub is_fips_in_govcloud: bool,
}

const fn json(id: &'static str, name: &'static str, target: &'static str) -> Service {
    let version = "1.1";
    Service { id, host: name, signed_as: name, target, version, is_global: false, is_fips_in_govcloud: false }
}

const fn query(id: &'static str, name: &'static str, version: &'static str) -> Service {
    Service {
        id,
        host: name,
        signed_as: name,
        target: "",
        version,
        is_global: false,
        is_fips_in_govcloud: true,
    }
}

impl Service {
    const fn plain_in_govcloud(mut self) -> Self {
        self.is_fips_in_govcloud = true;
        self
    }
}

/// AWS Certificate Manager.
pub const ACM: Service = json("ACM", "acm", "CertificateManager");
/// Amazon EC2 Auto Scaling.
pub const AUTO_SCALING: Service = query("Auto Scaling", "autoscaling", "2011-01-01");
/// AWS CloudFormation.
pub const CLOUDFORMATION: Service = query("CloudFormation", "cloudformation", "2010-05-15");
/// Amazon Cognito user pools.
pub const COGNITO: Service =
    json("Cognito Identity Provider", "cognito-idp", "AWSCognitoIdentityProviderService");
/// Amazon DynamoDB.
pub const DYNAMODB: Service =
    Service { version: "1.0", ..json("DynamoDB", "dynamodb", "DynamoDB_20120810") }.plain_in_govcloud();
/// Amazon EC2.
pub const EC2: Service = query("EC2", "ec2", "2016-11-15");
/// Amazon ECR.
pub const ECR: Service =
    Service { host: "api.ecr", ..json("ECR", "ecr", "AmazonEC2ContainerRegistry_V20150921") };
/// Amazon ECS.
pub const ECS: Service = json("ECS", "ecs", "AmazonEC2ContainerServiceV20141113");
/// Elastic Load Balancing: application and network load balancers.
pub const ELASTIC_LOAD_BALANCING: Service =
    query("Elastic Load Balancing v2", "elasticloadbalancing", "2015-12-01");
/// AWS IAM.
pub const IAM: Service = Service { is_global: true, ..query("IAM", "iam", "2010-05-08") };
/// AWS KMS.
pub const KMS: Service = json("KMS", "kms", "TrentService");
/// Amazon CloudWatch Logs.
pub const LOGS: Service = json("CloudWatch Logs", "logs", "Logs_20140328").plain_in_govcloud();
/// Databases of RDS, as a token for IAM authentication is signed; the host is the database's own.
pub const RDS_CONNECT: Service = query("RDS", "rds-db", "2014-10-31");
/// Service Quotas.
pub const QUOTAS: Service =
    json("Service Quotas", "servicequotas", "ServiceQuotasV20190624").plain_in_govcloud();
/// Amazon S3, of whose protocol only the endpoint is known here.
pub const S3: Service = json("S3", "s3", "");
/// AWS Secrets Manager.
pub const SECRETS: Service = json("Secrets Manager", "secretsmanager", "secretsmanager");
/// Amazon SQS.
pub const SQS: Service = Service { version: "1.0", ..json("SQS", "sqs", "AmazonSQS") }.plain_in_govcloud();
/// AWS Systems Manager.
pub const SSM: Service = json("SSM", "ssm", "AmazonSSM").plain_in_govcloud();
/// AWS Step Functions.
pub const STEP_FUNCTIONS: Service =
    Service { version: "1.0", ..json("SFN", "states", "AWSStepFunctions") }.plain_in_govcloud();
/// AWS STS.
pub const STS: Service = query("STS", "sts", "2011-06-15");
/// Resource Groups Tagging API.
pub const TAGGING: Service =
    json("Resource Groups Tagging API", "tagging", "ResourceGroupsTaggingAPI_20170126");
/// Amazon Bedrock's models, spoken to in REST.
pub const BEDROCK_RUNTIME: Service =
    Service { signed_as: "bedrock", ..json("Bedrock Runtime", "bedrock-runtime", "") };
/// Amazon SageMaker's endpoints, spoken to in REST.
pub const SAGEMAKER_RUNTIME: Service =
    Service { signed_as: "sagemaker", ..json("SageMaker Runtime", "runtime.sagemaker", "") }
        .plain_in_govcloud();
/// AWS Lambda, spoken to in REST.
pub const LAMBDA: Service = json("Lambda", "lambda", "");
/// Amazon OpenSearch Service's data, signed as `es`; its host is the domain's own.
pub const OPENSEARCH: Service = json("OpenSearch", "es", "");
