//! `lisa list`: the stacks of a configuration, their deployed names, and why one is off.

use std::fmt;

use clap::Args;
use lisa_config::Config;
use lisa_stacks::{App, Naming, StackName, bootstrap};
use serde::Serialize;

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::printer::Printer;

const EXAMPLES: &str = "Examples:
  lisa list
  lisa list --output json | jq -r '.[] | select(.off == null) | .deployedName'";

/// List the stacks, their deployed names and why one is off
///
/// Stacks are listed in deployment order: each after those that it depends on.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {}

/// The stacks, in deployment order.
#[derive(Serialize)]
#[serde(transparent)]
struct Listing(Vec<Line>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    name: String,
    deployed_name: String,
    what: String,
    resources: usize,
    depends_on: Vec<String>,
    /// Why it is not deployed.
    off: Option<&'static str>,
}

impl List {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let app = input.synthesize_all()?;
        printer.answer(&Listing::of(&input.config, &app))?;
        Ok(Exit::Done)
    }
}

/// What a stack is, in words, by its short name.
fn what(name: &str) -> &'static str {
    match StackName::parse(name) {
        Some(stack) => stack.what(),
        None if name == bootstrap::NAME => bootstrap::WHAT,
        None => "a hosted model",
    }
}

impl Listing {
    fn of(config: &Config, app: &App) -> Self {
        let on = app.stacks.iter().map(|stack| Line {
            name: stack.name.clone(),
            deployed_name: stack.deployed_name.clone(),
            what: what(&stack.name).to_owned(),
            resources: stack.template.len(),
            depends_on: stack.depends_on.clone(),
            off: None,
        });
        let naming = Naming::new(config);
        let off = StackName::ALL.into_iter().filter_map(|stack| {
            Some(Line {
                name: stack.short().to_owned(),
                deployed_name: naming.stack(stack.short()),
                what: stack.what().to_owned(),
                resources: 0,
                depends_on: Vec::new(),
                off: Some(stack.why_off(config)?),
            })
        });
        Self(on.chain(off).collect())
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width =
            |text: fn(&Line) -> &str| self.0.iter().map(|line| text(line).len()).max().unwrap_or_default();
        let (name, deployed) = (width(|line| &line.name), width(|line| &line.deployed_name));
        for line in &self.0 {
            write!(f, "{:name$}  {:deployed$}  ", line.name, line.deployed_name)?;
            match line.off {
                None => writeln!(f, "{:>3} resources  {}", line.resources, line.what)?,
                Some(why) => writeln!(f, "{:13}  {}: {why}", "off", line.what)?,
            }
        }
        Ok(())
    }
}
