//! `manifest.json`: what a synthesis wrote, for whatever deploys it. Stacks in deployment order, each with its
//! template's hash, its dependencies, and where the values of its parameters come from.

use std::collections::BTreeMap;

use lisa_cfn::Format;
use lisa_config::Config;
use serde::Serialize;

use crate::app::{App, StackName};
use crate::assets::{Asset, hex_digest};
use crate::stack::{ParameterSource, Stack};

/// The version of the manifest's form; it rises when a reader of the old form could misread the new one.
const VERSION: u32 = 1;

/// The file's name, beside the templates.
pub const FILE: &str = "manifest.json";

/// What a synthesis wrote.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The version of the manifest's form.
    pub version: u32,
    /// `deploymentName` of the configuration.
    pub deployment: String,
    /// The account's number.
    pub account: String,
    /// The region.
    pub region: String,
    /// The partition.
    pub partition: String,
    /// The stacks, each after those that it depends on.
    pub stacks: Vec<Entry>,
    /// The stacks that the configuration leaves out.
    pub off: Vec<Off>,
    /// What the region is not known to have, in words.
    pub unknowns: Vec<String>,
}

/// One stack of a manifest.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The short name.
    pub name: String,
    /// The name in CloudFormation.
    pub deployed_name: String,
    /// What the stack is, in words.
    pub description: String,
    /// The template, relative to the manifest.
    pub template_file: String,
    /// SHA-256 of the template file's bytes, lower-case hexadecimal.
    pub sha256: String,
    /// How many resources the template has.
    pub resources: usize,
    /// Short names of the stacks that must be there first, sorted.
    pub depends_on: Vec<String>,
    /// Where each template parameter's value comes from.
    pub parameters: BTreeMap<String, ParameterSource>,
    /// Packages and images that must be there first.
    pub assets: Vec<Asset>,
    /// Tags of the stack, which CloudFormation passes on.
    pub tags: BTreeMap<String, String>,
    /// Names of the template's outputs, sorted.
    pub outputs: Vec<String>,
}

/// A stack that the configuration leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Off {
    /// The short name.
    pub name: &'static str,
    /// Why.
    pub why: &'static str,
}

impl Manifest {
    /// The manifest of `app`, its templates written as `format`.
    pub fn of(config: &Config, app: &App, format: Format) -> Self {
        Self::of_texts(config, app, format, &texts(app, format))
    }

    /// As [`Manifest::of`], for texts that [`texts`] has written already.
    pub fn of_texts(config: &Config, app: &App, format: Format, texts: &[String]) -> Self {
        let stacks = app.stacks.iter().zip(texts);
        Self {
            version: VERSION,
            deployment: config.deployment_name.to_string(),
            account: config.account_number.to_string(),
            region: config.region.to_string(),
            partition: config.partition.to_string(),
            stacks: stacks.map(|(stack, text)| Entry::of(stack, format, text)).collect(),
            off: off(config),
            unknowns: app.unknowns.clone(),
        }
    }
}

impl Entry {
    fn of(stack: &Stack, format: Format, text: &str) -> Self {
        Self {
            name: stack.name.clone(),
            deployed_name: stack.deployed_name.clone(),
            description: description(stack),
            template_file: template_file(&stack.name, format),
            sha256: hex_digest(text.as_bytes()),
            resources: stack.template.len(),
            depends_on: stack.depends_on.clone(),
            parameters: stack.parameters.clone(),
            assets: stack.assets.clone(),
            tags: stack.tags.clone(),
            outputs: stack.template.outputs().map(str::to_owned).collect(),
        }
    }
}

fn description(stack: &Stack) -> String {
    StackName::parse(&stack.name)
        .map_or_else(|| format!("the hosted model `{}`", stack.name), |name| name.what().to_owned())
}

/// The text of every template, in the order of the stacks.
pub fn texts(app: &App, format: Format) -> Vec<String> {
    app.stacks.iter().map(|stack| stack.template.to_text(format)).collect()
}

/// The name of a stack's template file.
pub fn template_file(stack: &str, format: Format) -> String {
    let extension = match format {
        Format::Json => "json",
        Format::Yaml => "yaml",
    };
    format!("{stack}.template.{extension}")
}

/// The stacks that `config` leaves out, in deployment order.
pub fn off(config: &Config) -> Vec<Off> {
    let stacks = StackName::ALL.into_iter();
    stacks.filter_map(|stack| Some(Off { name: stack.short(), why: stack.why_off(config)? })).collect()
}
