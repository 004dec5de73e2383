//! The words for what does not fit: message, label, help.

use super::breach::{Breach, Misfit, What};
use crate::report::Finding;
use crate::rules::{self, Rule};
use crate::secret::sounds_secret;
use crate::tree::{self, Content, Entry, Node, Step};
use crate::words::nearest;
use std::ops::Range;

/// The finding of a breach. `text` is the file, for quoting what stands there.
pub(super) fn finding(breach: &Breach, block: &Node, text: &str) -> Finding {
    let place = Place::find(&breach.pointer, block);
    match &breach.what {
        What::Unknown { key, known } => unknown(&place, key, known),
        What::Missing { key, choices } => missing(&place, key, choices),
        What::KeyForm { key, expected } => key_form(&place, key, expected.as_deref()),
        What::Type(types) => place.at_value(wrong_type(&place, types, text)),
        What::Value(misfit) => place.at_value(value(&place, misfit, breach.rule(), text)),
    }
}

/// Where a JSON Pointer leads in the tree.
struct Place<'t> {
    path: String,
    node: Option<&'t Node>,
    /// The entry that the value belongs to, or that holds the list it is in.
    entry: Option<&'t Entry>,
}

impl<'t> Place<'t> {
    fn find(pointer: &str, block: &'t Node) -> Self {
        let mut place = Self { path: String::new(), node: Some(block), entry: None };
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            place.step(&part);
        }
        place
    }

    fn step(&mut self, part: &str) {
        let in_list = self.node.is_some_and(|node| matches!(node.content, Content::List(_)));
        if let Some(index) = part.parse().ok().filter(|_| in_list) {
            self.path = tree::item(&self.path, index);
            self.node = self.node.and_then(|node| node.child(Step::Item(index)));
        } else {
            self.path = tree::join(&self.path, part);
            self.entry = self.node.and_then(|node| node.entry(part)).or(self.entry);
            self.node = self.node.and_then(|node| node.child(Step::Key(part)));
        }
    }

    /// What stands for a whole mapping: the key it belongs to. An item of a list has none, so its first key does.
    fn owner(&self) -> Option<Range<usize>> {
        let own = self.entry.filter(|_| !self.path.ends_with(']')).and_then(|entry| entry.key_span.clone());
        let first =
            || self.node.and_then(|node| node.entries().first()).and_then(|entry| entry.key_span.clone());
        own.or_else(first).or_else(|| self.node.and_then(|node| node.span.clone()))
    }

    fn entry_below(&self, key: &str) -> Option<&'t Entry> {
        self.node.and_then(|node| node.entry(key))
    }

    /// The value as the file has it, shortened. A secret is not repeated.
    fn quote(&self, text: &str) -> String {
        const ROOM: usize = 60;
        let name = self.path.rsplit('.').next().unwrap_or_default();
        let raw = match self.node.map(|node| &node.content) {
            _ if name.contains('_') && sounds_secret(name) => return "the value".to_owned(),
            Some(Content::Text(value)) => value.as_str(),
            _ => self.node.and_then(|node| text.get(node.span.clone()?)).unwrap_or_default(),
        };
        let line = raw.lines().next().unwrap_or_default().trim();
        let short: String = line.chars().take(ROOM).collect();
        let more = if short.len() < line.len() || raw.lines().nth(1).is_some() { "…" } else { "" };
        format!("`{short}{more}`")
    }

    /// The finding at this value.
    fn at_value(&self, finding: Finding) -> Finding {
        let node = self.node;
        finding
            .path(self.path.clone())
            .span(node.and_then(|node| node.span.clone()))
            .outside(node.is_some_and(|node| node.span.is_none()))
            .related(node.and_then(|node| node.anchor.clone()), "the value comes from this anchor")
    }
}

fn unknown(place: &Place<'_>, key: &str, known: &[String]) -> Finding {
    let message = match place.path.as_str() {
        "" => format!("`{key}` is not a setting"),
        path => format!("`{key}` is not a key of `{path}`"),
    };
    let finding = Finding::new(&rules::UNKNOWN_KEY, message)
        .path(tree::join(&place.path, key))
        .span(place.entry_below(key).and_then(|entry| entry.key_span.clone()))
        .label("unknown key");
    match nearest(key, known.iter().map(String::as_str)) {
        Some(near) if near == key => finding
            .help(format!("`{key}` and the keys beside it belong to different forms: keep one of them.")),
        Some(near) => finding.help(format!("Did you mean `{near}`?")),
        None if known.len() <= 12 => finding.help(format!("Known keys here are {}.", list(known, "and"))),
        None => finding.help("Remove it, or look for its name in config.yaml.example."),
    }
}

fn missing(place: &Place<'_>, key: &str, choices: &[String]) -> Finding {
    let path = tree::join(&place.path, key);
    let finding = if let Some(empty) = place.entry_below(key) {
        Finding::new(&rules::MISSING_KEY, format!("`{path}` has no value"))
            .span(empty.key_span.clone())
            .label("needs a value")
    } else {
        Finding::new(&rules::MISSING_KEY, format!("`{path}` is missing"))
            .span(place.owner())
            .label(format!("needs `{key}`"))
    };
    let finding = finding.path(path);
    match choices {
        [] => finding.help(format!("Add `{key}: ...`; config.yaml.example shows how.")),
        choices => finding.help(format!("Add `{key}:` with {}.", list(choices, "or"))),
    }
}

fn key_form(place: &Place<'_>, key: &str, expected: Option<&str>) -> Finding {
    let finding = Finding::new(&rules::KEY_FORM, format!("`{key}` cannot be a key of `{}`", place.path))
        .path(tree::join(&place.path, key))
        .span(place.entry_below(key).and_then(|entry| entry.key_span.clone()))
        .label("this name");
    match expected {
        Some(expected) => finding.help(format!("Write {expected}.")),
        None => finding,
    }
}

/// A value of the right type that does not fit.
fn value(place: &Place<'_>, misfit: &Misfit, rule: &'static Rule, text: &str) -> Finding {
    let path = &place.path;
    let found = place.quote(text);
    let (message, label, help) = match misfit {
        Misfit::Choice(choices) => {
            (format!("{found} is not a choice for `{path}`"), "not a choice", choose(&found, choices))
        }
        Misfit::Form(expected) => {
            let expected = expected.as_deref().unwrap_or("another text");
            (
                format!("{found} does not have the form of `{path}`"),
                "wrong form",
                format!("Write {expected}."),
            )
        }
        Misfit::Below { limit, above } => {
            let least = if *above { "more than" } else { "at least" };
            let message = format!("`{path}` is {found}, and must be {least} {limit}");
            (message, "too low", format!("Write a number of {least} {limit}."))
        }
        Misfit::Above { limit } => {
            let message = format!("`{path}` is {found}, and must be at most {limit}");
            (message, "too high", format!("Write a number of at most {limit}."))
        }
        Misfit::Short { limit: 1, items: false } => {
            let help = "Write a value, or remove the key if it may be left out.".to_owned();
            (format!("`{path}` is an empty text"), "empty", help)
        }
        Misfit::Short { limit, items } => {
            let things = things(*limit, *items);
            (format!("`{path}` has fewer than {things}"), "too short", format!("Give at least {things}."))
        }
        Misfit::Long { limit, items } => {
            let things = things(*limit, *items);
            (format!("`{path}` has more than {things}"), "too long", format!("Give at most {things}."))
        }
        Misfit::Other(reason) => {
            let help = "Compare it with config.yaml.example.".to_owned();
            (format!("`{path}` does not fit: {reason}"), "here", help)
        }
    };
    Finding::new(rule, message).label(label).help(help)
}

fn choose(found: &str, choices: &[String]) -> String {
    const FEW: usize = 12;
    let near = nearest(found.trim_matches('`'), choices.iter().map(String::as_str));
    match near {
        _ if choices.len() == 1 => format!("Write {}.", list(choices, "or")),
        Some(near) if choices.len() > FEW => format!("Did you mean `{near}`?"),
        Some(near) => format!("Did you mean `{near}`? Allowed are {}.", list(choices, "and")),
        None if choices.len() > FEW => {
            let some: Vec<String> = choices.iter().step_by(choices.len() / FEW + 1).cloned().collect();
            format!("Write one of {} that are known, such as {}.", choices.len(), list(&some, "or"))
        }
        None => format!("Write {}.", list(choices, "or")),
    }
}

fn wrong_type(place: &Place<'_>, types: &[&str], text: &str) -> Finding {
    let path = &place.path;
    let found = place.quote(text);
    let word = place.node.and_then(|node| match &node.content {
        Content::Text(text) => boolean_word(text),
        _ => None,
    });
    if let Some(meant) = word.filter(|_| types.contains(&"boolean")) {
        return Finding::new(
            &rules::YAML_BOOLEAN_WORD,
            format!("`{path}` is the text {found}, not a boolean"),
        )
        .label("a text")
        .help(format!("Write `{meant}`: only `true` and `false` are booleans."));
    }
    let wanted: Vec<String> = types.iter().rev().map(|name| type_words(name).to_owned()).collect();
    let wanted = wanted.join(" or ");
    let is = place.node.map_or("nothing", kind);
    let finding =
        Finding::new(&rules::WRONG_TYPE, format!("`{path}` is {is}, and must be {wanted}")).label(is);
    match place.node.map(|node| &node.content) {
        Some(Content::Number(_) | Content::Bool(_)) if types.contains(&"string") => {
            finding.help(format!("Put it in quotes: `\"{}\"`.", found.trim_matches('`')))
        }
        Some(Content::Text(text)) if text.parse::<f64>().is_ok() && !types.contains(&"string") => {
            finding.help("Write the number without quotes.")
        }
        _ => finding.help(format!("Write {wanted}.")),
    }
}

/// The boolean that a word of older YAML stood for.
fn boolean_word(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => Some(true),
        "no" | "off" | "n" | "false" => Some(false),
        _ => None,
    }
}

fn type_words(name: &str) -> &'static str {
    match name {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a mapping",
        _ => "empty",
    }
}

fn kind(node: &Node) -> &'static str {
    match &node.content {
        Content::Null => "empty",
        Content::Bool(_) => "a boolean",
        Content::Number(number) if number.is_f64() => "a number with a fraction",
        Content::Number(_) => "a number",
        Content::Text(_) => "a text",
        Content::List(_) => "a list",
        Content::Map(_) => "a mapping",
    }
}

fn things(count: u64, items: bool) -> String {
    let thing = if items { "item" } else { "character" };
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

fn list(words: &[String], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [init @ .., end] => format!("{} {last} {end}", init.join(", ")),
    }
}
