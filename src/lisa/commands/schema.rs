//! `lisa schema`: the JSON Schema of the configuration.

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

const EXAMPLES: &str = "Examples:
  lisa schema > config.schema.json
  lisa schema | jq '.\"$defs\" | keys'

An editor with a YAML language server checks the file as you type when its first line is
  # yaml-language-server: $schema=config.schema.json";

/// Print the JSON Schema of the config
///
/// Draft 2020-12, with a description, the default and the allowed values of every key.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(crate) fn run(&self, printer: &Printer) -> Result<Exit, Failure> {
        printer.text(&format!("{:#}", lisa_config::schema()))?;
        Ok(Exit::Done)
    }
}
