//! Why a file gives no text.

use std::time::Duration;

use crate::format::Format;

/// Why a file gives no text. The messages are for who uploaded it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// Neither its name nor its first bytes are of a known format.
    #[error("`{name}` is of no type that can be read; readable are {}", Format::extensions().join(", "))]
    Unsupported {
        /// Its name.
        name: String,
    },
    /// Only who knows a password can read it.
    #[error("the file is encrypted; save it without a password and upload it again")]
    Encrypted,
    /// It is not what it says it is.
    #[error("the file is no readable {format}: {reason}")]
    Broken {
        /// What it was read as.
        format: Format,
        /// What is wrong with it.
        reason: String,
    },
    /// There is more of something than is read.
    #[error("the file has more than {limit} {what}, which is the most that is read; split it")]
    TooLarge {
        /// Of what: `bytes`, `pages`.
        what: &'static str,
        /// The most that is read.
        limit: u64,
    },
    /// It takes too long.
    #[error("the file could not be read in {} s; split it", limit.as_secs_f32())]
    TooLong {
        /// The time that one file may take.
        limit: Duration,
    },
    /// The reader of the format gave up in the middle.
    #[error(
        "the file makes the reader of {format} fail; it is probably damaged: save it anew and upload it again"
    )]
    Crashed {
        /// What it was read as.
        format: Format,
    },
}

impl ExtractError {
    pub(crate) fn broken(format: Format, reason: impl Into<String>) -> Self {
        Self::Broken { format, reason: reason.into() }
    }

    /// The word that clients switch on.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "UnsupportedFileType",
            Self::Encrypted => "EncryptedFile",
            Self::Broken { .. } => "BrokenFile",
            Self::TooLarge { .. } => "FileTooLarge",
            Self::TooLong { .. } => "FileTooSlow",
            Self::Crashed { .. } => "UnreadableFile",
        }
    }
}
