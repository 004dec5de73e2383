//! The create workflow: from a request to a model that has answered.

use super::{ENGINE, ENGINE_ANSWERED, FAILED, HOSTED, STACK, STACK_SETTLED};
use crate::task::tasks;
use crate::{Choice, Condition, Draft, Poll, State, StateMachine, StateName};

/// A model with a stack goes one way, an external one another.
const HOSTED_HERE: StateName = StateName::new("HostedHere");
/// The model's row says `InService`.
const IN_SERVICE: StateName = StateName::new("InService");

tasks! {
    /// The tasks of the create workflow.
    CreateTask in Create {
        /// Checks the request against this region and account, and decides whether the model is hosted here.
        Validate ["ec2:DescribeInstanceTypeOfferings", "s3:ListBucket"],
        /// Writes the row with status `Creating` and this execution; another execution's row is an error.
        MarkCreating ["dynamodb:GetItem", "dynamodb:PutItem"],
        /// Finds the container image; an ECR image is looked up, so that a missing one fails now and not in
        /// the task.
        ResolveImage ["ecr:DescribeImages"],
        /// Makes the template and asks for the stack, under a name and token that make a second call
        /// harmless.
        CreateStack [
            "cloudformation:CreateStack",
            "cloudformation:DescribeStacks",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "iam:PassRole",
            "ssm:GetParameters",
        ],
        /// Reads the stack's status and, when it is complete, keeps its outputs; fails with its first failing
        /// event.
        PollStack [
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStacks",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
        ],
        /// Asks the engine for its health and for what it serves through its load balancer; fails with its
        /// last words when its tasks keep dying.
        ProbeEngine [
            "dynamodb:GetItem",
            "ecs:DescribeServices",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "logs:GetLogEvents",
        ],
        /// Sends an external model one small request.
        ProbeExternal [
            "bedrock:InvokeModel",
            "sagemaker:InvokeEndpoint",
            "secretsmanager:GetSecretValue",
        ],
        /// Writes the endpoint and the status `InService`, unless the model is being deleted.
        Register ["dynamodb:GetItem", "dynamodb:PutItem"],
        /// Writes the status `Failed` with the cause, the stack's first failing event or the engine's last
        /// words, unless the row is another execution's by now.
        RecordFailure [
            "cloudformation:DescribeStackEvents",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "logs:GetLogEvents",
        ],
        /// Takes the instances of a model that failed down to none, so that it costs nothing until it is
        /// deleted.
        ReleaseCapacity [
            "autoscaling:UpdateAutoScalingGroup",
            "cloudformation:DescribeStackResource",
            "dynamodb:GetItem",
        ],
    }
}

/// The create workflow. A stack that failed stays for the delete workflow to remove.
pub fn create() -> StateMachine {
    StateMachine::proven(draft())
}

pub(super) fn draft() -> Draft {
    use CreateTask as T;
    let failure = &T::RecordFailure.state();
    Draft::begin("Brings a model into service", &[STACK, ENGINE], T::Validate.state())
        .task(T::Validate, T::MarkCreating.state(), failure)
        .task(T::MarkCreating, HOSTED_HERE, failure)
        .choice(
            HOSTED_HERE,
            Choice::otherwise(T::ProbeExternal.state())
                .when(Condition::True(HOSTED), T::ResolveImage.state()),
        )
        .task(T::ResolveImage, T::CreateStack.state(), failure)
        .task(T::CreateStack, T::PollStack.state(), failure)
        .poll(poll_stack(), failure)
        .poll(probe_engine(), failure)
        .task(T::ProbeExternal, T::Register.state(), failure)
        .task(T::Register, IN_SERVICE, failure)
        .state(IN_SERVICE, State::Succeed)
        .last_rites(T::RecordFailure, T::ReleaseCapacity.state())
        .last_rites(T::ReleaseCapacity, FAILED)
        .state(FAILED, State::Fail)
}

fn poll_stack() -> Poll {
    Poll {
        task: CreateTask::PollStack.into(),
        done: Condition::True(STACK_SETTLED),
        next: CreateTask::ProbeEngine.state(),
        budget: STACK,
    }
}

fn probe_engine() -> Poll {
    Poll {
        task: CreateTask::ProbeEngine.into(),
        done: Condition::True(ENGINE_ANSWERED),
        next: CreateTask::Register.state(),
        budget: ENGINE,
    }
}
