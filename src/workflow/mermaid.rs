//! A machine as a Mermaid state diagram, for the documentation.

use crate::choice::Condition;
use crate::machine::StateMachine;
use crate::state::State;

impl StateMachine {
    /// The diagram, one transition per line. Catches are left out: every task has one, and they would hide
    /// the rest.
    pub fn mermaid(&self) -> String {
        let mut lines = vec!["stateDiagram-v2".to_owned(), format!("[*] --> {}", self.start())];
        for (name, state) in self.states() {
            lines.extend(exits(state).into_iter().map(|exit| format!("{name} --> {exit}")));
        }
        lines.join("\n    ") + "\n"
    }
}

fn exits(state: &State) -> Vec<String> {
    match state {
        State::Task(task) => vec![task.next.to_string()],
        State::Choice(choice) => {
            let rules = choice.rules.iter().map(|rule| format!("{}: {}", rule.next, label(&rule.when)));
            rules.chain([format!("{}: else", choice.default)]).collect()
        }
        State::Wait { next, .. } | State::Pass { next, .. } => vec![next.to_string()],
        State::Succeed | State::Fail => vec!["[*]".to_owned()],
    }
}

fn label(condition: &Condition) -> String {
    match condition {
        Condition::True(path) => path.as_str().trim_start_matches("$.").to_owned(),
        Condition::Equals(path, text) => format!("{} is {text}", path.as_str().trim_start_matches("$.")),
        Condition::Spent(budget) => format!("{} minutes spent", budget.minutes()),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    #[test]
    fn the_delete_workflow_as_a_diagram() {
        assert_snapshot!(crate::model::delete().mermaid());
    }
}
