//! Two validators of the Amazon States Language accept every state machine, as the templates carry it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use lisa_testkit::{Resolver, Template, Tool, tool};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::templates_as_written;

/// Writes every state machine of a template into a directory, with its substitutions made.
fn write_machines(template: &Template, index: usize, directory: &Path) -> Result<Vec<PathBuf>> {
    let resolver = Resolver::new(&template.body, &template.published);
    let mut written = Vec::new();
    for (id, resource) in template.body["Resources"].as_object().into_iter().flatten() {
        if resource["Type"] != "AWS::StepFunctions::StateMachine" {
            continue;
        }
        let path = directory.join(format!("{index:04}-{id}.asl.json"));
        fs::write(&path, definition(&resource["Properties"], &resolver).with_context(|| id.clone())?)?;
        written.push(path);
    }
    Ok(written)
}

fn definition(properties: &Value, resolver: &Resolver<'_>) -> Result<String> {
    let mut text = match (&properties["DefinitionString"], &properties["Definition"]) {
        (Value::Null, Value::Null) => anyhow::bail!("the state machine has no definition"),
        (Value::Null, definition) => definition.to_string(),
        (text, _) => resolver.resolve(text).as_str().context("the definition is no text")?.to_owned(),
    };
    for (name, value) in properties["DefinitionSubstitutions"].as_object().into_iter().flatten() {
        let value = resolver.resolve(value);
        text = text.replace(&format!("${{{name}}}"), value.as_str().unwrap_or_default());
    }
    Ok(text)
}

/// A validator by name, ready to take files.
fn validators(machines: &[PathBuf]) -> Result<[(&'static str, Command); 2]> {
    let mut asl_validator = Tool::AslValidator.command()?;
    for machine in machines {
        asl_validator.arg("--json-path").arg(machine);
    }
    let mut statelint = Tool::Statelint.command()?;
    statelint.args(machines);
    Ok([("asl-validator", asl_validator), ("statelint", statelint)])
}

#[test]
fn state_machines_are_valid() -> Result<()> {
    let (_corpus, templates, _) = templates_as_written()?;
    let directory = TempDir::with_prefix("lisa-asl-")?;
    let mut machines = Vec::new();
    for (index, template) in templates.iter().enumerate() {
        machines.extend(write_machines(template, index, directory.path())?);
    }
    assert!(machines.len() >= 3, "only {} state machines were found", machines.len());
    for (name, mut command) in validators(&machines)? {
        let output = tool::run(&mut command)?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{name}:\n{said}");
    }
    Ok(())
}

#[test]
fn a_wrong_machine_is_refused_by_both() -> Result<()> {
    let directory = TempDir::with_prefix("lisa-asl-")?;
    let wrong = directory.path().join("wrong.asl.json");
    let machine = json!({ "StartAt": "Elsewhere", "States": { "Here": { "Type": "Pass", "End": true } } });
    fs::write(&wrong, machine.to_string())?;
    for (name, mut command) in validators(&[wrong])? {
        assert!(!tool::run(&mut command)?.status.success(), "{name} accepted a machine without a start");
    }
    Ok(())
}
