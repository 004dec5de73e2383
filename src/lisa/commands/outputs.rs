//! `lisa outputs`: the addresses and names that a person needs of a deployment.

use std::collections::BTreeMap;

use clap::Args;
use lisa_deploy::outputs;
use lisa_deploy::ports::World;

use super::status;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::printer::Printer;
use crate::world;

const EXAMPLES: &str = "Examples:
  lisa outputs
  export OPENAI_BASE_URL=$(lisa outputs --output json | jq -r .openAi)";

/// Show the URLs and names of a deployment
///
/// Reads the account and changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Outputs {}

impl Outputs {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let outputs = world::run(async {
            let connection = world::connect(&input.config).await?;
            read(&input, &connection.world).await
        })?;
        printer.answer(&outputs)?;
        Ok(Exit::Done)
    }
}

/// What the stacks of the deployment say that are there.
pub(crate) async fn read(input: &Input, world: &World) -> Result<outputs::Outputs, Failure> {
    let app = input.synthesize()?;
    let mut there = status::observed(world).await?;
    let short = |stack: &lisa_stacks::Stack| Some((stack.name.clone(), there.remove(&stack.deployed_name)?));
    let observed: BTreeMap<_, _> = app.stacks.iter().filter_map(short).collect();
    Ok(outputs::Outputs::of(&input.config, &app.stacks, &observed))
}
