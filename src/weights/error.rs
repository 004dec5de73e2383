//! Why weights could not be brought, each in one sentence.

use std::io;
use std::path::{Path, PathBuf};

/// Why weights could not be brought.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// S3 refuses a call, and would do so again.
    #[error("S3 refuses `{action}` on `{uri}`: {reason}")]
    Refused {
        /// Such as `s3:GetObject`.
        action: &'static str,
        /// What was asked for.
        uri: String,
        /// S3's code and words.
        reason: String,
    },
    /// S3 could not be reached, or had no time, again and again.
    #[error("`{action}` on `{uri}` failed {attempts} times in a row: {reason}")]
    Exhausted {
        /// Such as `s3:GetObject`.
        action: &'static str,
        /// What was asked for.
        uri: String,
        /// How often it was tried.
        attempts: u32,
        /// The last reason.
        reason: String,
    },
    /// There is nothing to bring.
    #[error(
        "`{0}` holds no objects: the model's folder in the bucket is named like the model, letter by letter"
    )]
    Empty(String),
    /// The manifest names what is not there.
    #[error(
        "`{uri}` is not whole: its manifest names `{file}`, which is missing or of another size; stage the model again, or wait until that has ended"
    )]
    Incomplete {
        /// The folder.
        uri: String,
        /// The first file that is missing.
        file: String,
    },
    /// The manifest says that files are still to come.
    #[error(
        "`{0}` is not whole: its upload has not ended; wait until it has, or stage the model again if it was interrupted"
    )]
    Unfinished(String),
    /// A key has no place on a disk.
    #[error("the object `{key}` has no place on a disk: {reason}")]
    Key {
        /// The key.
        key: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The disk is too small.
    #[error("the disk of `{}` is too small: {needed} more bytes are needed and {free} are free", path.display())]
    Space {
        /// The directory of the weights.
        path: PathBuf,
        /// Bytes that are still to be brought.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The bytes are not those that S3 vouches for.
    #[error("the bytes of `{key}` do not have the {algorithm} checksum that S3 gives for it")]
    Checksum {
        /// The object.
        key: String,
        /// Such as `crc64nvme`.
        algorithm: &'static str,
    },
    /// The folder changes faster than it is read.
    #[error("`{uri}` changed {rounds} times while it was copied: wait until the upload has ended")]
    Unsettled {
        /// The folder.
        uri: String,
        /// How often it was read.
        rounds: u32,
    },
    /// Another copy is at work.
    #[error("another program is bringing weights to `{}`", .0.display())]
    Busy(PathBuf),
    /// A file could not be read or written.
    #[error("could not {action} `{}`: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// With which file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// The system's error on a file. For use in `map_err(file("write", path))`.
pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CopyError {
    let path = path.to_owned();
    move |source| CopyError::File { action, path, source }
}
