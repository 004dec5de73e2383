//! State machines: a draft is written down, checked as a whole, and then never changes.

use crate::budget::Budget;
use crate::check;
use crate::choice::{Choice, Condition};
use crate::fault::Faults;
use crate::graph::Graph;
use crate::name::StateName;
use crate::path::Path;
use crate::state::{Edit, State, Task};
use crate::task::TaskName;

/// A machine as it is being written; its transitions are not checked yet.
#[derive(Clone, Debug)]
pub struct Draft {
    comment: &'static str,
    start: StateName,
    states: Vec<(StateName, State)>,
}

impl Draft {
    /// A machine without states. The comment is one sentence about what it does.
    pub const fn new(comment: &'static str, start: StateName) -> Self {
        Self { comment, start, states: Vec::new() }
    }

    /// Adds a state.
    pub fn state(mut self, name: StateName, state: State) -> Self {
        self.states.push((name, state));
        self
    }

    /// Adds a task under its own name; errors lead to `failure`.
    pub fn task(self, task: impl Into<TaskName>, next: StateName, failure: &StateName) -> Self {
        let task = Task::new(task, next).caught(Path::FAILURE, failure.clone());
        self.state(task.task.state(), State::Task(task))
    }

    /// Adds a choice.
    pub fn choice(self, name: StateName, choice: Choice) -> Self {
        self.state(name, State::Choice(choice))
    }

    /// Adds a loop that runs `poll.task` until `poll.done` holds, at most for its budget.
    ///
    /// Besides the task's own state these are made, `PollStack` being the task: `PollStackDone`, which
    /// decides; `PollStackCount` and `PollStackWait`, the way round; `PollStackGiveUp`, which names the
    /// cause.
    pub fn poll(self, poll: Poll, failure: &StateName) -> Self {
        let state = poll.task.state();
        let [done, count, wait, give_up] =
            ["Done", "Count", "Wait", "GiveUp"].map(|suffix| state.with(suffix));
        let budget = poll.budget;
        let task = Task::poll(poll.task, done.clone()).caught(Path::FAILURE, failure.clone());
        let decide = Choice::otherwise(count.clone())
            .when(poll.done, poll.next)
            .when(Condition::Spent(budget), give_up.clone());
        let blame = Edit::Blame { error: "BudgetSpent", cause: budget.cause() };
        self.state(state.clone(), State::Task(task))
            .choice(done, decide)
            .state(count, State::Pass { edit: Edit::CountDown(budget), next: wait.clone() })
            .state(wait, State::Wait { seconds: budget.every_seconds, next: state })
            .state(give_up, State::Pass { edit: blame, next: failure.clone() })
    }
}

/// A poll loop, to be added with [`Draft::poll`].
#[derive(Clone, Debug)]
pub struct Poll {
    /// The task that looks.
    pub task: TaskName,
    /// What holds in its answer when there is nothing left to wait for.
    pub done: Condition,
    /// Where to go then.
    pub next: StateName,
    /// How long to try.
    pub budget: Budget,
}

/// A state machine whose every transition has been checked.
#[derive(Clone, Debug)]
pub struct StateMachine {
    comment: &'static str,
    start: StateName,
    states: Vec<(StateName, State)>,
}

impl StateMachine {
    /// Checks a draft by the rules of [`Fault`](crate::Fault); reports all that is wrong with it.
    pub fn build(draft: Draft) -> Result<Self, Faults> {
        let faults = check::faults(&draft.start, &draft.states);
        if faults.is_empty() { Ok(Self::proven(draft)) } else { Err(Faults(faults)) }
    }

    /// A machine of this crate: that [`StateMachine::build`] accepts it is proven by test, not at every call.
    pub(crate) fn proven(draft: Draft) -> Self {
        Self { comment: draft.comment, start: draft.start, states: draft.states }
    }

    /// One sentence about what the machine does.
    pub const fn comment(&self) -> &'static str {
        self.comment
    }

    /// Where an execution begins.
    pub const fn start(&self) -> &StateName {
        &self.start
    }

    /// Every state, in the order written.
    pub fn states(&self) -> &[(StateName, State)] {
        &self.states
    }

    /// The state of that name.
    pub fn state(&self, name: &StateName) -> Option<&State> {
        self.states.iter().find_map(|(known, state)| (known == name).then_some(state))
    }

    /// The tasks that the machine runs, in the order written.
    pub fn tasks(&self) -> impl Iterator<Item = TaskName> {
        self.states.iter().filter_map(|(_, state)| match state {
            State::Task(task) => Some(task.task),
            _ => None,
        })
    }

    /// The longest that any execution can take, in seconds: every loop to the end of its budget, every
    /// attempt of every task to its time-out.
    pub fn longest_seconds(&self) -> u64 {
        Graph::new(&self.states).longest(&self.start, State::longest_seconds)
    }

    /// The time-out of an execution, in seconds: the next full hour after the longest that one can take.
    ///
    /// Step Functions ends a timed-out execution past every catch and would leave the model `Creating` for
    /// ever. Derived like this, the time-out can never cut off the path to `Failed`.
    pub fn timeout_seconds(&self) -> u64 {
        const HOUR: u64 = 3600;
        (self.longest_seconds() / HOUR + 1) * HOUR
    }

    /// The most entries an execution can write to its history, of which Step Functions allows 25 000.
    pub fn most_events(&self) -> u64 {
        Graph::new(&self.states).longest(&self.start, State::most_events)
    }
}
