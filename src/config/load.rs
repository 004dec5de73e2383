//! The way of a file through all steps, and what the caller gives and gets.

use crate::config::Config;
use crate::given;
use crate::locate::{Location, Places};
use crate::problem::{Problem, Problems};
use crate::report::{Finding, Report, position};
use crate::resolve;
use crate::rules::{self, facts::Facts};
use crate::select::{self, Selected};
use crate::shape;
use crate::tree::{self, Content, Node};
use crate::yaml;
use serde::Serialize;
use std::collections::BTreeMap;

/// The text of a config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's name as shown to people, such as `config.yaml`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What the caller sets from outside the file: environment variables or options. Empty values override nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The environment block to use (`ENV`); goes before the file's `env`.
    pub env: Option<String>,
    /// `PROFILE`: `profile`.
    pub profile: Option<String>,
    /// `DEPLOYMENT_NAME`: `deploymentName`.
    pub deployment_name: Option<String>,
    /// `ACCOUNT_NUMBER`: `accountNumber`.
    pub account_number: Option<String>,
    /// `REGION`: `region`.
    pub region: Option<String>,
}

impl Overrides {
    pub(crate) fn environment(&self) -> Option<&str> {
        self.env.as_deref().filter(|name| !name.is_empty())
    }

    /// The keys that are set, each with its value.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("profile", &self.profile),
            ("deploymentName", &self.deployment_name),
            ("accountNumber", &self.account_number),
            ("region", &self.region),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.as_deref().filter(|value| !value.is_empty())?)))
    }
}

/// How strict to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether a key that is not known is only worth a warning.
    pub allow_unknown: bool,
}

/// A file that is accepted.
#[derive(Debug, Clone, Serialize)]
pub struct Loaded {
    /// What it means.
    pub config: Config,
    /// What its author should know, in the order of the file.
    pub warnings: Vec<Problem>,
}

/// Reads a config file: its YAML, its shape, the rules on it. Every problem of the file is in the error.
pub fn load(source: &Source, overrides: &Overrides, options: &Options) -> Result<Loaded, Problems> {
    let mut report = Report::new(&source.text);
    match read(source, overrides, *options, &mut report) {
        Some(config) if !report.has_errors() => Ok(Loaded { config, warnings: report.into_problems().0 }),
        _ => Err(report.into_problems()),
    }
}

fn read(source: &Source, overrides: &Overrides, options: Options, report: &mut Report<'_>) -> Option<Config> {
    let tree = yaml::parse(&source.text, report)?;
    let Some(shape) = shape::shape() else {
        report.add(internal("the schema of config files is broken"));
        return None;
    };
    let schema = shape.environment();
    let Selected { name, block } = select::environment(&tree, schema, overrides, options, report)?;
    let mut given = given::given(&shape.schema, schema, &block, report);
    shape.check(&mut given, &block, options, report);
    let facts = Facts::new(&shape.schema, schema, &given, &block, name.is_none());
    rules::check(&facts, report);
    if report.has_errors() {
        return None;
    }
    match resolve::config(given, name, places(source, &block)) {
        Ok(config) => Some(config),
        Err(reason) => {
            report.add(internal(&reason));
            None
        }
    }
}

fn internal(reason: &str) -> Finding {
    Finding::new(&rules::INTERNAL, format!("this file passes every rule and still cannot be used: {reason}"))
        .help("This is a mistake in LISA: please report it with the file.")
}

/// Where every key and list item of the block stands.
pub(crate) fn places(source: &Source, block: &Node) -> Places {
    let mut places = BTreeMap::new();
    visit(block, "", &mut |path, span| {
        let (line, column) = position(&source.text, span.start);
        places.insert(path.to_owned(), Location { file: source.name.clone(), line, column, span });
    });
    Places::new(places)
}

fn visit(node: &Node, path: &str, found: &mut impl FnMut(&str, std::ops::Range<usize>)) {
    match &node.content {
        Content::Map(entries) => {
            for entry in entries {
                let path = tree::join(path, &entry.key);
                if let Some(span) = entry.key_span.clone() {
                    found(&path, span);
                }
                visit(&entry.value, &path, found);
            }
        }
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = tree::item(path, index);
                if let Some(span) = item.span.clone() {
                    found(&path, span);
                }
                visit(item, &path, found);
            }
        }
        _ => {}
    }
}
