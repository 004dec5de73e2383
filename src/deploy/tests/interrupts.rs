//! Runs that are told to detach or to cancel while a stack is worked on, and the runs after them.

use std::sync::Arc;
use std::time::Duration;

use lisa_deploy::control::Control;
use lisa_deploy::event::Event;
use lisa_deploy::outcome::{Meaning, Outcome, StackOutcome};
use lisa_deploy::ports::cloudformation::StackStatus;

use crate::cloud::{Cloud, On};
use crate::run::{Recorder, deploy, deploy_telling, done, target};

/// A deployment of one stack that is told something after so many seconds, in the middle of its work.
async fn told(cloud: &Arc<Cloud>, version: &str, control: Control, recorder: &Recorder) -> Outcome {
    let after = |mouth: tokio::sync::watch::Sender<Control>| async move {
        tokio::time::sleep(Duration::from_secs(7)).await;
        mouth.send_replace(control);
        std::future::pending::<()>().await;
    };
    deploy_telling(cloud, &[target("core", &[], version)], recorder, after).await
}

fn notes(recorder: &Recorder) -> Vec<String> {
    let notes = recorder.events().into_iter().filter_map(|event| match event {
        Event::Note(text) => Some(text),
        _ => None,
    });
    notes.collect()
}

#[test]
fn a_cancelled_creation_is_deleted_and_says_so() {
    Cloud::run(async {
        let (cloud, recorder) = (Cloud::new(), Recorder::default());
        let outcome = told(&cloud, "1", Control::Cancel, &recorder).await;
        assert_eq!(outcome.stacks["core"], StackOutcome::Cancelled { status: None });
        assert_eq!(notes(&recorder), ["core: the creation is cancelled: what was created is deleted"]);
        assert!(cloud.state().stack("demo-core").is_none());
        assert_eq!(outcome.meaning().exit_status(), 130);
    });
}

#[test]
fn a_cancelled_update_is_rolled_back() {
    Cloud::run(async {
        let (cloud, recorder) = (Cloud::new(), Recorder::default());
        deploy(&cloud, &[target("core", &[], "1")]).await;
        let outcome = told(&cloud, "2", Control::Cancel, &recorder).await;
        let status = Some(StackStatus::UpdateRollbackComplete);
        assert_eq!(outcome.stacks["core"], StackOutcome::Cancelled { status });
        let mut state = cloud.state();
        let function = &state.stack("demo-core").unwrap().resources["Function"];
        assert_eq!(function.body["Properties"]["Description"], "1");
    });
}

#[test]
fn a_detached_run_leaves_its_work_and_the_next_one_ends_it() {
    Cloud::run(async {
        let (cloud, recorder) = (Cloud::new(), Recorder::default());
        let outcome = told(&cloud, "1", Control::Detach, &recorder).await;
        let status = Some(StackStatus::CreateInProgress);
        assert_eq!(outcome.stacks["core"], StackOutcome::Detached { status });
        assert_eq!(done(&deploy(&cloud, &[target("core", &[], "1")]).await), [""; 0]);
        let state = cloud.state();
        assert!(state.violations.is_empty() && state.created.values().all(|times| *times == 1));
    });
}

#[test]
fn the_failure_of_what_an_earlier_run_began_is_told_and_not_tried_again_at_once() {
    Cloud::run(async {
        let (cloud, recorder) = (Cloud::new(), Recorder::default());
        cloud.fail("demo-core", "Table", On::Create, "Table already exists");
        told(&cloud, "1", Control::Detach, &recorder).await;
        let outcome = deploy(&cloud, &[target("core", &[], "1")]).await;
        assert_eq!(outcome.meaning(), Meaning::RolledBack);
        let failure = outcome.failures().next().unwrap();
        let reasons: Vec<_> = failure.events.iter().filter_map(|event| event.reason.as_deref()).collect();
        assert!(reasons.contains(&"Table already exists"), "{reasons:?}");
        let state = cloud.state();
        assert!(state.violations.is_empty() && state.stacks.len() == 1);
    });
}
