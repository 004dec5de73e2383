//! What each right of the workflows' tasks is limited to.
//!
//! All that belongs to a model is named after its stack, `<deploymentName>-<modelId>`, by CloudFormation or by its
//! template.

use lisa_cfn::Value;
use lisa_cfn::iam::{Condition, Statement, actions, arn, keys};

use super::settings::Made;
use super::workflows;
use crate::app::StackName;
use crate::builder::StackBuilder;
use crate::parts::MODEL_TABLE;

/// What a right is limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// Nothing, since the action takes no resource.
    Everything,
    /// The table of models.
    ModelTable,
    /// The bucket of the models' weights.
    WeightsBucket,
    /// Stacks of models.
    Stacks,
    /// The role that CloudFormation makes models' stacks with, passed to CloudFormation.
    StackRole,
    /// Roles of models, passed to their tasks.
    TaskRoles,
    /// Auto Scaling groups of models.
    Groups,
    /// Clusters of models with what is in them.
    Clusters,
    /// Tasks of models' clusters, which are listed by cluster.
    ClusterLists,
    /// Task definitions of models.
    TaskDefinitions,
    /// Logs of models.
    ModelLogs,
    /// Images in this account, and in those that the configuration names.
    Images,
    /// The deployment's parameters, and those that AWS publishes of machine images.
    Parameters,
    /// The deployment's secrets that hold keys of models elsewhere.
    Secrets,
    /// Executions of the workflows.
    Executions,
    /// Models of Bedrock.
    BedrockModels,
    /// Endpoints of SageMaker.
    SageMakerEndpoints,
}

/// The scopes of an action that a task names.
pub(super) fn of(action: &str) -> &'static [Scope] {
    match action {
        "autoscaling:DescribeAutoScalingGroups"
        | "autoscaling:DescribeScalingActivities"
        | "ec2:DescribeInstanceTypeOfferings"
        | "ecs:DescribeTaskDefinition" => &[Scope::Everything],
        "autoscaling:UpdateAutoScalingGroup" => &[Scope::Groups],
        "bedrock:InvokeModel" => &[Scope::BedrockModels],
        "cloudformation:CreateStack"
        | "cloudformation:DeleteStack"
        | "cloudformation:DescribeStackEvents"
        | "cloudformation:DescribeStackResource"
        | "cloudformation:DescribeStacks" => &[Scope::Stacks],
        "dynamodb:DeleteItem" | "dynamodb:GetItem" | "dynamodb:PutItem" | "dynamodb:UpdateItem" => {
            &[Scope::ModelTable]
        }
        "ecr:DescribeImages" => &[Scope::Images],
        "ecs:DescribeServices" | "ecs:DescribeTasks" | "ecs:UpdateService" => &[Scope::Clusters],
        "ecs:ListTasks" => &[Scope::ClusterLists],
        "ecs:RegisterTaskDefinition" | "ecs:TagResource" => &[Scope::TaskDefinitions],
        "iam:PassRole" => &[Scope::StackRole, Scope::TaskRoles],
        "logs:GetLogEvents" => &[Scope::ModelLogs],
        "s3:ListBucket" => &[Scope::WeightsBucket],
        "sagemaker:InvokeEndpoint" => &[Scope::SageMakerEndpoints],
        "secretsmanager:GetSecretValue" => &[Scope::Secrets],
        "ssm:GetParameter" | "ssm:GetParameters" => &[Scope::Parameters],
        "states:DescribeExecution" | "states:StopExecution" => &[Scope::Executions],
        _ => &[],
    }
}

impl Scope {
    /// The statement, limited to the scope.
    pub(super) fn narrow(self, stack: &StackBuilder<'_>, made: &Made, statement: Statement) -> Statement {
        match self {
            Self::Everything => statement.on_all(),
            Self::StackRole => {
                statement.on([&made.stack_role]).when(Condition::passed_to("cloudformation.amazonaws.com"))
            }
            Self::TaskRoles => {
                statement.on(role_arns(stack)).when(Condition::passed_to("ecs-tasks.amazonaws.com"))
            }
            Self::ClusterLists => {
                let clusters = arn::regional("ecs", &format!("cluster/{}", pattern(stack)));
                // Without a host's name the request names no resource, so the cluster is what limits it.
                statement
                    .on([arn::regional("ecs", "*")])
                    .when(Condition::arn_like(keys::ECS_CLUSTER, clusters))
            }
            _ => statement.on(self.arns(stack)),
        }
    }

    fn arns(self, stack: &StackBuilder<'_>) -> Vec<Value<String>> {
        let (config, naming, own) = (stack.config(), stack.naming(), pattern(stack));
        let regional = |service, resource: String| arn::regional(service, &resource);
        match self {
            Self::ModelTable => vec![regional("dynamodb", format!("table/{}", naming.table(MODEL_TABLE)))],
            Self::WeightsBucket => vec![arn::s3_bucket(config.s3_bucket_models.to_string())],
            Self::Stacks => {
                vec![regional("cloudformation", format!("stack/{}/*", naming.model_stack("*")))]
            }
            Self::Groups => {
                vec![regional("autoscaling", format!("autoScalingGroup:*:autoScalingGroupName/{own}"))]
            }
            Self::Clusters => {
                vec![regional("ecs", format!("service/{own}/*")), regional("ecs", format!("task/{own}/*"))]
            }
            Self::TaskDefinitions => vec![regional("ecs", format!("task-definition/{own}:*"))],
            Self::ModelLogs => {
                vec![regional("logs", format!("log-group:{}:log-stream:*", naming.log_group("*")))]
            }
            Self::Images => {
                let others = config.account_numbers_ecr.iter().map(|account| {
                    Value::sub(format!("arn:${{AWS::Partition}}:ecr:${{AWS::Region}}:{account}:repository/*"))
                });
                [regional("ecr", "repository/*".into())].into_iter().chain(others).collect()
            }
            Self::Parameters => vec![
                regional("ssm", format!("parameter{}", naming.parameter("*"))),
                arn::aws_owned("ssm", "parameter/aws/service/ecs/*"),
            ],
            Self::Secrets => vec![regional("secretsmanager", format!("secret:{}", naming.secret("model-*")))],
            Self::Executions => {
                let names =
                    workflows::WORKFLOWS.into_iter().map(|workflow| workflows::name(naming, workflow));
                names.map(|name| regional("states", format!("execution:{name}:*"))).collect()
            }
            Self::BedrockModels => {
                // A profile spreads requests over regions, so a model may answer in another one.
                let models = Value::sub("arn:${AWS::Partition}:bedrock:*::foundation-model/*");
                vec![models, regional("bedrock", "inference-profile/*".into())]
            }
            Self::SageMakerEndpoints => vec![regional("sagemaker", "endpoint/*".into())],
            Self::Everything | Self::StackRole | Self::TaskRoles | Self::ClusterLists => Vec::new(),
        }
    }
}

/// What the names of a model's parts begin with. Names of clusters and load balancers are cut after 32 characters, so
/// that a long deployment's name is not whole in them.
pub(super) fn pattern(stack: &StackBuilder<'_>) -> String {
    const KEPT: usize = 22;
    let start: String = format!("{}-", stack.naming().deployment()).chars().take(KEPT).collect();
    format!("{start}*")
}

/// The roles of models: those that their stacks make, and the one that the configuration brings along.
pub(super) fn role_arns(stack: &StackBuilder<'_>) -> Vec<Value<String>> {
    let config = stack.config();
    let prefix =
        config.permissions_boundary_aspect.as_ref().and_then(|boundary| boundary.role_prefix.as_ref());
    let made = match prefix {
        Some(prefix) => format!("{prefix}-{}", pattern(stack)),
        None => pattern(stack),
    };
    let brought = config.roles.ecs_model_task_role.as_ref().map(ToString::to_string);
    std::iter::once(made).chain(brought).map(|name| arn::global("iam", &format!("role/{name}"))).collect()
}

/// A model whose id looks like the rest of a stack's name must not lead to the application's own stacks.
pub(super) fn keep_own_stacks(stack: &StackBuilder<'_>) -> Statement {
    use actions::cloudformation;
    let own = StackName::ALL.into_iter().map(|name| {
        let name = stack.naming().stack(name.short());
        arn::regional("cloudformation", &format!("stack/{name}/*"))
    });
    Statement::deny([
        cloudformation::CREATE_STACK,
        cloudformation::DELETE_STACK,
        cloudformation::UPDATE_STACK,
    ])
    .on(own)
}
