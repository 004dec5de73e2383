//! The statuses of stacks and resources, and what each of a stack's 23 means for a deployment, a diff, a removal and a
//! resumed run.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

macro_rules! stack_statuses {
    ($($name:ident = $text:literal,)*) => {
        /// The status of a stack.
        /// Source: the enumeration `StackStatus` of CloudFormation's API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum StackStatus {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl StackStatus {
            /// Every status.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in CloudFormation.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

stack_statuses! {
    CreateInProgress = "CREATE_IN_PROGRESS",
    CreateFailed = "CREATE_FAILED",
    CreateComplete = "CREATE_COMPLETE",
    RollbackInProgress = "ROLLBACK_IN_PROGRESS",
    RollbackFailed = "ROLLBACK_FAILED",
    RollbackComplete = "ROLLBACK_COMPLETE",
    DeleteInProgress = "DELETE_IN_PROGRESS",
    DeleteFailed = "DELETE_FAILED",
    DeleteComplete = "DELETE_COMPLETE",
    UpdateInProgress = "UPDATE_IN_PROGRESS",
    UpdateCompleteCleanupInProgress = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    UpdateComplete = "UPDATE_COMPLETE",
    UpdateFailed = "UPDATE_FAILED",
    UpdateRollbackInProgress = "UPDATE_ROLLBACK_IN_PROGRESS",
    UpdateRollbackFailed = "UPDATE_ROLLBACK_FAILED",
    UpdateRollbackCompleteCleanupInProgress = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    UpdateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE",
    ReviewInProgress = "REVIEW_IN_PROGRESS",
    ImportInProgress = "IMPORT_IN_PROGRESS",
    ImportComplete = "IMPORT_COMPLETE",
    ImportRollbackInProgress = "IMPORT_ROLLBACK_IN_PROGRESS",
    ImportRollbackFailed = "IMPORT_ROLLBACK_FAILED",
    ImportRollbackComplete = "IMPORT_ROLLBACK_COMPLETE",
}

impl StackStatus {
    /// Whether CloudFormation is at work on the stack. `REVIEW_IN_PROGRESS` waits for a person, not for CloudFormation.
    pub fn is_in_progress(self) -> bool {
        self != Self::ReviewInProgress && self.as_str().ends_with("_IN_PROGRESS")
    }

    /// Whether nothing is under way and nothing is left half-done: the last operation succeeded or was rolled back.
    pub fn is_settled(self) -> bool {
        self == Self::ReviewInProgress || self.as_str().ends_with("_COMPLETE")
    }
}

impl fmt::Display for StackStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for StackStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A status that CloudFormation did not have when this was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status of a stack that is known")]
pub struct UnknownStatus(String);

impl FromStr for StackStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.iter().copied().find(|status| status.as_str() == text);
        known.ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// The status of a resource, as CloudFormation writes it: `CREATE_IN_PROGRESS`, `UPDATE_FAILED`. New ones appear, so
/// only their endings are relied on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ResourceStatus(String);

impl ResourceStatus {
    /// The status with this name.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name in CloudFormation.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether something went wrong with the resource.
    pub fn is_failure(&self) -> bool {
        self.0.ends_with("_FAILED")
    }

    /// Whether the resource is being worked on.
    pub fn is_in_progress(&self) -> bool {
        self.0.ends_with("_IN_PROGRESS")
    }
}
