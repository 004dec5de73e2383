//! The three workflows walked by a small executor in a scripted world: which states are visited, and how
//! each ends.

use serde_json::{Value, json};

use self::walk::{Walk, walk};
use super::*;
use crate::{Fault, StateMachine, TaskName};

mod walk;

/// A world where all goes well.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a task, which can fail")]
fn fine(task: TaskName, state: &mut Value) -> Result<(), &'static str> {
    match task.as_str() {
        "PollStack" | "PollStackGone" => state["stack"]["settled"] = json!(true),
        "ProbeEngine" => state["engine"]["answered"] = json!(true),
        "PollCapacity" => state["capacity"]["reached"] = json!(true),
        "PollRollout" => state["rollout"]["done"] = json!(true),
        _ => {}
    }
    Ok(())
}

fn hosted() -> Value {
    json!({"hosted": true, "stack": {"found": true}})
}

/// Inputs that lead through every state of the workflow between them.
fn inputs(workflow: &str) -> Vec<Value> {
    match workflow {
        "create" => vec![json!({"hosted": true}), json!({"hosted": false})],
        "update" => [json!({"capacity": START}), json!({"capacity": STOP}), json!({"container": true})]
            .map(|change| json!({"change": change}))
            .into(),
        _ => vec![hosted(), json!({"interrupted": true})],
    }
}

fn tasks(walk: &Walk) -> String {
    walk.tasks.iter().map(|task| task.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_model_workflow_builds() {
    for draft in [create::draft(), update::draft(), delete::draft()] {
        StateMachine::build(draft).unwrap();
    }
}

#[test]
fn a_workflow_without_its_last_state_does_not_build() {
    let draft = create::draft().task(CreateTask::ProbeExternal, StateName::new("Elsewhere"), &FAILED);
    let faults = StateMachine::build(draft).unwrap_err().0;
    assert!(faults.contains(&Fault::TwoStates(CreateTask::ProbeExternal.state())), "{faults:?}");
}

#[test]
fn each_workflow_runs_all_of_its_tasks_and_no_other() {
    for (name, machine) in crate::all() {
        let mut run: Vec<_> = machine.tasks().collect();
        run.sort();
        let own = TaskName::all().filter(|task| serde_json::to_value(task).unwrap()["workflow"] == name);
        assert_eq!(run, own.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_hosted_model_comes_into_service() {
    let walk = walk(&create(), json!({"hosted": true}), fine);
    assert_eq!(tasks(&walk), "Validate MarkCreating ResolveImage CreateStack PollStack ProbeEngine Register");
    assert_eq!(walk.end, "InService");
}

#[test]
fn an_external_model_is_probed_once_and_has_no_stack() {
    let walk = walk(&create(), json!({"hosted": false}), fine);
    assert_eq!(tasks(&walk), "Validate MarkCreating ProbeExternal Register");
    assert_eq!(walk.end, "InService");
}

#[test]
fn each_change_does_what_it_must_and_no_more() {
    for (change, expected) in [
        (json!({}), "Validate MarkUpdating SaveChange"),
        (json!({"capacity": START}), "Validate MarkUpdating SetCapacity PollCapacity ProbeEngine SaveChange"),
        (json!({"capacity": STOP}), "Validate MarkUpdating SetCapacity PollCapacity SaveChange"),
        (json!({"capacity": SCALE}), "Validate MarkUpdating SetCapacity PollCapacity SaveChange"),
        (
            json!({"container": true}),
            "Validate MarkUpdating RegisterTaskDefinition RollService PollRollout ProbeEngine SaveChange",
        ),
        (
            json!({"capacity": SCALE, "container": true}),
            "Validate MarkUpdating SetCapacity PollCapacity RegisterTaskDefinition RollService PollRollout \
             ProbeEngine SaveChange",
        ),
    ] {
        let walk = walk(&update(), json!({ "change": change }), fine);
        assert_eq!(tasks(&walk), expected, "{change}");
        assert_eq!(walk.end, "Updated");
    }
}

#[test]
fn a_model_is_deleted_with_and_without_a_stack() {
    let with = walk(&delete(), hosted(), fine);
    assert_eq!(tasks(&with), "MarkDeleting StopWorkflow FindStack DeleteStack PollStackGone RemoveRow");
    let without = walk(&delete(), json!({}), fine);
    assert_eq!(tasks(&without), "MarkDeleting StopWorkflow FindStack RemoveRow");
    assert_eq!([with.end, without.end], ["Deleted", "Deleted"]);
}

#[test]
fn a_delete_that_interrupts_a_workflow_outwaits_its_last_task() {
    let walk = walk(&delete(), json!({"interrupted": true}), fine);
    assert!(walk.seconds >= u64::from(crate::Task::TIMEOUT_SECONDS));
}

#[test]
fn whichever_task_fails_the_execution_ends_as_failed_and_the_cause_is_recorded() {
    for (name, machine) in crate::all() {
        let mut main_path: Vec<_> = machine.tasks().collect();
        main_path.retain(|task| !["RecordFailure", "ReleaseCapacity"].contains(&task.as_str()));
        for broken in main_path {
            let breaks =
                |task, state: &mut Value| if task == broken { Err("it broke") } else { fine(task, state) };
            let ends: Vec<_> = inputs(name)
                .into_iter()
                .map(|input| walk(&machine, input, breaks))
                .filter(|walk| walk.tasks.contains(&broken))
                .collect();
            assert!(!ends.is_empty(), "{name}: nothing runs {broken:?}");
            for walk in ends {
                assert_eq!(walk.end, "Failed", "{name}: {broken:?}");
                assert_eq!(walk.state["failure"]["Cause"], "it broke", "{name}: {broken:?}");
                assert!(tasks(&walk).contains("RecordFailure"), "{name}: {broken:?}");
            }
        }
    }
}

#[test]
fn a_failure_path_that_fails_too_keeps_the_first_cause() {
    for (name, machine) in crate::all() {
        let nothing_works = |task: TaskName, _: &mut Value| {
            Err(if task.as_str() == "RecordFailure" { "second" } else { "first" })
        };
        for input in inputs(name) {
            let walk = walk(&machine, input, nothing_works);
            assert_eq!(walk.end, "Failed", "{name}");
            assert_eq!(walk.state["failure"]["Cause"], "first", "{name}");
            assert_eq!(walk.state["second_failure"]["Cause"], "second", "{name}");
        }
    }
}

#[test]
fn whatever_never_comes_about_is_given_up_with_its_cause() {
    for (name, machine) in crate::all() {
        for stuck in machine.tasks().filter(|task| task.as_str().starts_with('P')) {
            if stuck.as_str() == "ProbeExternal" {
                continue;
            }
            let ends: Vec<_> = inputs(name)
                .into_iter()
                .map(|input| {
                    walk(
                        &machine,
                        input,
                        |task, state| if task == stuck { Ok(()) } else { fine(task, state) },
                    )
                })
                .filter(|walk| walk.tasks.contains(&stuck))
                .collect();
            assert!(!ends.is_empty(), "{name}: nothing runs {stuck:?}");
            for walk in ends {
                assert_eq!(walk.end, "Failed", "{name}: {stuck:?}");
                let cause = walk.state["failure"]["Cause"].as_str().unwrap();
                assert!(cause.ends_with(" minutes"), "{cause}");
                assert!(walk.seconds >= 30 * 60 && walk.seconds < machine.timeout_seconds());
            }
        }
    }
}

#[test]
fn a_task_that_loses_the_counters_ends_the_loop() {
    let walk = walk(&create(), json!({"hosted": true}), |_, state| {
        *state = json!({"hosted": true});
        Ok(())
    });
    assert_eq!(walk.end, "Failed");
}

#[test]
fn instances_of_a_model_that_did_not_come_up_are_released() {
    let deaf = |task: TaskName, state: &mut Value| match task.as_str() {
        "ProbeEngine" => Err("the engine died"),
        _ => fine(task, state),
    };
    let started = walk(&update(), json!({"change": {"capacity": START}}), deaf);
    assert!(tasks(&started).ends_with("RecordFailure ReleaseCapacity"));
    let rolled = walk(&update(), json!({"change": {"container": true}}), deaf);
    assert!(tasks(&rolled).ends_with("RecordFailure"), "the old settings may still be serving");
    let created = walk(&create(), json!({"hosted": true}), deaf);
    assert!(tasks(&created).ends_with("RecordFailure ReleaseCapacity"));
}

#[test]
fn the_budgets_fit_into_the_time_out_and_the_history() {
    for (name, machine) in crate::all() {
        assert!(machine.longest_seconds() < machine.timeout_seconds(), "{name}");
        assert!(machine.timeout_seconds() <= 2 * 24 * 3600, "{name}: {} s", machine.timeout_seconds());
        assert!(machine.most_events() < 25_000, "{name}: {}", machine.most_events());
    }
}

#[test]
fn the_budgets_are_as_long_as_documented() {
    let minutes = [STACK, STACK_GONE, ENGINE, CAPACITY, ROLLOUT].map(|budget| budget.minutes());
    assert_eq!(minutes, [60, 60, 60, 30, 60]);
    assert_eq!(STACK.cause(), "the stack was not complete after 60 minutes");
}
