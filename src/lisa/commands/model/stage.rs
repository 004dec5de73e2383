//! `lisa model stage`: models come to the bucket of weights, from the hub or from a folder.

use std::collections::BTreeSet;
use std::fmt;

use clap::Args;
use lisa_staging::{Stage as Staging, StageError, Staged, Standing, Tuning};
use serde::Serialize;

use super::origin::Origin;
use super::transfer::Transfer;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::printer::Printer;
use crate::progress::bytes;
use crate::world;

const EXAMPLES: &str = "Examples:
  lisa model stage --check                                what the bucket has and what it lacks
  lisa model stage                                        every model of the config that it lacks
  lisa model stage mistralai/Mistral-7B-Instruct-v0.2 --revision v1.0
  lisa model stage my-model --offline                     from models/my-model, without a network";

/// Bring models to the bucket of weights
///
/// A model that is in `models/<name>` is taken from there; any other is downloaded to it first, and a download that was
/// cut goes on where it ended. PyTorch's files become safetensors; nothing in them is executed. What the bucket has
/// already is left alone.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Stage {
    /// Names of models, as on the hub; those of the config's `ecsModels` without
    #[arg(value_name = "MODEL")]
    models: Vec<String>,
    /// Only say what the bucket has; exits with 7 where it lacks a model
    #[arg(long)]
    check: bool,
    /// Bring models that are there too up to the revision; a revision that is named is brought in any case
    #[arg(long, conflicts_with = "check")]
    refresh: bool,
    #[command(flatten)]
    origin: Origin,
}

/// One model and what came of it.
#[derive(Serialize)]
struct Row {
    model: String,
    #[serde(flatten)]
    standing: Standing,
    /// What was done, if anything had to be.
    staged: Option<Staged>,
}

/// All models.
#[derive(Serialize)]
struct Rows {
    bucket: String,
    models: Vec<Row>,
}

impl Stage {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let rows = world::run(self.all(&input, printer))?;
        let lacks = rows.models.iter().any(|row| !row.standing.is_there());
        printer.answer(&rows)?;
        Ok(if lacks { Exit::ChangesPending } else { Exit::Done })
    }

    async fn all(&self, input: &Input, printer: &Printer) -> Result<Rows, Failure> {
        let names = self.names(input)?;
        let connection = world::connect(&input.config).await?;
        let (objects, bucket) = (&*connection.world.objects, input.config.s3_bucket_models.to_string());
        let hub = if self.check { None } else { self.origin.hub()? };
        let transfer = Transfer::new(printer);
        let staging = Staging {
            hub: hub.as_ref(),
            models: &self.origin.folder,
            objects,
            bucket: &bucket,
            progress: transfer.clone(),
            tuning: Tuning::default(),
        };
        let mut models = Vec::new();
        for model in names {
            let refused = |error: StageError| refused(&model, &error);
            let unread = |error| match error {
                StageError::Call(error) => Failure::call(&error),
                error => refused(error),
            };
            let mut standing = staging.standing(&model).await.map_err(unread)?;
            let staged = if self.is_wanted(&staging, &model, &standing).await.map_err(refused)? {
                transfer.name(&model);
                let work = staging.model(&model, self.origin.revision());
                let staged = tokio::select! {
                    staged = work => staged.map_err(refused),
                    _ = tokio::signal::ctrl_c() => Err(Failure::Stopped),
                };
                transfer.finish();
                let staged = staged?;
                standing = staging.standing(&model).await.map_err(unread)?;
                Some(staged)
            } else {
                None
            };
            models.push(Row { model, standing, staged });
        }
        Ok(Rows { bucket, models })
    }

    /// Whether there is something to do: the model is not there, or is not what was asked for by name.
    async fn is_wanted(
        &self,
        staging: &Staging<'_>,
        model: &str,
        standing: &Standing,
    ) -> Result<bool, StageError> {
        Ok(match &self.origin.revision {
            _ if self.check => false,
            _ if self.refresh || !standing.is_there() => true,
            Some(revision) => !staging.is_at(model, revision, standing).await?,
            None => false,
        })
    }

    fn names(&self, input: &Input) -> Result<BTreeSet<String>, Failure> {
        let given: BTreeSet<String> = match self.models.as_slice() {
            [] => input.config.ecs_models.iter().map(|model| model.model_name.clone()).collect(),
            models => models.iter().cloned().collect(),
        };
        if given.is_empty() {
            let help = "Name models, or list them in the config's `ecsModels`.";
            return Err(Failure::usage("there are no models to bring", help));
        }
        for model in &given {
            lisa_staging::check_name(model)
                .map_err(|error| Failure::usage(error.to_string(), error.help()))?;
        }
        Ok(given)
    }
}

fn refused(model: &str, error: &StageError) -> Failure {
    Failure::action(format!("`{model}` is not staged: {error}"), error.help())
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.models.iter().map(|row| row.model.chars().count()).max().unwrap_or(0);
        for Row { model, standing, staged } in &self.models {
            let told = match (staged, standing) {
                (Some(staged), _) => staged_in_words(staged),
                (None, Standing::Complete { .. }) => "in the bucket, whole".to_owned(),
                (None, Standing::Unlisted) => "in the bucket; it was not staged by this command".to_owned(),
                (None, Standing::Partial { lacks: Some(file) }) => format!("not whole: `{file}` is missing"),
                (None, Standing::Partial { lacks: None }) => {
                    "not whole: its upload was not finished, or it holds no weights".to_owned()
                }
                (None, Standing::Absent) => "not in the bucket".to_owned(),
            };
            writeln!(f, "{model:width$}  {told}")?;
        }
        Ok(())
    }
}

fn staged_in_words(staged: &Staged) -> String {
    let Staged { files, bytes: all, stored, converted } = staged;
    let changed = match converted {
        0 => String::new(),
        count => format!(", {count} of them converted to safetensors"),
    };
    format!(
        "{files} files with {} are in the bucket{changed}; {} were stored now",
        bytes(*all),
        bytes(*stored)
    )
}
