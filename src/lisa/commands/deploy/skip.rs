//! `--skip`: resources that a rollback which failed is continued without.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use lisa_deploy::plan::{Plan, Step};

use crate::failure::Failure;
use crate::world::Session;

/// A resource of a stack, as `stack/LogicalId`: the form in which a cause names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Skip {
    stack: String,
    resource: String,
}

impl FromStr for Skip {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('/') {
            Some((stack, resource)) if !stack.is_empty() && is_logical_id(resource) => {
                Ok(Self { stack: stack.to_owned(), resource: resource.to_owned() })
            }
            _ => Err("expected a stack and the logical id of a resource, such as `serve/Hosts`"),
        }
    }
}

fn is_logical_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric())
}

/// Only stacks of this run.
pub(super) fn require_chosen(skips: &[Skip], chosen: &BTreeSet<String>) -> Result<(), Failure> {
    let Some(Skip { stack, .. }) = skips.iter().find(|skip| !chosen.contains(&skip.stack)) else {
        return Ok(());
    };
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let help = format!("The stacks of this run are {}.", chosen.join(", "));
    Err(Failure::usage(format!("`--skip` names `{stack}`, which is not deployed here"), help))
}

/// As the engine takes them.
pub(super) fn by_stack(skips: &[Skip]) -> BTreeMap<String, Vec<String>> {
    let mut by_stack: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Skip { stack, resource } in skips {
        by_stack.entry(stack.clone()).or_default().push(resource.clone());
    }
    by_stack
}

/// Says where there is no rollback to continue: the flag does nothing else.
pub(super) fn note_useless(session: &Session<'_>, skips: &[Skip], plan: &Plan) {
    let repairs =
        |name: &str| plan.stacks.iter().any(|stack| stack.target.name == name && stack.step == Step::Repair);
    for Skip { stack, resource } in skips.iter().filter(|skip| !repairs(&skip.stack)) {
        session
            .note(format!("`--skip {stack}/{resource}` does nothing: no rollback of `{stack}` has failed"));
    }
}

#[cfg(test)]
mod tests {
    use super::Skip;

    #[test]
    fn a_stack_and_a_logical_id() {
        let skip: Skip = "model-mistral/Hosts".parse().unwrap();
        assert_eq!((skip.stack.as_str(), skip.resource.as_str()), ("model-mistral", "Hosts"));
        for wrong in ["Hosts", "serve/", "/Hosts", "serve/Hosts/Other", "serve/a b"] {
            assert!(wrong.parse::<Skip>().is_err(), "{wrong}");
        }
    }
}
