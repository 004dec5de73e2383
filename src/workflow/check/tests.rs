//! Every rule broken once, and the loop rule tried on thousands of drawn machines.

use std::collections::BTreeMap;

use super::*;
use crate::machine::{Draft, StateMachine};
use crate::model::{CreateTask, FAILED};
use crate::path::Path;

const START: StateName = StateName::new("Start");
const DONE: StateName = StateName::new("Done");
const BUDGET: Budget = Budget { counter: "polls", polls: 3, every_seconds: 10, unmet: "nothing came" };

fn pass(edit: Edit, next: StateName) -> State {
    State::Pass { edit, next }
}

fn wait(next: StateName) -> State {
    State::Wait { seconds: 10, next }
}

fn fill(next: StateName) -> State {
    pass(Edit::FillBudgets(vec![BUDGET]), next)
}

/// A machine whose states are all right but for those given.
fn faults_of(states: Vec<(StateName, State)>) -> Vec<Fault> {
    let draft = Draft::new("a test", START).state(DONE, State::Succeed);
    let draft = states.into_iter().fold(draft, |draft, (name, state)| draft.state(name, state));
    StateMachine::build(draft).err().map(|faults| faults.0).unwrap_or_default()
}

#[test]
fn a_sound_machine_has_no_faults() {
    assert_eq!(faults_of(vec![(START, wait(DONE))]), []);
}

#[test]
fn names_are_unique_and_neither_empty_nor_long() {
    let long = START.with(&"x".repeat(76));
    assert_eq!(
        faults_of(vec![(START, wait(long.clone())), (long.clone(), wait(DONE))]),
        [Fault::BadName(long)]
    );
    let empty = StateName::new("");
    assert_eq!(
        faults_of(vec![(START, wait(empty.clone())), (empty.clone(), wait(DONE))]),
        [Fault::BadName(empty)]
    );
    assert_eq!(faults_of(vec![(START, wait(DONE)), (START, wait(DONE))]), [Fault::TwoStates(START)]);
}

#[test]
fn every_transition_leads_to_a_state() {
    let lost = StateName::new("Lost");
    let faults = faults_of(vec![(START, wait(lost.clone()))]);
    assert!(faults.contains(&Fault::UnknownNext { from: START, to: lost }), "{faults:?}");
    assert!(faults_of(vec![]).contains(&Fault::UnknownStart(START)));
}

#[test]
fn every_state_is_reached() {
    let island = StateName::new("Island");
    assert_eq!(
        faults_of(vec![(START, wait(DONE)), (island.clone(), wait(DONE))]),
        [Fault::Unreachable(island)]
    );
}

#[test]
fn every_state_can_end() {
    let round = StateName::new("Round");
    let faults = faults_of(vec![
        (START, State::Choice(Choice::otherwise(DONE).when(Condition::True(Path::FAILURE), round.clone()))),
        (round.clone(), wait(round.clone())),
    ]);
    assert_eq!(faults, [Fault::NoEnd(round.clone()), Fault::Unbounded(round)]);
}

#[test]
fn every_task_catches_everything_into_failure() {
    let task = Task::new(CreateTask::Validate, DONE);
    assert_eq!(faults_of(vec![(START, State::Task(task.clone()))]), [Fault::Uncaught(START)]);
    let into_success = task.clone().caught(Path::FAILURE, DONE);
    assert_eq!(
        faults_of(vec![(START, State::Task(into_success))]),
        [Fault::CaughtIntoSuccess { task: START, catch: DONE }]
    );
    let into_failure = task.caught(Path::FAILURE, FAILED);
    assert_eq!(faults_of(vec![(START, State::Task(into_failure)), (FAILED, State::Fail)]), []);
}

/// A loop of a look, a count and a choice with these rules.
fn looped(rules: &[(Condition, StateName)]) -> Vec<Fault> {
    let [look, count, decide] = ["Look", "Count", "Decide"].map(StateName::new);
    let choice = rules.iter().fold(Choice::otherwise(look.clone()), |choice, (when, next)| {
        choice.when(when.clone(), next.clone())
    });
    faults_of(vec![
        (START, fill(look.clone())),
        (look, wait(count.clone())),
        (count, pass(Edit::CountDown(BUDGET), decide.clone())),
        (decide, State::Choice(choice)),
    ])
}

#[test]
fn a_loop_is_left_when_its_budget_is_spent() {
    let found = Condition::True(Path::new("$.found"));
    let spent = Condition::Spent(BUDGET);
    let look = StateName::new("Look");
    let unbounded = [Fault::Unbounded(StateName::new("Count"))];
    assert_eq!(looped(&[(found.clone(), DONE), (spent.clone(), DONE)]), []);
    assert_eq!(looped(&[(found.clone(), DONE)]), unbounded);
    assert_eq!(
        looped(&[(found.clone(), DONE), (spent.clone(), look.clone())]),
        unbounded,
        "the check leads round again"
    );
    assert_eq!(
        looped(&[(found, look), (spent, DONE)]),
        unbounded,
        "a rule before the check leads round again"
    );
}

#[test]
fn a_budget_is_filled_at_the_start_alone_and_as_it_is_used() {
    let count = StateName::new("Count");
    let counted = (count.clone(), pass(Edit::CountDown(BUDGET), DONE));
    let unfilled = [Fault::Unfilled { state: count.clone(), counter: "polls" }];
    assert_eq!(faults_of(vec![(START, wait(count.clone())), counted.clone()]), unfilled);
    let other = Edit::FillBudgets(vec![Budget { polls: 4, ..BUDGET }]);
    assert_eq!(faults_of(vec![(START, pass(other, count.clone())), counted]), unfilled);
    assert_eq!(
        faults_of(vec![(START, wait(count.clone())), (count.clone(), fill(DONE))]),
        [Fault::LateFill(count)]
    );
}

/// Numbers that look random and are the same in every run (xorshift).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    /// A machine of up to eight drawn states, those that nothing leads to taken out.
    fn machine(&mut self) -> Draft {
        let names = ["A", "B", "C", "D", "E", "F", "G", "H"].map(StateName::new);
        let names = &names[..2 + self.below(7)];
        let mut states = BTreeMap::from([(DONE, State::Succeed), (FAILED, State::Fail)]);
        states.insert(START, fill(names[0].clone()));
        for name in names {
            states.insert(name.clone(), self.state(names));
        }
        let all: Vec<_> = states.into_iter().collect();
        let graph = Graph::new(&all);
        let reached = graph.after(&START);
        let kept = all.iter().filter(|(name, _)| *name == START || reached.contains(name));
        kept.fold(Draft::new("drawn", START), |draft, (name, state)| draft.state(name.clone(), state.clone()))
    }

    fn state(&mut self, names: &[StateName]) -> State {
        let mut next = || match self.below(names.len() + 1) {
            at if at < names.len() => names[at].clone(),
            _ => DONE,
        };
        let (one, other, third) = (next(), next(), next());
        let spent = if self.below(4) == 0 { third } else { DONE };
        match self.below(6) {
            0 => wait(one),
            1 => State::Task(Task::new(CreateTask::Validate, one).caught(Path::FAILURE, FAILED)),
            2 | 3 => pass(Edit::CountDown(BUDGET), one),
            _ => State::Choice(
                Choice::otherwise(one)
                    .when(Condition::True(Path::FAILURE), other)
                    .when(Condition::Spent(BUDGET), spent),
            ),
        }
    }
}

/// Walks as adversely as chance has it; only the budget is kept to. Gives the seconds of all states visited.
fn stumble(machine: &StateMachine, draw: &mut Draw, most_steps: u64) -> u64 {
    let (mut at, mut left, mut seconds) = (machine.start(), i64::from(BUDGET.polls), 0);
    for _ in 0..=most_steps {
        let state = machine.state(at).unwrap();
        if state.is_end() {
            return seconds;
        }
        seconds += state.longest_seconds();
        left -= i64::from(counted(state).is_some());
        at = match state {
            State::Choice(choice) if draw.below(2) == 0 => &choice.rules[0].next,
            State::Choice(choice) if left <= 0 => &choice.rules[1].next,
            State::Choice(choice) => &choice.default,
            _ => state.successors()[draw.below(state.successors().len())],
        };
    }
    panic!("still going after {most_steps} steps: {machine:?}");
}

#[test]
fn an_accepted_machine_ends_within_its_longest_time() {
    let mut draw = Draw(0x9E37_79B9_7F4A_7C15);
    let mut with_loops = 0;
    for _ in 0..20_000 {
        let Ok(machine) = StateMachine::build(draw.machine()) else { continue };
        let graph = Graph::new(machine.states());
        with_loops += usize::from(!graph.loops().is_empty());
        let most_steps = graph.longest(machine.start(), |_| 1);
        for _ in 0..8 {
            assert!(stumble(&machine, &mut draw, most_steps) <= machine.longest_seconds());
        }
    }
    assert!(with_loops >= 200, "only {with_loops} machines had a loop: the draw shows too little");
}
