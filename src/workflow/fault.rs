//! What can be wrong with a draft of a state machine.

use std::fmt;

use crate::name::StateName;

/// One rule that a draft breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A name is empty or longer than the States Language allows.
    #[error("the name `{0}` has not between 1 and {max} characters", max = StateName::MAX_CHARS)]
    BadName(StateName),
    /// Two states have one name.
    #[error("there are two states `{0}`")]
    TwoStates(StateName),
    /// The first state is not there.
    #[error("the machine starts at `{0}`, which is no state of it")]
    UnknownStart(StateName),
    /// A transition leads nowhere.
    #[error("`{from}` leads to `{to}`, which is no state of the machine")]
    UnknownNext {
        /// Where the transition begins.
        from: StateName,
        /// The name that no state has.
        to: StateName,
    },
    /// No transition leads to a state.
    #[error("nothing leads to `{0}`")]
    Unreachable(StateName),
    /// No end can be reached from a state.
    #[error("from `{0}` no `Succeed` or `Fail` can be reached")]
    NoEnd(StateName),
    /// A task's errors would end the execution silently.
    #[error("the task `{0}` does not catch `States.ALL`")]
    Uncaught(StateName),
    /// An error could end as success.
    #[error("an error of `{task}` is led to `{catch}`, from where the execution can still succeed")]
    CaughtIntoSuccess {
        /// The task.
        task: StateName,
        /// Where its catch leads.
        catch: StateName,
    },
    /// A loop can go on for ever.
    #[error("the loop through `{0}` is not limited by a budget that every round counts down and checks")]
    Unbounded(StateName),
    /// A budget is used that the first state does not fill.
    #[error("`{state}` uses the budget `{counter}`, which the first state does not fill like this")]
    Unfilled {
        /// The state that counts or checks.
        state: StateName,
        /// The budget's counter.
        counter: &'static str,
    },
    /// A budget is filled later than at the start.
    #[error("`{0}` fills budgets, but only the first state may")]
    LateFill(StateName),
}

/// Everything that is wrong with a draft; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
