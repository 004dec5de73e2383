//! Removals that are disturbed: faults at each call, killed runs, runs that are told to detach.

use std::collections::BTreeMap;
use std::sync::Arc;

use lisa_config::Config;
use lisa_deploy::control::{self, Control};
use lisa_deploy::destroy;
use lisa_deploy::engine::Engine;
use lisa_deploy::outcome::{Meaning, StackOutcome};
use lisa_stacks::Naming;
use serde_json::json;

use super::{Nobody, add, deployed, example, gone, plan, run};
use crate::cloud::{Cloud, Fault, Phase};

/// A cloud with two stacks that need each other not, each with a resource: for tests that run many times.
fn small(config: &Config) -> Arc<Cloud> {
    let (cloud, naming) = (Cloud::new(), Naming::new(config));
    let template = json!({ "Resources": { "Table": { "Type": "AWS::DynamoDB::Table" } } });
    for stack in ["chat", "ui"] {
        add(&cloud, &naming.stack(stack), &template, &BTreeMap::new());
    }
    cloud
}

#[test]
fn a_fault_at_any_call_is_got_over_and_nothing_is_done_twice() {
    let (config, app) = example("destroy");
    let calls = |fault: Option<(usize, Fault)>| {
        Cloud::run(async {
            let cloud = small(&config);
            if let Some((index, fault)) = fault {
                cloud.fault_at(index, fault);
            }
            let mut removal = plan(&cloud, &config, &app, &[]).await;
            if removal.is_err() {
                cloud.log_in();
                removal = plan(&cloud, &config, &app, &[]).await;
            }
            let removal = removal.expect("a plan");
            let mut removed = run(&cloud, &removal, destroy::Options::default()).await;
            if removed.outcome.meaning() != Meaning::Done {
                cloud.log_in();
                let again = plan(&cloud, &config, &app, &[]).await.expect("a plan");
                removed = run(&cloud, &again, destroy::Options::default()).await;
            }
            assert_eq!(removed.outcome.meaning(), Meaning::Done, "{fault:?}: {:#?}", removed.outcome);
            assert_eq!(gone(&cloud).len(), 2, "{fault:?}");
            assert_eq!(cloud.state().violations, Vec::<String>::new(), "{fault:?}");
            cloud.state().calls.len()
        })
    };
    let count = calls(None);
    assert!(count > 20, "{count}");
    let faults = [
        Fault::Throttled,
        Fault::Broken,
        Fault::Unanswered(Phase::Before),
        Fault::Unanswered(Phase::After),
        Fault::Expired,
        Fault::Denied,
    ];
    for fault in faults {
        for index in 0..count {
            calls(Some((index, fault)));
        }
    }
}

#[test]
fn a_killed_removal_is_taken_up_by_running_it_again() {
    let (config, app) = example("destroy");
    for phase in [Phase::Before, Phase::After] {
        for index in 0..24 {
            Cloud::run(async {
                let cloud = small(&config);
                cloud.fault_at(index, Fault::Killed(phase));
                let first = async {
                    let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
                    run(&cloud, &removal, destroy::Options::default()).await;
                };
                tokio::select! { () = first => {}, () = cloud.killed() => {} }
                let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
                let removed = run(&cloud, &removal, destroy::Options::default()).await;
                assert_eq!(
                    removed.outcome.meaning(),
                    Meaning::Done,
                    "{index} {phase:?}: {:#?}",
                    removed.outcome
                );
                assert_eq!(gone(&cloud).len(), 2, "{index} {phase:?}");
                assert_eq!(cloud.state().violations, Vec::<String>::new(), "{index} {phase:?}");
            });
        }
    }
}

#[test]
fn a_detached_removal_begins_nothing_more() {
    let (config, app) = example("destroy");
    Cloud::run(async {
        let cloud = deployed(&app);
        let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        let world = cloud.world();
        let (teller, told) = control::channel();
        let engine = Engine::new(&world, &Nobody, told);
        let telling = async {
            tokio::time::sleep(std::time::Duration::from_secs(4)).await;
            teller.send_replace(Control::Detach);
        };
        let (removed, ()) =
            tokio::join!(destroy::run(&engine, &removal, destroy::Options::default()), telling);
        assert_eq!(removed.outcome.meaning(), Meaning::Interrupted);
        assert!(matches!(removed.outcome.stacks["network"], StackOutcome::Detached { .. }));
        let again = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        assert!(!again.is_empty());
        let removed = run(&cloud, &again, destroy::Options::default()).await;
        assert_eq!(removed.outcome.meaning(), Meaning::Done, "{:#?}", removed.outcome);
        assert_eq!(cloud.state().violations, Vec::<String>::new());
    });
}
