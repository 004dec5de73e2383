//! The comparison with an earlier `lisa synth`: two sets of templates, and nobody to ask.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lisa_cfn::Format;
use lisa_deploy::diff::{Diff, Sides, StackDiff, Template, compare};
use lisa_stacks::{App, Stack, manifest};
use serde::Deserialize;

use crate::failure::Failure;
use crate::input::{self, Input};
use crate::select;

/// What matters of a manifest.
#[derive(Deserialize)]
struct Manifest {
    stacks: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    deployed_name: String,
    template_file: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// A stack as it was written.
struct Before {
    deployed_name: String,
    template: Template,
    tags: BTreeMap<String, String>,
}

/// What differs between the stacks in `directory` and those of the configuration, in deployment order; stacks that are
/// no longer there come last.
pub(super) fn changes(directory: &Path, input: &Input, names: &[String]) -> Result<Diff, Failure> {
    let app = input.synthesize_all()?;
    let mut before = read(directory)?;
    let chosen = chosen(&app, input, names, &before)?;
    let mut stacks = Vec::new();
    for stack in &app.stacks {
        let old = before.remove(&stack.name);
        if chosen.contains(&stack.name) {
            stacks.push(one(stack, old.as_ref())?);
        }
    }
    let gone = before.into_iter().filter(|(name, _)| chosen.contains(name));
    stacks.extend(gone.map(|(name, old)| {
        let sides = Sides { deployed: Some(&old.template), ..Sides::default() };
        compare(&name, &old.deployed_name, &sides)
    }));
    Ok(Diff { stacks, ..Diff::default() })
}

/// Names of the stacks to compare. One that the configuration no longer has is known by the name it was written under.
fn chosen(
    app: &App,
    input: &Input,
    names: &[String],
    before: &BTreeMap<String, Before>,
) -> Result<BTreeSet<String>, Failure> {
    let is_known = |name: &String| app.stacks.iter().any(|stack| stack.name == *name);
    let (gone, there): (Vec<String>, Vec<String>) =
        names.iter().cloned().partition(|name| before.contains_key(name) && !is_known(name));
    if names.is_empty() {
        let now = app.stacks.iter().map(|stack| stack.name.clone());
        return Ok(now.chain(before.keys().cloned()).collect());
    }
    let there: Vec<&Stack> =
        if there.is_empty() { Vec::new() } else { select::stacks(app, &input.config, &there)? };
    Ok(there.into_iter().map(|stack| stack.name.clone()).chain(gone).collect())
}

fn one(stack: &Stack, old: Option<&Before>) -> Result<StackDiff, Failure> {
    let new = planned(stack)?;
    let sides = Sides {
        deployed: old.map(|old| &old.template),
        planned: Some(&new),
        tags: old.map(|old| [&old.tags, &stack.tags]),
        change_set: None,
    };
    Ok(compare(&stack.name, &stack.deployed_name, &sides))
}

/// The template of a stack that is to be.
pub(super) fn planned(stack: &Stack) -> Result<Template, Failure> {
    Template::parse(&stack.template.to_text(Format::Json)).map_err(|error| {
        Failure::input(format!("{}: {error}", stack.name), "Please report it with the file.")
    })
}

fn read(directory: &Path) -> Result<BTreeMap<String, Before>, Failure> {
    let path = directory.join(manifest::FILE);
    let source = input::read(&path, "Name the output directory of an earlier `lisa synth`.")?;
    let found: Manifest = serde_json::from_str(&source.text).map_err(|error| {
        Failure::input(
            format!("`{}` is no manifest of `lisa synth`: {error}", source.name),
            "Name the output directory of an earlier `lisa synth`.",
        )
    })?;
    found.stacks.into_iter().map(|entry| before(directory, entry)).collect()
}

fn before(directory: &Path, entry: Entry) -> Result<(String, Before), Failure> {
    let path = directory.join(&entry.template_file);
    let source = input::read(&path, "The directory has lost a file; write it again with `lisa synth`.")?;
    let template = Template::parse(&source.text).map_err(|error| {
        Failure::input(
            format!("`{}`: {error}", source.name),
            "Only JSON is compared: write it with `lisa synth --format json`.",
        )
    })?;
    Ok((entry.name, Before { deployed_name: entry.deployed_name, template, tags: entry.tags }))
}
