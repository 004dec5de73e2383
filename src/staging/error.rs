//! Why a model is not staged, each in one sentence, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use lisa_checkpoint::torch::TorchError;
use lisa_deploy::ports::CallError;

use crate::hub::HubError;

/// Why a model is not staged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// Its name has no place in a folder.
    #[error("`{0}` is no name of a model: parts of letters, digits and `._-` with slashes between them")]
    Name(String),
    /// The hub does not give it.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// It is not on this machine, and the hub may not be asked.
    #[error("`{}` does not hold the model, and the hub is not to be asked", .0.display())]
    Offline(PathBuf),
    /// A download of it was begun and has to be finished.
    #[error("`{}` holds a download that was not finished, and the hub is not to be asked", .0.display())]
    Unfinished(PathBuf),
    /// Its folder holds another revision, and the hub may not be asked.
    #[error("`{}` holds the revision `{there}` and not `{asked}`, and the hub is not to be asked", folder.display())]
    Revision {
        /// The folder.
        folder: PathBuf,
        /// The revision that it holds.
        there: String,
        /// The one that was asked for.
        asked: String,
    },
    /// Another run works on it.
    #[error("another run is working in `{}`", .0.display())]
    Busy(PathBuf),
    /// There is nothing that engines load.
    #[error("`{0}` has no weights that engines load: neither safetensors nor `pytorch_model*.bin`")]
    NoWeights(String),
    /// A file of a set is missing.
    #[error("`{file}` is missing, which is one of {count} files of weights")]
    Shard {
        /// The file.
        file: String,
        /// How many there should be.
        count: u32,
    },
    /// A tensor that the index names is in none of the files.
    #[error("`{index}` names the tensor `{tensor}`, which is in none of its files")]
    Index {
        /// The index.
        index: String,
        /// The tensor.
        tensor: String,
    },
    /// The disk is too small.
    #[error("the disk of `{}` is too small: {needed} more bytes are needed and {free} are free", path.display())]
    Space {
        /// A folder on it.
        path: PathBuf,
        /// Bytes that are to be written.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// A file of PyTorch's cannot be read.
    #[error(transparent)]
    Torch(#[from] TorchError),
    /// S3 does not take it.
    #[error("{0}")]
    Call(#[from] CallError),
    /// The bucket does not hold what was stored.
    #[error(
        "`{0}` is not in the bucket in the size that it was stored with; is somebody else writing there?"
    )]
    Stored(String),
    /// A file could not be read or written.
    #[error("could not {action} `{}`: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl StageError {
    /// What to do about it, as a sentence.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Name(_) => "Name it as the hub does, such as `mistralai/Mistral-7B-Instruct-v0.2`.",
            Self::Hub(error) => error.help(),
            Self::Offline(_) => "Copy its files there, or leave `--offline` away.",
            Self::Unfinished(_) => "Leave `--offline` away to finish it, or remove the folder.",
            Self::Revision { .. } => {
                "Name the revision that is there with `--revision`, or leave `--offline` away."
            }
            Self::Busy(_) => "Wait until it has ended, and repeat the command.",
            Self::NoWeights(_) => "Choose another repository of the model, or convert it.",
            Self::Shard { .. } | Self::Index { .. } => "Complete the model's files, and repeat the command.",
            Self::Space { .. } => "Free some space, or name a folder on another disk with `--folder`.",
            Self::Torch(_) => "Take weights from somebody you trust, in safetensors where there are any.",
            Self::Call(_) | Self::Stored(_) | Self::File { .. } => {
                "Repeat the command: it goes on where it was."
            }
        }
    }
}

/// The system's error on a file. For use in `map_err(file("write", path))`.
pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StageError {
    let path = path.to_owned();
    move |source| StageError::File { action, path, source }
}
