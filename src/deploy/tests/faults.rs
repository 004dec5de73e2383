//! Every fault at every call of a deployment: the run ends in a defined state, and the next one completes it without
//! doing anything twice.

use std::sync::Arc;

use lisa_deploy::control::Control;
use lisa_deploy::outcome::{Meaning, Outcome, StackOutcome};
use lisa_deploy::ports::CallErrorKind;
use lisa_deploy::ports::cloudformation::StackStatus;
use lisa_deploy::target::Target;

use crate::cloud::{Cloud, Fault, Phase};
use crate::run::{Recorder, deploy, deploy_telling, done, target};

/// What a run is disturbed by.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Fault(Fault),
    Told(Control),
}

/// Three stacks, one of which needs another.
fn app(version: &str) -> Vec<Target> {
    vec![target("core", &[], version), target("serve", &["core"], version), target("ui", &[], version)]
}

/// A cloud where the application is to be created, or updated.
async fn cloud(updates: bool) -> Arc<Cloud> {
    let cloud = Cloud::new();
    if updates {
        deploy(&cloud, &app("1")).await;
    }
    cloud
}

/// How many calls an undisturbed run makes.
fn calls(updates: bool) -> usize {
    Cloud::run(async {
        let cloud = cloud(updates).await;
        let before = cloud.state().calls.len();
        assert_eq!(done(&deploy(&cloud, &app("2")).await).len(), 3);
        cloud.state().calls.len() - before
    })
}

/// Disturbs a run at each of its calls; `check` is told which call it was and how the run ended, `None` where it was
/// killed.
fn sweep(updates: bool, trouble: Trouble, check: impl Fn(&str, Option<&Outcome>)) {
    let calls = calls(updates);
    assert!(calls > 30, "there is something to disturb");
    for index in 0..calls {
        Cloud::run(async {
            let cloud = cloud(updates).await;
            let at = cloud.state().calls.len() + index;
            let outcome = disturbed(&cloud, at, trouble).await;
            let call = cloud.state().calls[at];
            check(call, outcome.as_ref());
            cloud.log_in();
            let next = deploy(&cloud, &app("2")).await;
            assert_eq!(next.meaning(), Meaning::Done, "after {trouble:?} at {index}: {next:?}");
            let settled = !matches!(trouble, Trouble::Told(Control::Cancel));
            assert_undoubled(&cloud, updates, settled, &format!("after {trouble:?} at {index}"));
        });
    }
}

async fn disturbed(cloud: &Arc<Cloud>, at: usize, trouble: Trouble) -> Option<Outcome> {
    let recorder = Recorder::default();
    let (app, still) = (app("2"), |_| std::future::pending());
    match trouble {
        Trouble::Told(control) => {
            let told = |mouth: tokio::sync::watch::Sender<Control>| {
                cloud.at(at, move || {
                    mouth.send_replace(control);
                });
                std::future::pending()
            };
            Some(deploy_telling(cloud, &app, &recorder, told).await)
        }
        Trouble::Fault(fault) => {
            cloud.fault_at(at, fault);
            tokio::select! {
                outcome = deploy_telling(cloud, &app, &recorder, still) => Some(outcome),
                () = cloud.killed() => None,
            }
        }
    }
}

/// Nothing was done twice: neither asked for with another token nor, unless it was taken back, done again.
fn assert_undoubled(cloud: &Cloud, updates: bool, settled: bool, when: &str) {
    let state = cloud.state();
    assert!(state.violations.is_empty(), "{when}: {:?}", state.violations);
    for stack in state.stacks.iter().filter(|_| settled) {
        let begun = |status: &str| {
            let of_stack = stack.events.iter().filter(|event| event.physical_id == stack.id);
            of_stack.filter(|event| event.status.as_str() == status).count()
        };
        let counts = [begun("CREATE_IN_PROGRESS"), begun("UPDATE_IN_PROGRESS"), begun("DELETE_IN_PROGRESS")];
        assert_eq!(counts, [1, usize::from(updates), 0], "{when}: {}", stack.name);
    }
    assert!(!settled || state.created.values().all(|times| *times == 1), "{when}: {:?}", state.created);
}

fn is_done(_: &str, outcome: Option<&Outcome>) {
    let outcome = outcome.expect("it was not killed");
    assert_eq!(outcome.meaning(), Meaning::Done, "{outcome:?}");
}

fn fails_as(kind: CallErrorKind) -> impl Fn(&str, Option<&Outcome>) {
    move |call, outcome| {
        let outcome = outcome.expect("it was not killed");
        // A change set that is of no use any more may stay.
        let may_fail = call == "cloudformation:DeleteChangeSet" && kind == CallErrorKind::Denied;
        assert!(may_fail || outcome.failures().count() > 0, "{call}: {outcome:?}");
        for failure in outcome.failures() {
            let error = failure.error.as_ref().expect("a call failed");
            assert_eq!(error.kind, kind, "{failure:?}");
            assert!(failure.remedy.is_some(), "{failure:?}");
        }
    }
}

fn is_killed(_: &str, outcome: Option<&Outcome>) {
    assert!(outcome.is_none(), "{outcome:?}");
}

/// Nothing failed, and what was stopped is at rest where it was to be taken back.
fn is_interrupted(control: Control) -> impl Fn(&str, Option<&Outcome>) {
    move |call, outcome| {
        let outcome = outcome.expect("it was not killed");
        for (name, stack) in &outcome.stacks {
            match stack {
                StackOutcome::Done { .. } => {}
                StackOutcome::Detached { .. } if control == Control::Detach => {}
                StackOutcome::Cancelled { status } if control == Control::Cancel => {
                    assert!(status.is_none_or(StackStatus::is_settled), "{call}: {name} {status:?}");
                }
                other => panic!("{call}: {name} {other:?}"),
            }
        }
    }
}

macro_rules! sweeps {
    ($($name:ident: $trouble:expr, $check:expr;)*) => {
        $(mod $name {
            use super::*;

            #[test]
            fn while_it_creates() {
                sweep(false, $trouble, $check);
            }

            #[test]
            fn while_it_updates() {
                sweep(true, $trouble, $check);
            }
        })*
    };
}

sweeps! {
    throttled: Trouble::Fault(Fault::Throttled), is_done;
    broken: Trouble::Fault(Fault::Broken), is_done;
    unanswered_and_not_done: Trouble::Fault(Fault::Unanswered(Phase::Before)), is_done;
    unanswered_and_done: Trouble::Fault(Fault::Unanswered(Phase::After)), is_done;
    expired: Trouble::Fault(Fault::Expired), fails_as(CallErrorKind::Expired);
    denied: Trouble::Fault(Fault::Denied), fails_as(CallErrorKind::Denied);
    killed_before: Trouble::Fault(Fault::Killed(Phase::Before)), is_killed;
    killed_after: Trouble::Fault(Fault::Killed(Phase::After)), is_killed;
    told_to_detach: Trouble::Told(Control::Detach), is_interrupted(Control::Detach);
    told_to_cancel: Trouble::Told(Control::Cancel), is_interrupted(Control::Cancel);
}

#[test]
fn fifteen_stacks_under_one_request_a_second_all_complete() {
    Cloud::run(async {
        let cloud = Cloud::new();
        cloud.limit(1.0, 1.0);
        let names: Vec<String> = (0..15).map(|index| format!("stack{index}")).collect();
        let targets: Vec<Target> = names.iter().map(|name| target(name, &[], "1")).collect();
        assert_eq!(done(&deploy(&cloud, &targets).await).len(), 15);
        assert!(cloud.state().violations.is_empty());
    });
}

#[test]
fn a_network_that_is_gone_for_good_ends_the_run_with_what_to_do() {
    Cloud::run(async {
        let cloud = Cloud::new();
        for index in 20..100 {
            cloud.fault_at(index, Fault::Unanswered(Phase::Before));
        }
        let outcome = deploy(&cloud, &app("1")).await;
        let failure = outcome.failures().next().expect("it fails");
        assert!(
            failure.remedy.as_deref().is_some_and(|remedy| remedy.contains("same command")),
            "{failure:?}"
        );
        cloud.calm();
        assert_eq!(deploy(&cloud, &app("1")).await.meaning(), Meaning::Done);
        assert_undoubled(&cloud, false, true, "after a lost network");
    });
}
