//! `lisa init`: writes a configuration by asking, or by flags alone.

mod answers;
pub(super) mod interview;
mod render;

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use lisa_config::{Options, Overrides, Problem, Source};
use serde::Serialize;

use self::interview::Interview;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::{Count, Printer};
use crate::report::Warnings;

const EXAMPLES: &str = "Examples:
  lisa init                                    answer questions, get a config.yaml
  lisa init --partition aws-us-gov             the same, with one answer given
  lisa init --yes --account 111122223333 --bucket my-models
  lisa init --yes --account 111122223333 --bucket my-models --region eu-west-1 \\
      --certificate arn:aws:acm:eu-west-1:111122223333:certificate/1234 --rag opensearch \\
      --authority https://login.example.com --client-id lisa \\
      --model mistralai/Mistral-7B-Instruct-v0.2 --embedding-model intfloat/e5-large-v2";

/// Write a config by asking
///
/// Asks what a deployment needs and writes the answers to the file of --config. A flag answers its question; with
/// --yes nothing is asked, and what no flag answers gets its default.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Init {
    /// Ask nothing: take the flags, and defaults for the rest
    #[arg(short, long)]
    yes: bool,
    /// Write over an existing file
    #[arg(long)]
    force: bool,
    /// Partition, such as `aws` or `aws-us-gov` [default: the region's]
    #[arg(long, value_name = "ID")]
    partition: Option<String>,
    /// Region [default: the first of the partition; us-east-1 in `aws`]
    #[arg(long)]
    region: Option<String>,
    /// Number of the AWS account
    #[arg(long, value_name = "NUMBER")]
    account: Option<String>,
    /// Name of the deployment, first part of all names [default: prod]
    #[arg(long)]
    name: Option<String>,
    /// Existing bucket that holds the model weights
    #[arg(long)]
    bucket: Option<String>,
    /// Issuer URL of the OpenID Connect provider [default: none; no chat, web page and RAG]
    #[arg(long, value_name = "URL")]
    authority: Option<String>,
    /// Client id of LISA at the provider
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Group whose members are administrators [default: nobody is]
    #[arg(long, value_name = "GROUP")]
    admin_group: Option<String>,
    /// Existing VPC to deploy into [default: a new one]
    #[arg(long, value_name = "ID")]
    vpc: Option<String>,
    /// Certificate of all load balancers, in ACM or IAM [default: none; plain HTTP, which the security rules refuse]
    #[arg(long, value_name = "ARN")]
    certificate: Option<String>,
    /// Vector store of retrieval-augmented generation [default: none]
    #[arg(long, value_enum)]
    rag: Option<Store>,
    /// Text model to host, by its Hugging Face name; may be repeated
    #[arg(long = "model", value_name = "NAME")]
    models: Vec<String>,
    /// Embedding model to host, by its Hugging Face name; may be repeated
    #[arg(long = "embedding-model", value_name = "NAME")]
    embedding_models: Vec<String>,
    /// Python package index; isolated partitions need one of their own
    #[arg(long, value_name = "URL")]
    python_index: Option<String>,
}

/// Vector store of retrieval-augmented generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Store {
    /// No RAG.
    None,
    /// A new OpenSearch domain.
    Opensearch,
    /// A new PostgreSQL database with pgvector.
    Pgvector,
}

/// What was written.
#[derive(Serialize)]
struct Written<'a> {
    file: PathBuf,
    problems: &'a [Problem],
}

impl Init {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let path = &globals.config;
        if path == Path::new("-") {
            return Err(Failure::usage("a config cannot be written to `-`", "Name a file with `--config`."));
        }
        if !self.force && path.exists() {
            return Err(exists(path));
        }
        let answers = if self.yes { self.flags_alone()? } else { self.interview(&mut Interview::new())? };
        let source = Source { name: path.display().to_string(), text: render::yaml(&answers) };
        // What is written is judged as it stands: the environment of this shell may be another tomorrow.
        let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default());
        let warnings = match loaded {
            Ok(loaded) => loaded.warnings,
            Err(problems) => return Err(Failure::Config { source, problems }),
        };
        self.write(path, &source.text)?;
        if !warnings.is_empty() && !printer.is_json() {
            printer.warnings(&Warnings { source: &source, problems: &warnings });
        }
        printer.confirm(&Written { file: path.clone(), problems: &warnings })?;
        Ok(Exit::Done)
    }

    /// Writes the file; without `--force` only where there is none, even if one has just come to be.
    fn write(&self, path: &Path, text: &str) -> Result<(), Failure> {
        if self.force {
            return fs::write(path, text).map_err(|error| Failure::write(path, error));
        }
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        match file.and_then(|mut file| file.write_all(text.as_bytes())) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
            Err(error) => Err(Failure::write(path, error)),
        }
    }
}

fn exists(path: &Path) -> Failure {
    let help = "Pass `--force` to write over it, or `--config` with another name.";
    Failure::usage(format!("`{}` exists already", path.display()), help)
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        write!(f, "wrote {file}")?;
        if !self.problems.is_empty() {
            write!(f, ", with {}", Count(self.problems.len(), "warning"))?;
        }
        let config =
            if self.file == Path::new("config.yaml") { String::new() } else { format!(" --config {file}") };
        write!(f, "\nnext: lisa validate{config}, then lisa synth{config}")
    }
}
