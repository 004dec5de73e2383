//! `lisa model update`: other settings for a model.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};

use super::answers::{key, variables};
use super::door::Where;
use super::shown::One;
use super::synth;
use super::wait::Wait;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

const EXAMPLES: &str = "Examples:
  lisa model update mistral-vllm --max 4 --wait
  lisa model update mistral-vllm --environment MAX_TOTAL_TOKENS=8192 --without MAX_INPUT_LENGTH
  lisa model update mistral-vllm -f change.json";

/// Change a model: hosts, container, type, groups
///
/// What is not given stays. Settings of the container take effect by new tasks, which load the weights anew.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Update {
    /// Id of the model
    id: String,
    /// The request, as the API takes it in `PUT /models/{id}`; `-` reads standard input
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Fewest hosts
    #[arg(long, value_name = "COUNT")]
    min: Option<u32>,
    /// Most hosts
    #[arg(long, value_name = "COUNT")]
    max: Option<u32>,
    /// Hosts from now on
    #[arg(long, value_name = "COUNT")]
    desired: Option<u32>,
    /// Variable of the engine's environment; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    environment: Vec<String>,
    /// Variable to take away; may be repeated
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,
    /// Whether it can answer piece by piece
    #[arg(long, value_name = "BOOL")]
    streaming: Option<bool>,
    /// What it makes of its input
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Group that may use it, in place of those before; may be repeated
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// File with another key of a model elsewhere; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// Text for people
    #[arg(long)]
    description: Option<String>,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    place: Where,
}

impl Update {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let request = self.request()?;
        let model = self.place.go(globals, printer, async |door| {
            let before = door.update(&self.id, &request).await?;
            Ok(self.wait.settled(&door, &self.id, printer).await?.unwrap_or(before))
        })?;
        printer.answer(&One(model))?;
        Ok(Exit::Done)
    }

    /// The file's request, with the flags over it.
    fn request(&self) -> Result<Value, Failure> {
        let mut request = match &self.file {
            Some(file) => synth::document(file)?.1.value().clone(),
            None => json!({}),
        };
        let mut scaling = Map::new();
        for (name, value) in
            [("minCapacity", self.min), ("maxCapacity", self.max), ("desiredCapacity", self.desired)]
        {
            scaling.extend(value.map(|value| (name.to_owned(), json!(value))));
        }
        let mut environment = variables(&self.environment)?;
        let gone = self.without.iter().map(|name| (name.clone(), json!(lisa_api::models::REMOVED)));
        environment.extend(gone);
        let container = (!environment.is_empty()).then(|| json!({ "environment": environment }));
        let flags = [
            ("autoScalingInstanceConfig", (!scaling.is_empty()).then_some(Value::Object(scaling))),
            ("containerConfig", container),
            ("streaming", self.streaming.map(Value::from)),
            ("modelType", self.kind.clone().map(Value::from)),
            ("allowedGroups", (!self.groups.is_empty()).then(|| json!(self.groups))),
            ("apiKey", self.api_key_file.as_deref().map(key).transpose()?),
            ("modelDescription", self.description.clone().map(Value::from)),
        ];
        for (name, value) in flags.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            request[name] = value;
        }
        Ok(request)
    }
}
