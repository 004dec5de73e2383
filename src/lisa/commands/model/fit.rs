//! `lisa model fit`: the memory that a model needs, and the instance types that have it.

use std::fmt;

use clap::Args;
use lisa_checkpoint::Architecture;
use lisa_checkpoint::architecture::{Cache, Precision};
use lisa_checkpoint::fit::{self, Demand, Host, Size, Verdict};
use lisa_names::InstanceType;
use serde::Serialize;

use super::origin::{self, Described, Origin};
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::bytes;
use crate::{input, world};

const EXAMPLES: &str = "Examples:
  lisa model fit mistralai/Mistral-7B-Instruct-v0.2
  lisa model fit models/mistralai/Mistral-7B-Instruct-v0.2 --context 8192 --sequences 16
  lisa model fit s3://my-models/mistralai/Mistral-7B-Instruct-v0.2 --instance-type g5.xlarge
  lisa model fit mistralai/Mixtral-8x7B-v0.1 --output json | jq -r '.hosts[] | select(.verdict == \"holds\") | .instanceType'";

/// Say which instance types hold a model
///
/// Reads the model's config.json from a folder, the bucket of weights or the Hugging Face Hub, and estimates what weights
/// and cache take of accelerators. Nothing is downloaded but descriptions. With an instance type that does not hold the
/// model it exits with 6.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Fit {
    /// The model: its folder, its name on the hub or in the folder of models, or `s3://BUCKET/NAME`
    model: String,
    /// Tokens of a sequence; as many as the model can have without
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u64).range(1..))]
    context: Option<u64>,
    /// Sequences of that length at once
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    sequences: u64,
    /// The engine keeps its cache in 8 bits (vLLM's `--kv-cache-dtype fp8`)
    #[arg(long)]
    fp8_cache: bool,
    /// Percent of an accelerator's memory that the engine takes
    #[arg(long, value_name = "PERCENT", default_value_t = 90, value_parser = clap::value_parser!(u64).range(10..=100))]
    utilization: u64,
    /// Only this instance type
    #[arg(long, value_name = "TYPE")]
    instance_type: Option<InstanceType>,
    #[command(flatten)]
    origin: Origin,
}

/// What was estimated.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Estimate {
    model: String,
    source: String,
    model_type: String,
    /// Whether only the language model of one that sees or hears was counted.
    language_model_only: bool,
    parameters: Option<u64>,
    #[serde(flatten)]
    precision: Precision,
    #[serde(flatten)]
    size: Size,
    #[serde(skip)]
    cache: Cache,
    hosts: Vec<Host>,
}

impl Fit {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let described = match self.model.strip_prefix("s3://") {
            Some(place) => self.in_bucket(place, globals, printer)?,
            None => world::run(self.origin.describe(&self.model))?,
        };
        let demand = Demand {
            context: self.context,
            sequences: self.sequences,
            small_cache: self.fp8_cache,
            utilization: self.utilization,
        };
        let mut estimate = Estimate::of(&self.model, described, &demand)?;
        if let Some(wanted) = &self.instance_type {
            estimate.hosts.retain(|host| host.instance_type == wanted.as_str());
            if estimate.hosts.is_empty() {
                let message = format!("`{wanted}` has no accelerators");
                return Err(Failure::usage(
                    message,
                    "`lisa model fit` without `--instance-type` lists those that have.",
                ));
            }
        }
        printer.answer(&estimate)?;
        let holds = estimate.hosts.iter().any(|host| matches!(host.verdict, Verdict::Holds { .. }));
        Ok(if self.instance_type.is_some() && !holds { Exit::NeedsAction } else { Exit::Done })
    }

    fn in_bucket(&self, place: &str, globals: &Globals, printer: &Printer) -> Result<Described, Failure> {
        let (bucket, model) = place.split_once('/').unwrap_or((place, ""));
        let input = input::load_and_warn(globals, printer)?;
        let found = world::run(async {
            let connection = world::connect(&input.config).await?;
            origin::from_bucket(&*connection.world.objects, bucket, model).await
        })?;
        found.ok_or_else(|| {
            Failure::input(
                format!("`{}` has no `config.json`", self.model),
                "`lisa model stage` brings a model there.",
            )
        })
    }
}

impl Estimate {
    fn of(model: &str, described: Described, demand: &Demand) -> Result<Self, Failure> {
        let Described { source, config, weights } = described;
        let wrong = |error: String| {
            let help = "The figures are of models in the form of Hugging Face's `transformers`.";
            Failure::input(format!("the `config.json` of `{source}` says too little: {error}"), help)
        };
        let read = Architecture::read(&config).map_err(|error| wrong(error.to_string()))?;
        // What sees or hears has weights beside those that are counted.
        let read = read.kept_as(weights.as_ref());
        let read = if read.is_part { Architecture { parameters: None, ..read } } else { read };
        let size = fit::size(&read, weights.as_ref(), demand).map_err(|error| wrong(error.to_string()))?;
        let hosts = fit::hosts(&read, &size, demand);
        Ok(Self {
            model: model.to_owned(),
            language_model_only: read.is_part,
            parameters: read.parameters.map(lisa_checkpoint::architecture::Parameters::total),
            model_type: read.model_type,
            precision: read.precision,
            cache: read.cache,
            source,
            size,
            hosts,
        })
    }
}

/// What is doubtful about a model on an instance type, as a sentence; none where it fits, or nothing is known.
pub(super) fn doubt(described: Described, instance_type: &InstanceType) -> Option<String> {
    let estimate = Estimate::of("", described, &Demand::default()).ok()?;
    let host = estimate.hosts.iter().find(|host| host.instance_type == instance_type.as_str())?;
    let larger = estimate.hosts.iter().find(|host| matches!(host.verdict, Verdict::Holds { .. }));
    let larger = larger.map_or_else(String::new, |host| format!("; `{}` does", host.instance_type));
    match host.verdict {
        Verdict::Holds { .. } => None,
        Verdict::Short { context } => Some(format!(
            "`{instance_type}` holds the model with sequences of some {context} tokens and not of its {}: limit them, such as with `VLLM_MAX_MODEL_LEN`{larger}",
            estimate.size.context
        )),
        Verdict::TooSmall { .. } | Verdict::Uneven { .. } => {
            Some(format!("`{instance_type}` does not seem to hold the model: {}{larger}", Told(host.verdict)))
        }
    }
}

/// A verdict in words.
struct Told(Verdict);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Verdict::Holds { sequences: None } => write!(f, "holds it"),
            Verdict::Holds { sequences: Some(1) } => write!(f, "holds it, with one such sequence at once"),
            Verdict::Holds { sequences: Some(count) } => {
                write!(f, "holds it, with {count} such sequences at once")
            }
            Verdict::Short { context } => write!(f, "holds it with sequences of {context} tokens at most"),
            Verdict::TooSmall { needed, given } => {
                write!(
                    f,
                    "too small: {} are needed of each GPU and {} are there",
                    bytes(needed),
                    bytes(given)
                )
            }
            Verdict::Uneven { heads, of } => {
                write!(f, "its {heads} {of} heads cannot be dealt out to its GPUs")
            }
        }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, precision, .. } = self;
        writeln!(f, "{}  {} from {}", self.model, self.model_type, self.source)?;
        let counted = match self.parameters {
            Some(count) => {
                format!("{}.{:02} billion parameters", count / 1_000_000_000, count / 10_000_000 % 100)
            }
            None => "by the size of its files".to_owned(),
        };
        let numbers = match &precision.quantization {
            Some(it) => {
                format!("{} of {} bits beside {}", it.method, it.bits, precision.dtype.loaded().as_str())
            }
            None => precision.dtype.loaded().as_str().to_owned(),
        };
        writeln!(f, "weights    {:>9}  {counted} in {numbers}", bytes(size.weights))?;
        match self.cache {
            Cache::None => writeln!(f, "cache              0  it reads a text once")?,
            _ => writeln!(f, "cache      {:>9}  per token", bytes(size.cache_per_token))?,
        }
        writeln!(f, "sequence   {:>9}  of {} tokens", bytes(size.cache_per_sequence), size.context)?;
        if matches!(self.cache, Cache::Latent { .. }) {
            writeln!(
                f,
                "note       vLLM keeps as little as this from 0.7.1 on; before, keys and values of every head"
            )?;
        }
        if self.language_model_only {
            writeln!(f, "note       what sees or hears in it takes more than this")?;
        }
        writeln!(f)?;
        for host in &self.hosts {
            let Host { instance_type, gpus, gpu_name, gpu_memory, needs_float16, verdict } = host;
            let told = Told(*verdict);
            let is_held = matches!(verdict, Verdict::Holds { .. } | Verdict::Short { .. });
            let numbers = if *needs_float16 && is_held { "; as float16" } else { "" };
            writeln!(f, "{instance_type:14} {gpus} × {gpu_name:11} {gpu_memory:>3} GB  {told}{numbers}")?;
        }
        Ok(())
    }
}
