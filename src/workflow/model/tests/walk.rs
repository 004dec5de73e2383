//! Walks a machine in a scripted world, with time as a number.

use serde_json::Value;

use crate::{Execution, StateMachine, Step, TaskError, TaskName};

/// What happened.
pub(crate) struct Walk {
    pub(crate) tasks: Vec<TaskName>,
    pub(crate) state: Value,
    pub(crate) seconds: u64,
    pub(crate) end: String,
}

/// Walks the machine from its start to an end; `run` stands for the function that does the tasks.
pub(crate) fn walk(
    machine: &StateMachine,
    input: Value,
    mut run: impl FnMut(TaskName, &mut Value) -> Result<(), &'static str>,
) -> Walk {
    let mut execution = Execution::new(machine.clone(), "execution", input);
    let (mut tasks, mut waited) = (Vec::new(), 0);
    loop {
        match execution.step() {
            Step::Run { invocation, .. } => {
                tasks.push(invocation.task);
                let mut state = invocation.state;
                let outcome = run(invocation.task, &mut state);
                let broken = |cause: &str| TaskError { name: "Broken".to_owned(), cause: cause.to_owned() };
                execution.finish(outcome.map(|()| state).map_err(broken));
            }
            Step::Wait { seconds, .. } => waited += u64::from(seconds),
            Step::End(_) => break,
        }
    }
    let end = execution.trace().last().map(ToString::to_string).unwrap_or_default();
    Walk { tasks, state: execution.state().clone(), seconds: waited, end }
}
