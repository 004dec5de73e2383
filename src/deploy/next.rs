//! What a stack's status means for what is intended: the one table that the engine acts by.
//!
//! [`next`] is total: every status has a next step for every intent, and a refusal says what to do. [`table`] writes
//! it down for people in `statuses.md`; a test fails when the two differ.
#![expect(clippy::match_same_arms, reason = "statuses of a kind stand together, whatever the next line does")]

use std::fmt::Write;

use crate::status::StackStatus;

/// What a run wants of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Intent {
    /// The stack as its template says.
    Deploy,
    /// To know what a deployment would change, and to change nothing.
    Diff,
    /// No stack.
    Destroy,
    /// What an interrupted run has begun brought to its end, and nothing new begun.
    Resume,
}

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Create it by a change set.
    Create,
    /// Update it by a change set.
    Update,
    /// Wait until what is under way has ended, whoever began it, and look again.
    Wait,
    /// Delete what is left, then create it.
    DeleteThenCreate,
    /// Roll back the update that was left as it failed, and look again.
    RollBack,
    /// Take up the rollback that failed, and look again.
    ContinueRollback,
    /// Delete it.
    Delete,
    /// Everything would be new.
    CompareWithNothing,
    /// Make a change set, read it and delete it.
    CompareByChangeSet,
    /// Compare the templates: CloudFormation makes no change set now.
    CompareByTemplate,
    /// Nothing is left to do.
    Done,
    /// Stop, and say why and what to do.
    Refuse(&'static Refusal),
}

/// Why a run stops at a status, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is the matter.
    pub reason: &'static str,
    /// What to do about it: a sentence.
    pub remedy: &'static str,
}

/// A creation that failed before this run.
const NOT_CREATED: Refusal = Refusal {
    reason: "the stack's creation has failed",
    remedy: "Run `lisa deploy`: it deletes what is left and creates the stack.",
};

/// An update that failed before this run.
const ROLLED_BACK: Refusal = Refusal {
    reason: "the stack's last update has failed and was rolled back",
    remedy: "Run `lisa deploy`: it updates the stack again.",
};

/// An import whose rollback failed: CloudFormation has no call that continues it.
const IMPORT_STUCK: Refusal = Refusal {
    reason: "resources were imported into the stack by hand, and the rollback of that import has failed",
    remedy: "Run `lisa destroy --stack` for this stack, or ask AWS Support to repair it; then run `lisa deploy`.",
};

impl Intent {
    /// Every intent.
    pub const ALL: [Self; 4] = [Self::Deploy, Self::Diff, Self::Destroy, Self::Resume];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Diff => "diff",
            Self::Destroy => "destroy",
            Self::Resume => "resume",
        }
    }
}

/// The next step for a stack in this status; `None` where there is no stack.
pub const fn next(status: Option<StackStatus>, intent: Intent) -> Next {
    match intent {
        Intent::Deploy => deploy(status),
        Intent::Diff => diff(status),
        Intent::Destroy => destroy(status),
        Intent::Resume => resume(status),
    }
}

const fn deploy(status: Option<StackStatus>) -> Next {
    use StackStatus as S;
    let Some(status) = status else { return Next::Create };
    match status {
        S::DeleteComplete | S::ReviewInProgress => Next::Create,
        S::CreateComplete | S::UpdateComplete | S::UpdateRollbackComplete => Next::Update,
        S::ImportComplete | S::ImportRollbackComplete => Next::Update,
        S::CreateFailed | S::RollbackFailed | S::RollbackComplete | S::DeleteFailed => Next::DeleteThenCreate,
        S::UpdateFailed => Next::RollBack,
        S::UpdateRollbackFailed => Next::ContinueRollback,
        S::ImportRollbackFailed => Next::Refuse(&IMPORT_STUCK),
        S::CreateInProgress | S::RollbackInProgress | S::DeleteInProgress => Next::Wait,
        S::UpdateInProgress | S::UpdateCompleteCleanupInProgress => Next::Wait,
        S::UpdateRollbackInProgress | S::UpdateRollbackCompleteCleanupInProgress => Next::Wait,
        S::ImportInProgress | S::ImportRollbackInProgress => Next::Wait,
    }
}

const fn diff(status: Option<StackStatus>) -> Next {
    use StackStatus as S;
    let Some(status) = status else { return Next::CompareWithNothing };
    match status {
        S::DeleteComplete | S::DeleteInProgress | S::DeleteFailed | S::ReviewInProgress => {
            Next::CompareWithNothing
        }
        S::CreateFailed | S::RollbackInProgress | S::RollbackFailed | S::RollbackComplete => {
            Next::CompareWithNothing
        }
        S::CreateComplete | S::UpdateComplete | S::UpdateRollbackComplete => Next::CompareByChangeSet,
        S::ImportComplete | S::ImportRollbackComplete => Next::CompareByChangeSet,
        S::CreateInProgress | S::UpdateInProgress | S::UpdateCompleteCleanupInProgress => {
            Next::CompareByTemplate
        }
        S::UpdateFailed | S::UpdateRollbackInProgress | S::UpdateRollbackFailed => Next::CompareByTemplate,
        S::UpdateRollbackCompleteCleanupInProgress => Next::CompareByTemplate,
        S::ImportInProgress | S::ImportRollbackInProgress | S::ImportRollbackFailed => {
            Next::CompareByTemplate
        }
    }
}

const fn destroy(status: Option<StackStatus>) -> Next {
    use StackStatus as S;
    let Some(status) = status else { return Next::Done };
    match status {
        S::DeleteComplete => Next::Done,
        // A creation need not be waited for: CloudFormation deletes a stack in the middle of one.
        S::CreateInProgress | S::CreateFailed | S::CreateComplete | S::ReviewInProgress => Next::Delete,
        S::RollbackFailed | S::RollbackComplete | S::DeleteFailed => Next::Delete,
        S::UpdateFailed | S::UpdateComplete | S::UpdateRollbackFailed | S::UpdateRollbackComplete => {
            Next::Delete
        }
        S::ImportComplete | S::ImportRollbackFailed | S::ImportRollbackComplete => Next::Delete,
        S::RollbackInProgress | S::DeleteInProgress => Next::Wait,
        S::UpdateInProgress | S::UpdateCompleteCleanupInProgress => Next::Wait,
        S::UpdateRollbackInProgress | S::UpdateRollbackCompleteCleanupInProgress => Next::Wait,
        S::ImportInProgress | S::ImportRollbackInProgress => Next::Wait,
    }
}

const fn resume(status: Option<StackStatus>) -> Next {
    use StackStatus as S;
    let Some(status) = status else { return Next::Done };
    match status {
        S::ReviewInProgress => Next::Create,
        S::CreateComplete | S::UpdateComplete | S::DeleteComplete | S::ImportComplete => Next::Done,
        S::DeleteFailed => Next::Delete,
        S::UpdateFailed => Next::RollBack,
        S::UpdateRollbackFailed => Next::ContinueRollback,
        S::CreateFailed | S::RollbackFailed | S::RollbackComplete => Next::Refuse(&NOT_CREATED),
        S::UpdateRollbackComplete | S::ImportRollbackComplete => Next::Refuse(&ROLLED_BACK),
        S::ImportRollbackFailed => Next::Refuse(&IMPORT_STUCK),
        S::CreateInProgress | S::RollbackInProgress | S::DeleteInProgress => Next::Wait,
        S::UpdateInProgress | S::UpdateCompleteCleanupInProgress => Next::Wait,
        S::UpdateRollbackInProgress | S::UpdateRollbackCompleteCleanupInProgress => Next::Wait,
        S::ImportInProgress | S::ImportRollbackInProgress => Next::Wait,
    }
}

impl Next {
    /// The step in words.
    pub fn words(self) -> String {
        let words = match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Wait => "wait, look again",
            Self::DeleteThenCreate => "delete, create",
            Self::RollBack => "roll back, look again",
            Self::ContinueRollback => "continue the rollback, look again",
            Self::Delete => "delete",
            Self::CompareWithNothing => "everything is new",
            Self::CompareByChangeSet => "compare by change set",
            Self::CompareByTemplate => "compare by template",
            Self::Done => "done",
            Self::Refuse(refusal) => return format!("stop: {}", refusal.reason),
        };
        words.to_owned()
    }
}

/// The table as `statuses.md` has it.
pub fn table() -> String {
    let mut text = String::from(INTRODUCTION);
    let rows = std::iter::once(None).chain(StackStatus::ALL.iter().copied().map(Some));
    for status in rows {
        let name = status.map_or_else(|| "no stack".to_owned(), |status| format!("`{status}`"));
        let cells = Intent::ALL.map(|intent| next(status, intent).words());
        // Writing to text cannot fail.
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text.push_str("\nWhere it stops:\n\n");
    for refusal in [&NOT_CREATED, &ROLLED_BACK, &IMPORT_STUCK] {
        let _ = writeln!(text, "* {}: {}", refusal.reason, refusal.remedy);
    }
    text
}

const INTRODUCTION: &str = "\
# What each status of a stack means

Written by `table` in `next.rs`; `LISA_UPDATE_STATUSES=1 cargo test -p lisa-deploy --lib statuses` writes it anew.

* **deploy** wants the stack as its template says.
* **diff** wants to know what would change, and changes nothing.
* **destroy** wants no stack.
* **resume** brings what an interrupted run has begun to its end, and begins nothing new.

Looking again means that the row of the new status holds then. A healing step that ends where it began is a failure,
not a loop: the run stops with the events of that step. A resource that cannot be rolled back need not stop it for
good: `lisa deploy --skip STACK/RESOURCE` continues the rollback without it, leaves it as it is, and then updates the
stack, which brings it back in line where that is possible.

| status | deploy | diff | destroy | resume |
|---|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Intent, Next, StackStatus, next, table};

    #[test]
    fn the_table_of_statuses_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("statuses.md");
        if std::env::var_os("LISA_UPDATE_STATUSES").is_some() {
            std::fs::write(&path, table()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let how = "run `LISA_UPDATE_STATUSES=1 cargo test -p lisa-deploy --lib statuses`";
        assert!(written == table(), "statuses.md is stale: {how}");
    }

    #[test]
    fn what_is_under_way_is_waited_for_or_ended_but_never_updated() {
        let under_way = |status: &&StackStatus| {
            status.as_str().ends_with("_IN_PROGRESS") && **status != StackStatus::ReviewInProgress
        };
        for status in StackStatus::ALL.iter().filter(under_way) {
            assert_eq!(next(Some(*status), Intent::Deploy), Next::Wait);
            assert_eq!(next(Some(*status), Intent::Resume), Next::Wait);
            assert!(matches!(next(Some(*status), Intent::Destroy), Next::Wait | Next::Delete));
        }
    }

    #[test]
    fn a_diff_and_a_finished_stack_are_never_refused() {
        for status in StackStatus::ALL {
            assert!(!matches!(next(Some(*status), Intent::Diff), Next::Refuse(_)));
            assert!(!matches!(next(Some(*status), Intent::Destroy), Next::Refuse(_)));
        }
    }
}
