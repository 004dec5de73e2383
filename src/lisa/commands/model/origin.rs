//! Where a model's files are looked for: a folder, the bucket of weights, or the Hugging Face Hub.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use lisa_checkpoint::safetensors::Stored;
use lisa_deploy::ports::Objects;
use lisa_staging::{HUB, Hub, choice};
use serde_json::Value;

use crate::failure::{Failure, os_message};

/// The folder of models where none is named.
pub(super) const MODELS: &str = "models";

/// The file that says what a model is made of.
const CONFIG: &str = "config.json";

/// Bytes of it at most.
const LARGEST: u64 = 16 << 20;

/// Where models come from.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Where models come from")]
pub(super) struct Origin {
    /// Folder that has a folder for each model, such as `models/mistralai/Mistral-7B-Instruct-v0.2`
    #[arg(long, value_name = "FOLDER", default_value = MODELS)]
    pub(super) folder: PathBuf,
    /// Hugging Face Hub, or a mirror of it
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = HUB)]
    hub: String,
    /// Token for the hub
    #[arg(long, value_name = "TOKEN", env = "HF_TOKEN", hide_env_values = true)]
    hub_token: Option<String>,
    /// Branch, tag or commit; `main` without
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    /// Ask no hub: what is in the folder is all there is
    #[arg(long)]
    offline: bool,
}

/// What a model says of itself.
pub(super) struct Described {
    /// Where that was read, for people.
    pub(super) source: String,
    /// Its `config.json`.
    pub(super) config: Value,
    /// Its files of weights, where they are known.
    pub(super) weights: Option<Stored>,
}

impl Origin {
    /// The hub; none where it is not to be asked.
    pub(super) fn hub(&self) -> Result<Option<Hub>, Failure> {
        if self.offline {
            return Ok(None);
        }
        let bundle = ["AWS_CA_BUNDLE", "SSL_CERT_FILE"].iter().find_map(std::env::var_os).map(PathBuf::from);
        let hub = Hub::new(&self.hub, self.hub_token.as_deref(), bundle.as_deref());
        hub.map(Some).map_err(|error| Failure::usage(error.to_string(), error.help()))
    }

    /// The revision that is asked for.
    pub(super) fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or("main")
    }

    /// The folder that a model is described in on this machine: its name is a path, or below the folder of models.
    pub(super) fn on_disk(&self, model: &str) -> Option<PathBuf> {
        let path = Path::new(model);
        let folder = if path.ends_with(CONFIG) { path.parent().unwrap_or(path) } else { path };
        let named = lisa_staging::check_name(model).is_ok().then(|| self.folder.join(model));
        [Some(folder.to_owned()), named].into_iter().flatten().find(|folder| folder.join(CONFIG).is_file())
    }

    /// What a model says of itself on this machine, or on the hub.
    pub(super) async fn describe(&self, model: &str) -> Result<Described, Failure> {
        if let Some(folder) = self.on_disk(model) {
            return from_folder(&folder);
        }
        let Some(hub) = self.hub()? else {
            let help =
                format!("Copy it to `{}`, or leave `--offline` away.", self.folder.join(model).display());
            return Err(Failure::input(format!("there is no `{CONFIG}` of `{model}` on this machine"), help));
        };
        lisa_staging::check_name(model).map_err(|error| Failure::usage(error.to_string(), error.help()))?;
        let refused = |error: lisa_staging::HubError| Failure::action(error.to_string(), error.help());
        let listing = hub.list(model, self.revision()).await.map_err(refused)?;
        let text = hub.read(model, &listing.commit, CONFIG).await.map_err(refused)?;
        let sizes = listing.files.iter().filter_map(|file| Some((file.name.clone(), file.size?))).collect();
        let source = format!("{}/{model}", self.hub.trim_end_matches('/'));
        Ok(Described { config: parsed(&text, &source)?, weights: weights(model, &sizes, None), source })
    }
}

/// What a model says of itself in a folder of models; none where it is not there.
pub(super) fn in_folder(models: &Path, model: &str) -> Option<Described> {
    lisa_staging::check_name(model).ok()?;
    from_folder(&models.join(model)).ok()
}

fn from_folder(folder: &Path) -> Result<Described, Failure> {
    let path = folder.join(CONFIG);
    let unreadable = |error: &std::io::Error| {
        let message = format!("could not read `{}`: {}", path.display(), os_message(error));
        Failure::input(message, "Make it readable.")
    };
    let length = std::fs::metadata(&path).map_err(|error| unreadable(&error))?.len();
    if length > LARGEST {
        let message = format!("`{}` is too large to be a configuration", path.display());
        return Err(Failure::input(message, "Name the folder of a model."));
    }
    let text = std::fs::read(&path).map_err(|error| unreadable(&error))?;
    let mut sizes = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(&error))?.flatten() {
        let size = std::fs::metadata(entry.path()).ok().filter(std::fs::Metadata::is_file);
        sizes.extend(entry.file_name().into_string().ok().zip(size.map(|size| size.len())));
    }
    let source = folder.display().to_string();
    let weights = weights(&source, &sizes, Some(folder));
    Ok(Described { config: parsed(&text, &source)?, weights, source })
}

/// What the bucket of weights has of a model; none where it has no `config.json`.
pub(super) async fn from_bucket(
    objects: &dyn Objects,
    bucket: &str,
    model: &str,
) -> Result<Option<Described>, Failure> {
    let prefix = format!("{}/", model.trim_end_matches('/'));
    let listed = objects.list(bucket, &prefix).await.map_err(|error| Failure::call(&error))?;
    let sizes: BTreeMap<String, u64> =
        listed.iter().filter_map(|it| Some((it.key.strip_prefix(&prefix)?.to_owned(), it.size))).collect();
    if sizes.get(CONFIG).is_none_or(|size| *size > LARGEST) {
        return Ok(None);
    }
    let text =
        objects.get(bucket, &format!("{prefix}{CONFIG}")).await.map_err(|error| Failure::call(&error))?;
    let source = format!("s3://{bucket}/{prefix}");
    Ok(Some(Described { config: parsed(&text, &source)?, weights: weights(model, &sizes, None), source }))
}

fn parsed(text: &[u8], source: &str) -> Result<Value, Failure> {
    serde_json::from_slice(text).map_err(|error| {
        Failure::input(
            format!("the `{CONFIG}` of `{source}` is no JSON: {error}"),
            "Name the folder of a model.",
        )
    })
}

/// The weights that engines load, with what their headers say where they are in a folder.
fn weights(model: &str, sizes: &BTreeMap<String, u64>, folder: Option<&Path>) -> Option<Stored> {
    let chosen = choice::choose(model, sizes.keys().map(String::as_str)).ok()?;
    let bytes = chosen.weights().filter_map(|name| sizes.get(name)).sum();
    let mut stored = Stored { bytes, ..Stored::default() };
    if let Some(folder) = folder {
        let read = |name| stored.read(std::fs::File::open(folder.join(name))?);
        // PyTorch's files have no header: then their size is all that is known.
        if chosen.weights().try_for_each(read).is_err() {
            stored.kinds.clear();
        }
    }
    Some(stored)
}
