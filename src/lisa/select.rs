//! Stack names on the command line: short ones, upstream's construct ids, `model-<id>`.

use lisa_config::Config;
use lisa_stacks::{App, Stack, StackName};

use crate::failure::Failure;

/// The stacks of these names, in deployment order and each once; all of them where no name is given.
pub(crate) fn stacks<'a>(app: &'a App, config: &Config, names: &[String]) -> Result<Vec<&'a Stack>, Failure> {
    let wanted: Vec<&str> = names.iter().map(|name| find(app, config, name)).collect::<Result<_, _>>()?;
    let selected = |stack: &&Stack| wanted.is_empty() || wanted.contains(&stack.name.as_str());
    Ok(app.stacks.iter().filter(selected).collect())
}

/// The short name of the one stack that `name` means.
fn find<'a>(app: &'a App, config: &Config, name: &str) -> Result<&'a str, Failure> {
    let known = StackName::parse(name);
    let short = known.map_or(name, |stack| stack.short());
    let is_it = |stack: &&Stack| letters(&stack.name).eq(letters(short));
    if let Some(stack) = app.stacks.iter().find(is_it) {
        return Ok(&stack.name);
    }
    match known.and_then(|stack| Some((stack, stack.why_off(config)?))) {
        Some((stack, why)) => Err(Failure::usage(
            format!("the stack `{}` is off: {why}", stack.short()),
            "`lisa list` shows the stacks of this configuration.",
        )),
        None => Err(unknown(app, name)),
    }
}

/// A name as far as it matters: a model's stack is found by the model's id, whatever the case and the hyphens.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase())
}

fn unknown(app: &App, name: &str) -> Failure {
    let aliases = StackName::ALL.into_iter().flat_map(|stack| stack.aliases().iter().copied());
    let names = app.stacks.iter().map(|stack| stack.name.as_str()).chain(aliases);
    let distance =
        |candidate: &str| strsim::damerau_levenshtein(&candidate.to_lowercase(), &name.to_lowercase());
    let nearest = names.map(|candidate| (distance(candidate), candidate)).min();
    let help = match nearest {
        Some((distance, nearest)) if distance <= 1 + name.len() / 3 => format!("Did you mean `{nearest}`?"),
        _ => {
            let names: Vec<String> = app.stacks.iter().map(|stack| format!("`{}`", stack.name)).collect();
            format!("The stacks are {}.", names.join(", "))
        }
    };
    Failure::usage(format!("there is no stack `{name}`"), help)
}
