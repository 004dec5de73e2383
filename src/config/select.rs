//! Which environment of the file is meant: a flat file has one, other files have a block for each.

use crate::load::{Options, Overrides};
use crate::report::{Finding, Report};
use crate::rules;
use crate::tree::{Content, Entry, Node};
use crate::words::nearest;
use serde_json::Value;

/// The environment that is used when neither the file nor the caller names one.
const FALLBACK: &str = "dev";

/// The block to read, with what the caller overrides.
pub(crate) struct Selected {
    /// Name of the block; `None` for a flat file.
    pub(crate) name: Option<String>,
    pub(crate) block: Node,
}

/// Finds the block, or reports why there is none.
pub(crate) fn environment(
    tree: &Node,
    schema: &Value,
    overrides: &Overrides,
    options: Options,
    report: &mut Report<'_>,
) -> Option<Selected> {
    let Content::Map(entries) = &tree.content else {
        report.add(not_a_mapping(tree));
        return None;
    };
    if entries.is_empty() {
        report.add(Finding::new(&rules::FILE_EMPTY, "the file has no keys").help(START));
        return None;
    }
    let is_setting = |key: &str| key != "env" && schema["properties"].get(key).is_some();
    let mut selected = if entries.iter().any(|entry| is_setting(&entry.key)) {
        Selected { name: None, block: tree.clone() }
    } else {
        block(tree, schema, overrides, options, report)?
    };
    for (key, value) in overrides.keys() {
        set(&mut selected.block, key, value);
    }
    Some(selected)
}

const START: &str = "Start with `lisa init`, or copy config.yaml.example.";

fn not_a_mapping(tree: &Node) -> Finding {
    let (rule, message) = match &tree.content {
        Content::Null => (&rules::FILE_EMPTY, "the file is empty"),
        Content::List(_) => {
            (&rules::FILE_NOT_A_MAPPING, "the file is a list, not a mapping of keys to values")
        }
        _ => (&rules::FILE_NOT_A_MAPPING, "the file is a single value, not a mapping of keys to values"),
    };
    Finding::new(rule, message).span(tree.span.clone()).help(START)
}

fn block(
    tree: &Node,
    schema: &Value,
    overrides: &Overrides,
    options: Options,
    report: &mut Report<'_>,
) -> Option<Selected> {
    let blocks: Vec<&Entry> =
        tree.entries().iter().filter(|entry| entry.key != "env" && !entry.key.starts_with("x-")).collect();
    let settings: Vec<&str> = schema["properties"].as_object()?.keys().map(String::as_str).collect();
    let mut all_blocks = true;
    for entry in &blocks {
        if !matches!(entry.value.content, Content::Map(_) | Content::Null) {
            all_blocks &= options.allow_unknown;
            let finding = stray(entry, &settings);
            report.add(if options.allow_unknown { finding.warning() } else { finding });
        }
    }
    let name = name(tree, overrides, report)?;
    if !all_blocks {
        return None;
    }
    match blocks.iter().find(|entry| entry.key == name) {
        Some(entry) if entry.value.is_null() || entry.value.entries().is_empty() => {
            let message = format!("the block of environment `{name}` is empty");
            report.add(
                Finding::new(&rules::ENVIRONMENT_EMPTY, message)
                    .span(entry.key_span.clone())
                    .label("nothing below")
                    .help(START),
            );
            None
        }
        Some(entry) => Some(Selected { name: Some(name), block: entry.value.clone() }),
        None => {
            report.add(no_block(tree, &name, &blocks, overrides));
            None
        }
    }
}

/// A key on the top level that is neither a setting nor a block.
fn stray(entry: &Entry, settings: &[&str]) -> Finding {
    let finding =
        Finding::new(&rules::UNKNOWN_KEY, format!("`{}` is neither a setting nor an environment", entry.key))
            .path(entry.key.clone())
            .span(entry.key_span.clone())
            .label("unknown key");
    match nearest(&entry.key, settings.iter().copied()) {
        Some(near) => finding.help(format!("Did you mean `{near}`?")),
        None => finding.help("Remove it, or put settings below it if it names an environment."),
    }
}

/// The name that the caller or the file gives, or the fallback.
fn name(tree: &Node, overrides: &Overrides, report: &mut Report<'_>) -> Option<String> {
    if let Some(name) = overrides.environment() {
        return Some(name.to_owned());
    }
    match tree.entry("env").map(|entry| &entry.value) {
        None | Some(Node { content: Content::Null, .. }) => Some(FALLBACK.to_owned()),
        Some(Node { content: Content::Text(name), .. }) => Some(name.clone()),
        Some(node) => {
            report.add(
                Finding::new(&rules::WRONG_TYPE, "`env` must be the name of an environment")
                    .path("env")
                    .span(node.span.clone())
                    .label("not a text")
                    .help("Write the name of one of the blocks below."),
            );
            None
        }
    }
}

fn no_block(tree: &Node, name: &str, blocks: &[&Entry], overrides: &Overrides) -> Finding {
    let names: Vec<String> = blocks.iter().map(|entry| format!("`{}`", entry.key)).collect();
    let help = match names.as_slice() {
        [] => "The file has no blocks: write the settings below a key with that name.".to_owned(),
        names => format!("The file has {}: name one with `env` or the variable ENV.", names.join(", ")),
    };
    let span = match (overrides.environment(), tree.entry("env")) {
        (None, Some(entry)) => entry.value.span.clone(),
        _ => None,
    };
    Finding::new(&rules::ENVIRONMENT_MISSING, format!("there is no block for environment `{name}`"))
        .path("env")
        .span(span)
        .label("names no block")
        .help(help)
}

/// Sets a key of the block to a text from outside the file.
fn set(block: &mut Node, key: &str, text: &str) {
    let Content::Map(entries) = &mut block.content else { return };
    match entries.iter_mut().find(|entry| entry.key == key) {
        Some(entry) => entry.value = Node::given(text),
        None => entries.push(Entry { key: key.to_owned(), key_span: None, value: Node::given(text) }),
    }
}
