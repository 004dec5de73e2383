//! What the stacks promise, held against whole templates. One module per stack, and what they share.

mod api;
mod app;
mod bootstrap;
mod capabilities;
mod chat;
mod core;
mod model;
mod models;
mod network;
mod rag;
mod secrets;
mod serve;
mod ui;

use lisa_config::{Config, Options, Overrides, Source};
use serde_json::Value as Json;

use crate::{App, Assets, synthesize};

/// A configuration with sign-in and every stack, and `more` below it.
pub(crate) fn config(more: &str) -> Config {
    let text = format!(
        "accountNumber: '123456789012'\nregion: us-east-1\ndeploymentName: demo\ns3BucketModels: weights\n\
         authConfig: {{authority: 'https://login.example.com', clientId: lisa, adminGroup: admins}}\n\
         ragFileProcessingConfig: {{chunkSize: 512, chunkOverlap: 51}}\n{more}"
    );
    load("config.yaml", text)
}

pub(crate) fn load(name: &str, text: String) -> Config {
    let source = Source { name: name.to_owned(), text };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default());
    loaded.unwrap_or_else(|problems| panic!("{name}: {problems:#?}")).config
}

/// Where the valid configurations lie.
const VALID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/configs/valid");

/// One configuration of `tests/configs/valid`, by its file's name.
pub(crate) fn valid_named(name: &str) -> Config {
    let text = std::fs::read_to_string(format!("{VALID}/{name}")).expect("the configuration is there");
    load(name, text)
}

/// Every configuration that `tests/configs/valid` holds, by its file's name.
pub(crate) fn valid() -> Vec<(String, Config)> {
    let files = std::fs::read_dir(VALID).expect("the valid configurations are there");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).expect("a configuration is text");
        (name.clone(), load(&name, text))
    };
    paths.iter().filter(|path| path.extension().is_some_and(|ext| ext == "yaml")).map(read).collect()
}

pub(crate) fn app(config: &Config) -> App {
    synthesize(config, &Assets::not_built()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A stack's template, if the configuration deploys the stack.
pub(crate) fn find(app: &App, stack: &str) -> Option<Json> {
    app.stacks.iter().find(|found| found.name == stack).map(|found| found.template.to_json())
}

pub(crate) fn template(config: &Config, stack: &str) -> Json {
    find(&app(config), stack).unwrap_or_else(|| panic!("no stack `{stack}`"))
}

/// Logical id and properties of each resource of a type.
pub(crate) fn of_type<'a>(template: &'a Json, cfn_type: &str) -> Vec<(&'a str, &'a Json)> {
    let resources = template["Resources"].as_object().expect("a template has resources");
    let matching = resources.iter().filter(|(_, resource)| resource["Type"] == cfn_type);
    matching.map(|(id, resource)| (id.as_str(), &resource["Properties"])).collect()
}

/// Statements of the role's inline policies.
pub(crate) fn statements<'a>(template: &'a Json, role: &str) -> Vec<&'a Json> {
    let policies = template["Resources"][role]["Properties"]["Policies"].as_array();
    let policies = policies.unwrap_or_else(|| panic!("no policies in `{role}`"));
    policies.iter().filter_map(|policy| policy["PolicyDocument"]["Statement"].as_array()).flatten().collect()
}
