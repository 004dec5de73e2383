//! Each of the 23 statuses with each of the four intents, through the machine: 92 tests.
//!
//! What is expected stands here a second time, apart from the table of the engine.

use lisa_deploy::control::channel;
use lisa_deploy::engine::Engine;
use lisa_deploy::machine::{Accepted, Finish, Options, Work};
use lisa_deploy::next::{Intent, Next};
use lisa_deploy::outcome::StackOutcome;
use lisa_deploy::ports::cloudformation::StackStatus;

use crate::cloud::Cloud;
use crate::run::{Recorder, target};

/// How a cell ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The stack is created, or created anew.
    Created,
    /// The stack is updated.
    Updated,
    /// It ends with a reason and a remedy.
    Refused,
    /// Everything would be new.
    New,
    /// A change set told.
    ByChangeSet,
    /// The templates are to be compared.
    ByTemplate,
    /// The stack is deleted by this run.
    Deleted,
    /// There is no stack, and this run had nothing to do for that.
    Nothing,
    /// The stack is as somebody else made it.
    Left,
}

/// Runs the machine on a stack that is found in `status`.
fn ends(status: StackStatus, intent: Intent) -> End {
    Cloud::run(async {
        let cloud = Cloud::new();
        cloud.stage("demo-core", status);
        let options = Options { accepted: Accepted::All, ..Options::default() };
        let work = Work { target: target("core", &[], "1"), intent, basis: String::new(), options };
        let (world, recorder, (_mouth, ear)) = (cloud.world(), Recorder::default(), channel());
        let finish = Engine::new(&world, &recorder, ear).drive(work).await;
        let now = cloud.state().stack("demo-core").map(|stack| stack.status);
        if intent == Intent::Diff {
            assert_eq!(
                now,
                (status != StackStatus::DeleteComplete).then_some(status),
                "a diff changes nothing"
            );
            let sets = cloud.state().stack("demo-core").map_or(0, |stack| stack.change_sets.len());
            assert_eq!(sets, 0, "a diff leaves nothing");
        }
        assert!(cloud.state().violations.is_empty());
        end(finish, now)
    })
}

fn end(finish: Finish, now: Option<StackStatus>) -> End {
    match (finish, now) {
        (Finish::Prepared(prepared), _) => match (prepared.how, prepared.changes) {
            (Next::CompareWithNothing, None) => End::New,
            (Next::CompareByTemplate, None) => End::ByTemplate,
            (Next::CompareByChangeSet, Some(changes)) if !changes.is_empty() => End::ByChangeSet,
            other => panic!("{other:?}"),
        },
        (Finish::Ended(StackOutcome::Done { changed: false, .. }), Some(_)) => End::Left,
        (Finish::Ended(StackOutcome::Done { changed: true, .. }), Some(StackStatus::CreateComplete)) => {
            End::Created
        }
        (Finish::Ended(StackOutcome::Done { changed: true, .. }), Some(StackStatus::UpdateComplete)) => {
            End::Updated
        }
        (Finish::Ended(StackOutcome::Done { changed: true, .. }), None) => End::Deleted,
        (Finish::Ended(StackOutcome::Done { changed: false, .. }), None) => End::Nothing,
        (Finish::Ended(StackOutcome::Failed(failure)), _) => {
            assert!(failure.reason.is_some() && failure.remedy.is_some(), "{failure:?}");
            End::Refused
        }
        other => panic!("{other:?}"),
    }
}

macro_rules! cells {
    ($($status:ident $name:ident: $deploy:ident, $diff:ident, $destroy:ident, $resume:ident;)*) => {
        $(mod $name {
            use super::{End, Intent, StackStatus, ends};

            #[test]
            fn deploy() {
                assert_eq!(ends(StackStatus::$status, Intent::Deploy), End::$deploy);
            }

            #[test]
            fn diff() {
                assert_eq!(ends(StackStatus::$status, Intent::Diff), End::$diff);
            }

            #[test]
            fn destroy() {
                assert_eq!(ends(StackStatus::$status, Intent::Destroy), End::$destroy);
            }

            #[test]
            fn resume() {
                assert_eq!(ends(StackStatus::$status, Intent::Resume), End::$resume);
            }
        })*

        #[test]
        fn every_status_has_its_cells() {
            assert_eq!([$(StackStatus::$status),*].as_slice(), StackStatus::ALL);
        }
    };
}

cells! {
    CreateInProgress create_in_progress: Updated, ByTemplate, Deleted, Left;
    CreateFailed create_failed: Created, New, Deleted, Refused;
    CreateComplete create_complete: Updated, ByChangeSet, Deleted, Left;
    RollbackInProgress rollback_in_progress: Created, New, Deleted, Refused;
    RollbackFailed rollback_failed: Created, New, Deleted, Refused;
    RollbackComplete rollback_complete: Created, New, Deleted, Refused;
    DeleteInProgress delete_in_progress: Created, New, Nothing, Nothing;
    DeleteFailed delete_failed: Created, New, Deleted, Deleted;
    DeleteComplete delete_complete: Created, New, Nothing, Nothing;
    UpdateInProgress update_in_progress: Updated, ByTemplate, Deleted, Left;
    UpdateCompleteCleanupInProgress update_complete_cleanup_in_progress: Updated, ByTemplate, Deleted, Left;
    UpdateComplete update_complete: Updated, ByChangeSet, Deleted, Left;
    UpdateFailed update_failed: Updated, ByTemplate, Deleted, Refused;
    UpdateRollbackInProgress update_rollback_in_progress: Updated, ByTemplate, Deleted, Refused;
    UpdateRollbackFailed update_rollback_failed: Updated, ByTemplate, Deleted, Refused;
    UpdateRollbackCompleteCleanupInProgress update_rollback_complete_cleanup_in_progress:
        Updated, ByTemplate, Deleted, Refused;
    UpdateRollbackComplete update_rollback_complete: Updated, ByChangeSet, Deleted, Refused;
    ReviewInProgress review_in_progress: Created, New, Deleted, Created;
    ImportInProgress import_in_progress: Updated, ByTemplate, Deleted, Left;
    ImportComplete import_complete: Updated, ByChangeSet, Deleted, Left;
    ImportRollbackInProgress import_rollback_in_progress: Updated, ByTemplate, Deleted, Refused;
    ImportRollbackFailed import_rollback_failed: Refused, ByTemplate, Deleted, Refused;
    ImportRollbackComplete import_rollback_complete: Updated, ByChangeSet, Deleted, Refused;
}
