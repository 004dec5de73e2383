//! Deployments that nobody disturbs: what they change, in which order, and what they leave.

use std::collections::BTreeSet;

use lisa_deploy::control::channel;
use lisa_deploy::engine::Engine;
use lisa_deploy::event::{Event, StackStep};
use lisa_deploy::outcome::{Meaning, StackOutcome};
use lisa_deploy::plan::{Losses, Purpose, Step};
use lisa_deploy::ports::cloudformation::StackStatus;
use serde_json::{Value, json};

use crate::cloud::{Cloud, On};
use crate::run::{Recorder, app, deploy, deploy_telling, done, target};

#[test]
fn a_first_deployment_creates_all_and_a_second_changes_nothing() {
    Cloud::run(async {
        let cloud = Cloud::new();
        assert_eq!(done(&deploy(&cloud, &app("1")).await), ["api", "chat", "core", "serve"]);
        let calls = cloud.state().calls.len();
        assert!(done(&deploy(&cloud, &app("1")).await).is_empty());
        let state = cloud.state();
        assert!(!state.calls[calls..].contains(&"cloudformation:ExecuteChangeSet"));
        assert!(
            state.stacks.iter().all(|stack| stack.change_sets.values().all(|set| set.executed.is_some()))
        );
        assert!(state.violations.is_empty() && state.created.values().all(|times| *times == 1));
    });
}

#[test]
fn a_change_moves_only_the_stacks_that_it_is_in_and_those_that_read_it() {
    Cloud::run(async {
        let cloud = Cloud::new();
        deploy(&cloud, &app("1")).await;
        let mut changed = app("1");
        changed[1] = target("serve", &["core"], "2");
        assert_eq!(done(&deploy(&cloud, &changed).await), ["chat", "serve"]);
        assert!(done(&deploy(&cloud, &changed).await).is_empty());
        let mut state = cloud.state();
        let function = &state.stack("demo-chat").unwrap().resources["Function"];
        assert_eq!(function.body["Properties"]["Layers"], json!(["api 1", "serve 2"]));
        assert!(state.violations.is_empty());
    });
}

#[test]
fn independent_stacks_run_side_by_side() {
    Cloud::run(async {
        let cloud = Cloud::new();
        deploy(&cloud, &app("1")).await;
        let begun = |name: &str| {
            let mut state = cloud.state();
            let stack = state.stack(&format!("demo-{name}")).unwrap();
            stack.created
        };
        let apart = begun("serve").abs_diff(begun("api"));
        assert!(apart.as_secs() < 2, "{apart:?}");
        assert!(begun("chat") > begun("serve") && begun("serve") > begun("core"));
    });
}

#[test]
fn what_a_stack_waits_for_is_told_until_it_begins() {
    Cloud::run(async {
        let (cloud, recorder) = (Cloud::new(), Recorder::default());
        deploy_telling(&cloud, &app("1"), &recorder, |_| std::future::pending()).await;
        let waits = recorder.events().into_iter().filter_map(|event| match event {
            Event::Stack { name, step: StackStep::Waiting(open) } if name == "chat" => Some(open.join(" ")),
            _ => None,
        });
        let waits: Vec<String> = waits.collect();
        assert_eq!(waits[0], "api serve");
        assert_eq!(waits.len(), 2, "{waits:?}");
    });
}

#[test]
fn every_event_is_told_once_and_in_order() {
    Cloud::run(async {
        let (cloud, recorder) = (Cloud::new(), Recorder::default());
        let targets = [target("core", &[], "1")];
        deploy_telling(&cloud, &targets, &recorder, |_| std::future::pending()).await;
        let mut state = cloud.state();
        let stack = state.stack("demo-core").unwrap();
        let of_resources = stack.events.iter().filter(|event| event.physical_id != stack.id);
        let ids: Vec<String> = of_resources.map(|event| event.id.clone()).collect();
        assert_eq!(recorder.resource_events(), ids);
    });
}

#[test]
fn a_failure_is_told_with_its_events_and_the_rest_goes_on() {
    Cloud::run(async {
        let cloud = Cloud::new();
        cloud.fail("demo-serve", "Function", On::Create, "Function name taken");
        let outcome = deploy(&cloud, &app("1")).await;
        let StackOutcome::Failed(failure) = &outcome.stacks["serve"] else { panic!("{outcome:?}") };
        assert_eq!(failure.status, Some(StackStatus::RollbackComplete));
        let first = failure.events.iter().find(|event| event.status.is_failure()).unwrap();
        assert_eq!(first.reason.as_deref(), Some("Function name taken"));
        assert_eq!(outcome.stacks["chat"], StackOutcome::Skipped { because: "serve".to_owned() });
        assert!(matches!(outcome.stacks["api"], StackOutcome::Done { changed: true, .. }));
        assert_eq!(outcome.meaning(), Meaning::RolledBack);
        cloud.mend();
        assert_eq!(done(&deploy(&cloud, &app("1")).await), ["chat", "serve"]);
    });
}

#[test]
fn a_failed_rollback_needs_action_and_the_next_deployment_heals_it() {
    Cloud::run(async {
        let cloud = Cloud::new();
        deploy(&cloud, &app("1")).await;
        cloud.fail("demo-core", "Parameter", On::Update, "no");
        cloud.fail("demo-core", "Function", On::Rollback, "gone by hand");
        let outcome = deploy(&cloud, &app("2")).await;
        assert_eq!(outcome.meaning(), Meaning::NeedsAction, "{outcome:?}");
        assert_eq!(cloud.state().stack("demo-core").unwrap().status, StackStatus::UpdateRollbackFailed);
        let stuck = deploy(&cloud, &app("2")).await;
        let failure = stuck.failures().next().unwrap();
        assert!(failure.remedy.as_deref().unwrap().contains("--skip STACK/RESOURCE"), "{failure:?}");
        cloud.mend();
        assert_eq!(done(&deploy(&cloud, &app("2")).await).len(), 4);
        assert!(cloud.state().violations.is_empty());
    });
}

#[test]
fn a_resource_that_cannot_be_rolled_back_is_left_out_when_told() {
    Cloud::run(async {
        let cloud = Cloud::new();
        deploy(&cloud, &[target("core", &[], "1")]).await;
        cloud.fail("demo-core", "Parameter", On::Update, "no");
        cloud.fail("demo-core", "Function", On::Rollback, "gone by hand");
        deploy(&cloud, &[target("core", &[], "2")]).await;
        cloud.state().failures.retain(|(_, _, on), _| *on == On::Rollback);
        let (world, recorder, (_mouth, ear)) = (cloud.world(), Recorder::default(), channel());
        let mut engine = Engine::new(&world, &recorder, ear);
        engine.skip.insert("core".to_owned(), vec!["Function".to_owned()]);
        let targets = vec![target("core", &[], "3")];
        let plan = engine.prepare(targets, &BTreeSet::new(), Purpose::Deploy).await.unwrap();
        assert_eq!(plan.stacks[0].step, Step::Repair);
        assert_eq!(done(&engine.carry_out(plan, Losses::None).await), ["core"]);
    });
}

#[test]
fn a_change_set_that_cannot_be_made_leaves_no_shell() {
    Cloud::run(async {
        let cloud = Cloud::new();
        let mut broken = target("core", &[], "1");
        broken.content.template = lisa_deploy::ports::cloudformation::TemplateSource::Body("{".to_owned());
        let outcome = deploy(&cloud, &[broken]).await;
        let failure = outcome.failures().next().unwrap();
        assert!(failure.reason.as_deref().unwrap().contains("Template format error"), "{failure:?}");
        assert!(failure.rolled_back);
        tokio::time::sleep(std::time::Duration::from_mins(1)).await;
        assert!(cloud.state().stack("demo-core").is_none());
    });
}

#[test]
fn a_plan_says_what_is_replaced_and_a_loss_that_was_not_agreed_to_is_not_made() {
    Cloud::run(async {
        let cloud = Cloud::new();
        let first = target("core", &[], "1");
        deploy(&cloud, std::slice::from_ref(&first)).await;
        let mut second = first.clone();
        let mut template: Value = serde_json::from_str(&second.content.text).unwrap();
        template["Resources"]["Table"]["Properties"]["TableName"] = json!("another");
        second.content.text = template.to_string();
        second.content.template =
            lisa_deploy::ports::cloudformation::TemplateSource::Body(second.content.text.clone());
        let (world, recorder, (_mouth, ear)) = (cloud.world(), Recorder::default(), channel());
        let engine = Engine::new(&world, &recorder, ear);
        let plan = engine.prepare(vec![second.clone()], &BTreeSet::new(), Purpose::Deploy).await.unwrap();
        assert_eq!(plan.stacks[0].step, Step::Update);
        let lost: Vec<_> = plan.losses().map(|(stack, change)| (stack, change.logical_id.as_str())).collect();
        assert_eq!(lost, [("core", "Table")]);
        let refused = engine.carry_out(plan, Losses::None).await;
        assert!(refused.failures().next().unwrap().reason.as_deref().unwrap().contains("`Table`"));
        assert_eq!(refused.meaning(), Meaning::RolledBack);
        let plan = engine.prepare(vec![second], &BTreeSet::new(), Purpose::Deploy).await.unwrap();
        assert_eq!(done(&engine.carry_out(plan, Losses::Shown).await), ["core"]);
    });
}

#[test]
fn the_change_set_that_was_shown_is_the_one_that_is_executed() {
    Cloud::run(async {
        let cloud = Cloud::new();
        deploy(&cloud, &[target("core", &[], "1")]).await;
        let before = cloud.state().calls.len();
        deploy(&cloud, &[target("core", &[], "2")]).await;
        let state = cloud.state();
        let count = |call: &str| state.calls[before..].iter().filter(|made| **made == call).count();
        assert_eq!(count("cloudformation:CreateChangeSet"), 1);
        assert_eq!(count("cloudformation:ExecuteChangeSet"), 1);
    });
}

#[test]
fn looking_leaves_nothing_behind_and_names_what_is_not_known_yet() {
    Cloud::run(async {
        let cloud = Cloud::new();
        deploy(&cloud, &[target("core", &[], "1")]).await;
        let (world, recorder, (_mouth, ear)) = (cloud.world(), Recorder::default(), channel());
        let engine = Engine::new(&world, &recorder, ear);
        let plan = engine.prepare(app("2"), &BTreeSet::new(), Purpose::Look).await.unwrap();
        let steps: Vec<_> =
            plan.stacks.iter().map(|stack| (stack.target.name.as_str(), stack.step)).collect();
        assert_eq!(steps[..2], [("core", Step::Update), ("serve", Step::Create)]);
        assert_eq!(plan.stacks[3].after, ["api", "serve"]);
        assert!(
            plan.stacks[0]
                .changes
                .as_ref()
                .unwrap()
                .iter()
                .any(|change| change.resource.logical_id == "Function")
        );
        let state = cloud.state();
        assert_eq!(state.stacks.len(), 1);
        assert!(state.stacks[0].change_sets.values().all(|set| set.executed.is_some()));
    });
}

#[test]
fn a_stack_that_needs_one_which_is_neither_there_nor_chosen_says_so() {
    Cloud::run(async {
        let (world, recorder, (_mouth, ear)) = (Cloud::new().world(), Recorder::default(), channel());
        let engine = Engine::new(&world, &recorder, ear);
        let chosen = BTreeSet::from(["serve".to_owned()]);
        let outcome = engine.prepare(app("1"), &chosen, Purpose::Deploy).await.unwrap_err();
        let failure = outcome.failures().next().unwrap();
        assert!(failure.remedy.as_deref().unwrap().contains("--stack core --stack serve"), "{failure:?}");
    });
}

#[test]
fn a_long_operation_is_asked_for_less_and_less() {
    Cloud::run(async {
        let cloud = Cloud::new();
        cloud.stage("demo-core", StackStatus::UpdateInProgress);
        cloud.state().stack("demo-core").unwrap().delay(std::time::Duration::from_hours(1));
        deploy(&cloud, &[target("core", &[], "1")]).await;
        let calls = cloud.state().calls.len();
        assert!((700..800).contains(&calls), "two calls each ten seconds for an hour: {calls}");
    });
}

#[test]
fn what_somebody_else_has_under_way_is_waited_for() {
    Cloud::run(async {
        let (cloud, recorder) = (Cloud::new(), Recorder::default());
        let id = cloud.stage("demo-core", StackStatus::UpdateInProgress);
        let targets = [target("core", &[], "1")];
        let outcome = deploy_telling(&cloud, &targets, &recorder, |_| std::future::pending()).await;
        assert_eq!(done(&outcome), ["core"]);
        assert_eq!(cloud.state().stack("demo-core").unwrap().id, id);
        assert!(!recorder.events().iter().any(|event| matches!(event, Event::Retry { .. })));
    });
}
