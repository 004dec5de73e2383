//! The names of the tasks: one enum per workflow, shared by the state machine, its function and its IAM role.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{CreateTask, DeleteTask, UpdateTask};
use crate::name::StateName;

/// A task of a workflow. As data it reads `{"workflow": "create", "task": "CreateStack"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "workflow", content = "task", rename_all = "lowercase")]
pub enum TaskName {
    /// Brings a model into service.
    Create(CreateTask),
    /// Changes, starts or stops a model.
    Update(UpdateTask),
    /// Takes a model away.
    Delete(DeleteTask),
}

impl TaskName {
    /// Every task of every workflow.
    pub fn all() -> impl Iterator<Item = Self> {
        let create = CreateTask::ALL.iter().copied().map(Self::Create);
        let update = UpdateTask::ALL.iter().copied().map(Self::Update);
        let delete = DeleteTask::ALL.iter().copied().map(Self::Delete);
        create.chain(update).chain(delete)
    }

    /// The IAM actions of all tasks together: what the models function's role is made of.
    pub fn all_actions() -> BTreeSet<&'static str> {
        Self::all().flat_map(|task| task.actions().iter().copied()).collect()
    }

    /// The task's name, which is also the name of its state.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create(task) => task.as_str(),
            Self::Update(task) => task.as_str(),
            Self::Delete(task) => task.as_str(),
        }
    }

    /// The state that runs the task.
    pub const fn state(self) -> StateName {
        StateName::new(self.as_str())
    }

    /// The IAM actions that the task's calls need; empty when it makes none.
    pub const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Create(task) => task.actions(),
            Self::Update(task) => task.actions(),
            Self::Delete(task) => task.actions(),
        }
    }
}

/// What the models function is invoked with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invocation {
    /// What to run.
    #[serde(flatten)]
    pub task: TaskName,
    /// The execution: its ARN in Step Functions. A task writes only to the row of a model that this
    /// execution holds.
    pub execution: String,
    /// What the execution carries; the task's answer replaces it.
    pub state: serde_json::Value,
}

/// Writes a workflow's tasks: each one's meaning, name and IAM actions in one place.
macro_rules! tasks {
    (
        $(#[$enum_doc:meta])*
        $enum:ident in $workflow:ident {
            $( $(#[$doc:meta])* $task:ident [$($action:literal),* $(,)?], )+
        }
    ) => {
        $(#[$enum_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $enum {
            $( $(#[$doc])* $task, )+
        }

        impl $enum {
            /// Every task, in the order of the workflow.
            pub const ALL: &[Self] = &[$( Self::$task, )+];

            /// The task's name, which is also the name of its state.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$task => stringify!($task), )+ }
            }

            /// The state that runs the task.
            pub const fn state(self) -> $crate::StateName {
                $crate::StateName::new(self.as_str())
            }

            /// The IAM actions that the task's calls need; empty when it makes none.
            pub const fn actions(self) -> &'static [&'static str] {
                match self { $( Self::$task => &[$($action),*], )+ }
            }
        }

        impl From<$enum> for $crate::TaskName {
            fn from(task: $enum) -> Self {
                Self::$workflow(task)
            }
        }
    };
}
pub(crate) use tasks;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_invocation_reads_what_the_machine_sends() {
        let sent = json!({"workflow": "create", "task": "CreateStack", "execution": "e", "state": {"id": 1}});
        let read: Invocation = serde_json::from_value(sent.clone()).unwrap();
        assert_eq!(read.task, TaskName::Create(CreateTask::CreateStack));
        assert_eq!(serde_json::to_value(read).unwrap(), sent);
    }

    #[test]
    fn a_task_of_another_workflow_is_refused() {
        let sent = json!({"workflow": "delete", "task": "CreateStack", "execution": "e", "state": {}});
        assert!(serde_json::from_value::<Invocation>(sent).is_err());
    }

    #[test]
    fn every_task_is_read_back_from_its_own_name() {
        for task in TaskName::all() {
            let written = serde_json::to_value(task).unwrap();
            assert_eq!(written["task"], task.as_str());
            assert_eq!(serde_json::from_value::<TaskName>(written).unwrap(), task);
        }
    }

    #[test]
    fn an_action_names_a_service_and_no_wildcard() {
        for action in TaskName::all_actions() {
            let (service, call) = action.split_once(':').unwrap();
            assert!(service.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{action}");
            assert!(call.chars().all(|c| c.is_ascii_alphanumeric()), "{action}");
        }
    }
}
