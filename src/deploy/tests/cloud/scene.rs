//! Stacks that a test finds in the fake cloud: any status, with what is under way.

use std::time::Duration;

use lisa_deploy::ports::cloudformation::StackStatus;
use serde_json::json;

use super::Cloud;
use super::operation::Step;
use super::stack::FakeResource;

impl Cloud {
    /// Makes a stack of this name in this status. What is under way comes to its usual end after 30 seconds. A stack
    /// that was ever created holds a table `Old`. Returns its id.
    pub(crate) fn stage(&self, name: &str, status: StackStatus) -> String {
        let mut state = self.state();
        let id = state.shell(name, StackStatus::ReviewInProgress);
        let index = state.stacks.len() - 1;
        let mut stack = std::mem::take(&mut state.stacks[index]);
        let body = json!({"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "old"}, "DeletionPolicy": "Retain"});
        if !matches!(
            status,
            StackStatus::ReviewInProgress | StackStatus::DeleteComplete | StackStatus::RollbackComplete
        ) {
            let physical_id = "old".to_owned();
            stack.resources.insert("Old".to_owned(), FakeResource { physical_id, body: body.clone() });
            stack.template = json!({"Resources": {"Old": body}}).to_string();
        }
        let now = state.now;
        stack.begin("somebody", ends(status, now + Duration::from_secs(30)).into());
        stack.turn(&mut state, now, status, Some("staged".to_owned()));
        if !status.as_str().ends_with("_FAILED") && !status.is_in_progress() {
            stack.operation = None;
        }
        state.stacks[index] = stack;
        id
    }
}

/// How what is under way in a status ends.
fn ends(status: StackStatus, at: Duration) -> Vec<(Duration, Step)> {
    use StackStatus as S;
    let turns: &[S] = match status {
        S::CreateInProgress => &[S::CreateComplete],
        S::RollbackInProgress => &[S::RollbackComplete],
        S::DeleteInProgress => &[S::DeleteComplete],
        S::UpdateInProgress => &[S::UpdateCompleteCleanupInProgress, S::UpdateComplete],
        S::UpdateCompleteCleanupInProgress => &[S::UpdateComplete],
        S::UpdateRollbackInProgress => {
            &[S::UpdateRollbackCompleteCleanupInProgress, S::UpdateRollbackComplete]
        }
        S::UpdateRollbackCompleteCleanupInProgress => &[S::UpdateRollbackComplete],
        S::ImportInProgress => &[S::ImportComplete],
        S::ImportRollbackInProgress => &[S::ImportRollbackComplete],
        _ => return Vec::new(),
    };
    let turns = turns.iter().map(|status| (at, Step::Turn(*status, None)));
    turns.chain([(at, Step::End)]).collect()
}
