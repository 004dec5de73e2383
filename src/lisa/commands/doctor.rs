//! `lisa doctor`: what would make a deployment fail, found before the first change.

mod machine;

use std::fmt;
use std::path::Path;

use clap::Args;
use lisa_containers::Registries;
use lisa_deploy::assets;
use lisa_deploy::doctor::{self, Finding, Standing};
use serde::Serialize;

use crate::cli::Globals;
use crate::commands::local;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::printer::{Count, Printer};
use crate::world;

const EXAMPLES: &str = "Examples:
  lisa doctor
  lisa doctor --local
  lisa doctor --output json | jq '.[] | select(.standing == \"bad\")'";

/// Find what would make a deployment fail
///
/// Looks at credentials, quotas, instance types, names, the asset bucket, images that hosts pull, the sign-in
/// provider, Docker, the disk and the clock. Changes nothing. Exits with 6 where a deployment would fail.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {
    /// Look at this machine for `lisa local` instead, with its flags
    #[arg(long)]
    local: bool,
    #[command(flatten)]
    place: local::Place,
}

/// Everything that was found.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Findings(pub(crate) Vec<Finding>);

impl Doctor {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        if self.local {
            let mut arguments = self.place.arguments();
            arguments.push("--doctor".into());
            return local::hand_over(&arguments);
        }
        let input = input::load_and_warn(globals, printer)?;
        let findings = world::run(examine(&input))?;
        printer.answer(&findings)?;
        Ok(if findings.has(Standing::Bad) { Exit::NeedsAction } else { Exit::Done })
    }
}

async fn examine(input: &Input) -> Result<Findings, Failure> {
    let app = input.synthesize()?;
    let mut findings = match world::connect(&input.config).await {
        Ok(connection) => doctor::full(&connection.world, &Registries, &input.config, &app.stacks).await,
        Err(Failure::Action { message, help }) => {
            vec![Finding::bad("credentials", message, help.unwrap_or_default())]
        }
        Err(failure) => return Err(failure),
    };
    let wanted = assets::wanted(&input.config, &app.stacks, Path::new("."));
    findings.extend(machine::check(&wanted.unwrap_or_default()).await);
    Ok(Findings(findings))
}

impl Findings {
    /// Whether something stands so.
    pub(crate) fn has(&self, standing: Standing) -> bool {
        self.0.iter().any(|finding| finding.standing == standing)
    }

    fn count(&self, standing: Standing) -> usize {
        self.0.iter().filter(|finding| finding.standing == standing).count()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|finding| finding.check.len()).max().unwrap_or_default();
        for finding in &self.0 {
            let mark = match finding.standing {
                Standing::Good => "ok",
                Standing::Doubtful => "?",
                Standing::Bad => "x",
            };
            writeln!(f, "  {mark:2}  {:width$}  {}", finding.check, finding.says)?;
            if let Some(help) = &finding.help {
                writeln!(f, "      {:width$}  {help}", "")?;
            }
        }
        match (self.count(Standing::Bad), self.count(Standing::Doubtful)) {
            (0, 0) => write!(f, "nothing is in the way"),
            (0, doubts) => write!(f, "nothing is in the way, {} to look at", Count(doubts, "thing")),
            (bad, _) => write!(f, "a deployment would fail: {} in the way", Count(bad, "thing")),
        }
    }
}
