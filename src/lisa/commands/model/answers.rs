//! What makes a model, by flags or by questions, as the request that the API takes.

use std::path::{Path, PathBuf};

use clap::Args;
use lisa_api::FieldError;
use lisa_api::models::CreateModelRequest;
use lisa_names::{InstanceType, ModelId};
use serde_json::{Map, Value, json};

use crate::commands::init::interview::{Interview, in_words};
use crate::failure::Failure;
use crate::input;

/// The flags of a new model.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "The model, without a file")]
pub(super) struct Answers {
    /// Id that clients send as `model`
    #[arg(long)]
    id: Option<String>,
    /// Name: its folder in the bucket of weights, or what the provider calls it
    #[arg(long)]
    name: Option<String>,
    /// What it makes of its input: `textgen`, `embedding`
    #[arg(long = "type", value_name = "TYPE", default_value = "textgen")]
    kind: String,
    /// It can answer piece by piece
    #[arg(long)]
    streaming: bool,
    /// URL of a model elsewhere, such as `https://models.example.com/v1`
    #[arg(long, value_name = "URL")]
    model_url: Option<String>,
    /// File with the key of a model elsewhere, which is kept in a secret; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// EC2 instance type of its hosts
    #[arg(long, value_name = "TYPE")]
    instance_type: Option<String>,
    /// Engine: `vllm`, `tgi`, `tei`
    #[arg(long)]
    engine: Option<String>,
    /// Image of the engine
    #[arg(long)]
    image: Option<String>,
    /// Fewest hosts
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    min: u32,
    /// Most hosts
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    max: u32,
    /// `/dev/shm` of the engine in MiB
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    shared_memory: u32,
    /// Variable of the engine's environment, such as `MAX_TOTAL_TOKENS=8192`; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    environment: Vec<String>,
    /// Group that may use it; may be repeated
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// Text for people
    #[arg(long)]
    description: Option<String>,
}

impl Answers {
    /// Whether nothing says what model is meant.
    pub(super) fn is_empty(&self) -> bool {
        self.id.is_none() && self.name.is_none()
    }

    /// The request of the flags, or of the answers that stand for them.
    ///
    /// # Errors
    ///
    /// Every field that model management would refuse.
    pub(super) fn request(&self) -> Result<Value, Failure> {
        let request = self.unchecked()?;
        let wrong = |errors: Vec<FieldError>| {
            let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::usage(told.join("; "), "`lisa model add --help` shows the flags.")
        };
        CreateModelRequest::parse(&request).map(|_| request).map_err(wrong)
    }

    fn unchecked(&self) -> Result<Value, Failure> {
        let mut request = json!({
            "modelId": self.id,
            "modelName": self.name,
            "modelType": self.kind,
            "streaming": self.streaming,
        });
        let optional = [
            ("modelUrl", self.model_url.clone().map(Value::from)),
            ("apiKey", self.api_key_file.as_deref().map(key).transpose()?),
            ("modelDescription", self.description.clone().map(Value::from)),
            ("allowedGroups", (!self.groups.is_empty()).then(|| json!(self.groups))),
        ];
        for (name, value) in optional.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            request[name] = value;
        }
        if self.instance_type.is_some() || self.image.is_some() || self.engine.is_some() {
            self.host(&mut request)?;
        }
        Ok(request)
    }

    /// What only a hosted model has.
    fn host(&self, request: &mut Value) -> Result<(), Failure> {
        request["instanceType"] = json!(self.instance_type);
        if let Some(engine) = &self.engine {
            request["inferenceContainer"] = json!(engine);
        }
        request["autoScalingConfig"] = json!({ "minCapacity": self.min, "maxCapacity": self.max });
        request["containerConfig"] = json!({
            "image": self.image,
            "sharedMemorySize": self.shared_memory,
            "environment": variables(&self.environment)?,
            "healthCheckConfig": {
                "command": ["CMD-SHELL", "exit 0"],
                "interval": 10,
                "startPeriod": 30,
                "timeout": 5,
                "retries": 3,
            },
        });
        request["loadBalancerConfig"] = json!({ "healthCheckConfig": {
            "path": "/health",
            "interval": 60,
            "timeout": 30,
            "healthyThresholdCount": 2,
            "unhealthyThresholdCount": 10,
        } });
        Ok(())
    }

    /// The request of somebody who is asked.
    pub(super) fn asked(&self) -> Result<Value, Failure> {
        let mut interview = Interview::new();
        let question =
            "Name: its folder in the bucket of weights, or `bedrock/…`, `sagemaker/…`, or its name elsewhere";
        let name = interview.text(question, None, None)?;
        let is_provided = name.starts_with("bedrock/") || name.starts_with("sagemaker/");
        let is_hosted = !is_provided && yes(&mut interview, "Does LISA host it", true)?;
        let id =
            interview.until("Id that clients send as `model`", None, None, |text| id(text, is_hosted))?;
        let kind = one_of(&mut interview, "What it makes", &["textgen", "embedding"])?;
        let streaming = kind == "textgen" && yes(&mut interview, "Can it answer piece by piece", true)?;
        let (id, name) = (Some(id), Some(name));
        let Self { min, max, shared_memory, .. } = *self;
        let mut answers = Self { id, name, kind, streaming, min, max, shared_memory, ..Self::default() };
        if is_hosted {
            answers.ask_for_host(&mut interview)?;
        } else if !is_provided {
            let question = "Its URL, such as https://models.example.com/v1";
            answers.model_url = Some(interview.until(question, None, None, url)?);
        }
        answers.groups = interview.list("Groups that may use it (nothing for everybody)", &[])?;
        answers.request()
    }

    /// Asks for what only a hosted model has.
    fn ask_for_host(&mut self, interview: &mut Interview) -> Result<(), Failure> {
        let engine = one_of(interview, "Engine", &["vllm", "tgi", "tei"])?;
        self.image = Some(interview.text("Image", Some(stock_image(&engine)), None)?);
        self.engine = Some(engine);
        let known =
            |text: &str| InstanceType::new(text).map(|_| text.to_owned()).map_err(|error| in_words(&error));
        self.instance_type = Some(interview.until("Instance type", Some("g5.xlarge"), None, known)?);
        let fewest = self.min.max(1);
        let number = |text: &str| {
            let most = text.parse().ok().filter(|most| *most >= fewest);
            most.ok_or_else(|| format!("`{text}` is no number from {fewest} on"))
        };
        self.max = interview.until("Most hosts", Some(&fewest.to_string()), None, number)?;
        Ok(())
    }
}

/// The image that each engine's makers publish, in the version that the adapters were checked with.
const fn stock_image(engine: &str) -> &'static str {
    match engine.as_bytes() {
        b"tgi" => "ghcr.io/huggingface/text-generation-inference:2.4.0",
        b"tei" => "ghcr.io/huggingface/text-embeddings-inference:1.5",
        _ => "vllm/vllm-openai:v0.6.3",
    }
}

/// Shows somebody who was asked what their answers amount to, and goes on when they want it.
pub(super) fn review(request: &Value) -> Result<(), Failure> {
    let mut interview = Interview::new();
    interview.say(&format!("\nThis is asked for; a file with it is taken by `-f`:\n{request:#}\n\n"))?;
    if yes(&mut interview, "Add the model", true)? { Ok(()) } else { Err(Failure::Declined) }
}

/// What hosts are named after is a name of AWS's; any other id only has to fit into a path.
fn id(text: &str, is_hosted: bool) -> Result<String, String> {
    if is_hosted {
        return ModelId::new(text).map(|_| text.to_owned()).map_err(|error| in_words(&error));
    }
    let fits = !text.chars().any(|c| "/?#%".contains(c) || c.is_whitespace() || c.is_control());
    if fits { Ok(text.to_owned()) } else { Err(format!("`{text}` has a space or one of `/?#%`")) }
}

fn url(text: &str) -> Result<String, String> {
    let is_url = text.starts_with("https://") || text.starts_with("http://");
    if is_url { Ok(text.to_owned()) } else { Err(format!("`{text}` is no URL: it begins with `https://`")) }
}

fn one_of(interview: &mut Interview, question: &str, words: &[&str]) -> Result<String, Failure> {
    let question = format!("{question} ({})", words.join(", "));
    let wrong = |text: &str| format!("`{text}` is not a choice: {}", words.join(", "));
    interview.until(&question, words.first().copied(), None, |text| {
        words.contains(&text).then(|| text.to_owned()).ok_or_else(|| wrong(text))
    })
}

fn yes(interview: &mut Interview, question: &str, default: bool) -> Result<bool, Failure> {
    let default = if default { "yes" } else { "no" };
    interview.until(&format!("{question} (yes, no)"), Some(default), None, |text| match text {
        "yes" | "y" => Ok(true),
        "no" | "n" => Ok(false),
        other => Err(format!("`{other}` is neither `yes` nor `no`")),
    })
}

/// The key that a file holds.
pub(super) fn key(path: &Path) -> Result<Value, Failure> {
    let source = input::read(path, "Name the file of the key, or `-` for standard input.")?;
    Ok(Value::from(source.text.trim()))
}

/// Variables as they are given: `NAME=VALUE`.
pub(super) fn variables(given: &[String]) -> Result<Map<String, Value>, Failure> {
    let pair = |text: &String| {
        let wrong = || Failure::usage(format!("`{text}` is no variable"), "Write it as `NAME=VALUE`.");
        let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(wrong)?;
        Ok((name.to_owned(), json!(value)))
    };
    given.iter().map(pair).collect()
}
