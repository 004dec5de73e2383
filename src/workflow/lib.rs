//! State machines described once: the model workflows, and their emission as Amazon States Language.
//!
//! A machine is written as a [`Draft`], checked as a whole by [`StateMachine::build`] and emitted by
//! [`StateMachine::to_asl`]. The description is plain data, so that an [`Execution`] in process walks the same
//! machine: it asks for each [`TaskName`] and reads every [`Choice`], [`Edit`] and [`Retry`] as they stand.
//!
//! The rules that every machine keeps ([`Fault`] lists them): each transition leads to a state, each state
//! is reached and can end, each task catches every error into a path that ends in `Fail`, and each loop
//! counts down a budget. So an execution ends, and one that does not succeed says why.
//!
//! ```
//! use lisa_workflow::{Draft, Fault, State, StateMachine, StateName};
//!
//! const REST: StateName = StateName::new("Rest");
//! const DONE: StateName = StateName::new("Done");
//! let draft = Draft::new("Rests for a minute", REST).state(REST, State::Wait { seconds: 60, next: DONE });
//!
//! let faults = StateMachine::build(draft.clone()).unwrap_err().0;
//! assert!(faults.contains(&Fault::UnknownNext { from: REST, to: DONE }));
//!
//! let machine = StateMachine::build(draft.state(DONE, State::Succeed)).unwrap();
//! assert_eq!(machine.to_asl()["States"]["Rest"]["Next"], "Done");
//! ```

mod asl;
mod budget;
mod check;
mod choice;
mod execution;
mod fault;
mod graph;
mod machine;
mod mermaid;
pub mod model;
mod name;
mod path;
mod retry;
mod state;
mod task;

pub use asl::Substitution;
pub use budget::Budget;
pub use choice::{Choice, Condition, Rule};
pub use execution::{End, Execution, Step, TaskError};
pub use fault::{Fault, Faults};
pub use machine::{Draft, Poll, StateMachine};
pub use name::StateName;
pub use path::Path;
pub use retry::{Catch, ErrorName, Retry};
pub use state::{Edit, State, Task};
pub use task::{Invocation, TaskName};

/// Every state machine by its short name, in the order of a model's life.
pub fn all() -> Vec<(&'static str, StateMachine)> {
    vec![("create", model::create()), ("update", model::update()), ("delete", model::delete())]
}
