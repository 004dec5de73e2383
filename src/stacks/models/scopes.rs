//! What each right of the workflows' tasks is limited to.
//!
//! All that belongs to a model is named after its stack, `<deploymentName>-<modelId>`, by CloudFormation or by its
//! template; its roles lie under a path of their own.

use lisa_cfn::Value;
use lisa_cfn::iam::{Condition, Operator, Statement, actions, arn, keys};

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
        "dynamodb:DeleteItem" | "dynamodb:GetItem" | "dynamodb:PutItem" => &[Scope::ModelTable],
        "ecr:DescribeImages" => &[Scope::Images],
        "ecs:DescribeServices" | "ecs:DescribeTasks" | "ecs:UpdateService" => &[Scope::Clusters],
        "ecs:ListTasks" => &[Scope::ClusterLists],
        "ecs:RegisterTaskDefinition" | "ecs:TagResource" => &[Scope::TaskDefinitions],
        "iam:PassRole" => &[Scope::StackRole, Scope::TaskRoles],
        "logs:GetLogEvents" => &[Scope::ModelLogs],
        "s3:ListBucket" => &[Scope::WeightsBucket],
        "sagemaker:InvokeEndpoint" => &[Scope::SageMakerEndpoints],
        "secretsmanager:DeleteSecret" | "secretsmanager:GetSecretValue" => &[Scope::Secrets],
        "ssm:GetParameters" => &[Scope::Parameters],
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
                let clusters = clusters(stack).map(|own| arn::regional("ecs", &format!("cluster/{own}")));
                // Without a host's name the request names no resource, so the cluster is what limits it.
                statement.on([arn::regional("ecs", "*")]).when(Condition::new(
                    Operator::ArnLike,
                    keys::ECS_CLUSTER,
                    clusters,
                ))
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
                let kinds = |own| ["service", "task"].map(|kind| regional("ecs", format!("{kind}/{own}/*")));
                clusters(stack).flat_map(kinds).collect()
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
                let names = workflows::WORKFLOWS.into_iter().map(|workflow| naming.model_workflow(workflow));
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

/// What the names of a model's parts begin with, where they are not cut.
pub(super) fn pattern(stack: &StackBuilder<'_>) -> String {
    stack.naming().model_stack("*")
}

/// What the names of models' clusters look like.
pub(super) fn clusters(stack: &StackBuilder<'_>) -> impl Iterator<Item = String> + use<> {
    stack.naming().model_clusters().into_iter()
}

/// The roles that models' stacks make.
pub(super) fn made_roles(stack: &StackBuilder<'_>) -> Value<String> {
    let boundary = stack.config().permissions_boundary_aspect.as_ref();
    let prefix = boundary.and_then(|boundary| boundary.role_prefix.as_ref());
    iam_pattern(stack, "role", prefix.map(AsRef::as_ref))
}

/// The instance profiles that models' stacks make.
pub(super) fn made_profiles(stack: &StackBuilder<'_>) -> Value<String> {
    let boundary = stack.config().permissions_boundary_aspect.as_ref();
    let prefix = boundary.and_then(|boundary| boundary.instance_profile_prefix.as_ref());
    iam_pattern(stack, "instance-profile", prefix.map(AsRef::as_ref))
}

/// With a prefix the names are the template's; without one they are CloudFormation's under the path of models.
/// CloudFormation keeps no more than the beginning of a stack's name, so that a long deployment's name is not whole in
/// them; the path has it whole.
fn iam_pattern(stack: &StackBuilder<'_>, kind: &str, prefix: Option<&str>) -> Value<String> {
    const KEPT: usize = 22;
    let naming = stack.naming();
    let names = prefix.map_or_else(
        || {
            let start: String = format!("{}-", naming.deployment()).chars().take(KEPT).collect();
            format!("{}{start}*", naming.model_role_path())
        },
        |prefix| format!("/{}", naming.model_iam_pattern(prefix)),
    );
    arn::global("iam", &format!("{kind}{names}"))
}

/// The roles that models run with: those that their stacks make, and the one that the configuration brings along.
pub(super) fn role_arns(stack: &StackBuilder<'_>) -> Vec<Value<String>> {
    let brought = stack.config().roles.ecs_model_task_role.as_ref();
    let brought = brought.map(|name| arn::global("iam", &format!("role/{name}")));
    std::iter::once(made_roles(stack)).chain(brought).collect()
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
