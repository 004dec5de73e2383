//! Files that are whole or absent, and the space that is left for them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use nix::sys::statvfs::statvfs;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{CopyError, file};

/// Replaces a document in one step. `lasting` writes it through to the disk.
pub(crate) fn replace(path: &Path, document: &impl Serialize, lasting: bool) -> Result<(), CopyError> {
    let next = path.with_extension("next");
    let write = || -> io::Result<()> {
        let mut there = File::create(&next)?;
        there.write_all(&serde_json::to_vec(document)?)?;
        if lasting {
            there.sync_all()?;
        }
        fs::rename(&next, path)
    };
    write().map_err(file("write", path))
}

/// Reads a document; none where it is missing, or of another version of this program.
pub(crate) fn document<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), CopyError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file("remove", path)(error)),
        _ => Ok(()),
    }
}

/// The size of a file; none where there is no file.
pub(crate) fn size(path: &Path) -> Option<u64> {
    let metadata = fs::symlink_metadata(path).ok()?;
    metadata.is_file().then_some(metadata.len())
}

/// Makes names that were given in a directory last.
pub(crate) fn settle(directory: &Path) -> Result<(), CopyError> {
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(file("write", directory))
}

/// Bytes that are free on the disk of a directory, for a program that is not root.
pub(crate) fn free(directory: &Path) -> Result<u64, CopyError> {
    let disk = statvfs(directory).map_err(|error| file("measure the disk of", directory)(error.into()))?;
    Ok(disk.blocks_available().saturating_mul(disk.fragment_size()))
}
