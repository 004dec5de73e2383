//! `lisa model add`: a new model, from a file, from flags, or by asking.

use std::path::{Path, PathBuf};

use clap::Args;
use lisa_names::InstanceType;
use serde_json::Value;

use super::answers::{self, Answers};
use super::door::{Door, Where};
use super::fit;
use super::origin::{self, MODELS};
use super::shown::One;
use super::synth;
use super::wait::Wait;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::world;

const EXAMPLES: &str = "Examples:
  lisa model add                                          by questions
  lisa model add -f mistral.json --wait                   the request that the API takes, in any of its versions
  lisa model add --id titan --name bedrock/amazon.titan-text-express-v1 --streaming
  lisa model add --id mistral --name mistralai/Mistral-7B-Instruct-v0.2 --engine vllm \\
      --image vllm/vllm-openai:v0.6.3 --instance-type g5.xlarge --streaming --wait";

/// Add a model
///
/// Hosted by LISA with an instance type and an image; else reached elsewhere, by its URL or as `bedrock/…` or
/// `sagemaker/…`. Without a file and without flags it asks, and shows what it would ask for before it does.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Add {
    /// The request, as the API takes it in `POST /models`, in JSON or YAML; `-` reads standard input
    #[arg(short, long, value_name = "FILE", conflicts_with = "id")]
    file: Option<PathBuf>,
    #[command(flatten)]
    answers: Answers,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    place: Where,
}

impl Add {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let given = self.given()?;
        if given.is_none() {
            world::require_terminal(printer).map_err(|_| {
                Failure::usage(
                    "nothing says what model is meant, and there is no terminal to ask on",
                    "Give `-f FILE`, or `--id` and `--name`; `lisa model add --help` shows the rest.",
                )
            })?;
        }
        let is_asked = given.is_none();
        let model = self.place.go(globals, printer, async |door| {
            let request = given.map_or_else(|| self.answers.asked(), Ok)?;
            warn(&request, &door, printer).await;
            if is_asked {
                answers::review(&request)?;
            }
            let id = request["modelId"].as_str().unwrap_or_default();
            let created = door.create(&request).await?;
            Ok(self.wait.settled(&door, id, printer).await?.unwrap_or(created))
        })?;
        printer.answer(&One(model))?;
        Ok(Exit::Done)
    }

    /// The request of the file or of the flags; none where there is neither.
    fn given(&self) -> Result<Option<Value>, Failure> {
        if let Some(file) = &self.file {
            let (source, document) = synth::document(file)?;
            let mut request = serde_json::json!(synth::parsed(source, &document)?.1);
            // It is no part of the request that is stored, and so of none that is read.
            if let Some(key) = document.value().get("apiKey") {
                request["apiKey"] = key.clone();
            }
            return Ok(Some(request));
        }
        if self.answers.is_empty() { Ok(None) } else { self.answers.request().map(Some) }
    }
}

/// Says so where the instance type does not seem to hold the model, as far as its `config.json` is within reach: in the
/// folder of models, or in the bucket of weights.
async fn warn(request: &Value, door: &Door, printer: &Printer) {
    let Some(instance_type) = request["instanceType"].as_str().and_then(|text| InstanceType::new(text).ok())
    else {
        return;
    };
    let name = request["modelName"].as_str().unwrap_or_default();
    let described = match origin::in_folder(Path::new(MODELS), name) {
        Some(described) => Some(described),
        None => door.weights(name).await,
    };
    if let Some(doubt) = described.and_then(|described| fit::doubt(described, &instance_type)) {
        printer.note(&format!("warning: {doubt}"));
    }
}
