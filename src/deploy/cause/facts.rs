//! What a remedy's sentences speak of, taken from the failure: the instance type, the name, the action, the key.

use lisa_stacks::shared::Shared;

use super::clean::Cleaned;
use super::denied::Denied;
use super::{LogHint, Place};
use crate::ports::cloudformation::StackEvent;

/// What is known of one failure.
pub(super) struct Facts<'a> {
    /// The reason.
    pub cleaned: &'a Cleaned,
    /// The event, where there is one.
    pub event: Option<&'a StackEvent>,
    /// The key of the configuration.
    pub config: Option<&'a Place>,
    /// The log to read.
    pub needs: Option<&'a LogHint>,
    /// The call that failed, where it was one.
    pub action: Option<&'a str>,
}

impl Facts<'_> {
    /// The sentences of a remedy with each `{placeholder}` filled in, by words of its own where nothing is known.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, (placeholder, after))) =
            rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            filled.push_str(before);
            filled.push_str(&self.fact(placeholder));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn fact(&self, placeholder: &str) -> String {
        let denied = Denied::of(&self.cleaned.text);
        match placeholder {
            "type" => {
                instance_type(&self.cleaned.text).map_or_else(|| "the instance type".to_owned(), quoted)
            }
            "key" => self.config.map_or("instanceType", |place| &place.path).to_owned(),
            "name" => self.name().map_or_else(|| "of that name".to_owned(), quoted),
            "principal" => denied.principal.map_or_else(|| "the caller".to_owned(), quoted),
            "denial" => self.denial(&denied),
            "group" => self.needs.map_or_else(
                || "the service's log group".to_owned(),
                |hint| format!("the log group {}", quoted(&hint.group)),
            ),
            "publisher" => publishers(&self.cleaned.text),
            other => format!("{{{other}}}"),
        }
    }

    /// What is refused: action and resource as far as they are told, else what the resource's type takes.
    fn denial(&self, denied: &Denied<'_>) -> String {
        match (denied.action.or(self.action), denied.resource, self.event) {
            (Some(action), Some(resource), _) => format!("{} on {}", quoted(action), quoted(resource)),
            (Some(action), None, _) => quoted(action),
            (None, _, Some(event)) => format!("what making {} takes", quoted(&event.kind)),
            (None, _, None) => "what is refused".to_owned(),
        }
    }

    /// The name that is spoken of: the identifier, what stands in quotes, or the resource's physical id.
    fn name(&self) -> Option<&str> {
        let text = self.cleaned.text.as_str();
        let identifier = text.split_once("identifier '").and_then(|(_, rest)| rest.split_once('\''));
        let identifier = identifier.map(|(found, _)| found);
        let value =
            identifier.map(|found| found.trim_end_matches(['"', '}']).rsplit('"').next().unwrap_or(found));
        let taken = text.split_once(" already exists").and_then(|(before, _)| before.rsplit(' ').next());
        let taken = taken.filter(|found| !found.ends_with('\''));
        let in_quotes = || text.split_once('\'')?.1.split_once('\'').map(|(found, _)| found);
        let physical = || self.event.map(|event| event.physical_id.as_str()).filter(|id| !id.is_empty());
        value.or(taken).or_else(in_quotes).or_else(physical)
    }
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}

/// The first word that is an instance type, such as `g5.xlarge` or `r7g.large.search`.
fn instance_type(text: &str) -> Option<&str> {
    let words = text.split(|found: char| !(found.is_ascii_alphanumeric() || found == '.' || found == '-'));
    let mut words = words.map(|word| word.trim_matches(['.', '-']));
    words.find(|word| {
        const SIZES: [&str; 6] = ["large", "medium", "small", "micro", "nano", "metal"];
        let sized = |part: &str| SIZES.iter().any(|size| part.ends_with(size));
        word.split_once('.').is_some_and(|(family, rest)| {
            family.contains(|found: char| found.is_ascii_digit()) && rest.split('.').any(sized)
        })
    })
}

/// The stacks that publish the Systems Manager parameters which the text names.
fn publishers(text: &str) -> String {
    let words = text.split(|found: char| found.is_whitespace() || "[],:'".contains(found));
    let keys = words.filter_map(|word| word.rsplit('/').next());
    let shared = keys.filter_map(|key| Shared::ALL.iter().find(|shared| shared.key() == key));
    let mut stacks: Vec<&str> = shared.map(|shared| shared.producer().short()).collect();
    stacks.sort_unstable();
    stacks.dedup();
    let named: Vec<String> = stacks.iter().map(|stack| quoted(stack)).collect();
    let options = format!(" --stack {}", stacks.join(" --stack "));
    match stacks.len() {
        0 => "No stack of LISA publishes it: make the parameter, or check the region".to_owned(),
        1 => format!("The stack {} publishes it: run `lisa deploy{options}` first", named.concat()),
        _ => format!("The stacks {} publish them: run `lisa deploy{options}` first", named.join(" and ")),
    }
}
