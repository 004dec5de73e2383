//! `lisa check`: the security rules, and what of the configuration they forbid, in plain words.

mod controls;
mod options;

use clap::Args;
use lisa_policy::Verdict;

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{environment, input, policy};

const EXAMPLES: &str = "Examples:
  lisa check                        what the rules find, why it matters and what to do
  lisa check --list                 the 64 controls: from which profile on, at what cost
  lisa check --output json | jq '.findings[].rule'
  lisa check --litellm              what becomes of each option in litellmConfig
  lisa check --litellm --list       of each option that LiteLLM has

A finding is accepted for a while by a waiver in the config:
  policyWaivers:
    - control: NET-41
      resource: serve/*
      owner: jane.doe@example.com
      reason: The load balancer is recreated every night
      expires: 2027-06-30";

/// Check the security rules and explain what they find
///
/// Exits with 4 where a rule does not hold that the security profile enforces.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// List the controls instead, or with `--litellm` the options
    #[arg(long)]
    list: bool,
    /// Say of each option in `litellmConfig` whether it is honoured
    #[arg(long)]
    litellm: bool,
}

impl Check {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        if self.litellm {
            let options = if self.list {
                options::Options::known()
            } else {
                options::Options::of(&input::load_and_warn(globals, printer)?.config)
            };
            printer.answer(&options)?;
            return Ok(Exit::Done);
        }
        if self.list {
            printer.answer(&controls::Controls::all())?;
            return Ok(Exit::Done);
        }
        let input = input::load_and_warn(globals, printer)?;
        let app = input.synthesize_all()?;
        let report = policy::judge(&input.config, &app, environment::today()?);
        printer.answer(&report)?;
        Ok(match report.verdict {
            Verdict::Clean | Verdict::Empty => Exit::Done,
            Verdict::Refused => Exit::PolicyRefused,
        })
    }
}
