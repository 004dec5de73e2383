//! A model's folder on this machine: its files, and what is known of a download into it.
//!
//! ```text
//! models/<name>/.lisa-stage/record.json     what was downloaded, from where, and whether that is all
//! models/<name>/.lisa-stage/<hash>.part     a file that is on its way
//! ```
//!
//! A folder without a record is somebody's own: it is taken as it is, and the hub is not asked.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{StageError, file};
use crate::hub::{Remote, is_relative};

/// The folder of a download.
const HIDDEN: &str = ".lisa-stage";

/// Bytes that are read at once.
const BUFFER: usize = 1 << 20;

/// What was downloaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The branch, tag or commit that was asked for.
    pub(crate) revision: String,
    /// The commit.
    pub(crate) commit: String,
    /// Path to what changes with the content, of every file that is whole.
    pub(crate) files: BTreeMap<String, String>,
    /// Whether that is all.
    pub(crate) complete: bool,
}

/// A model's folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// Refuses a name that leads elsewhere than below a folder.
///
/// # Errors
///
/// Such as `../x`, `/x`, `x//y`.
pub fn check_name(model: &str) -> Result<(), StageError> {
    let is_plain =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let is_good = is_relative(model) && model.split('/').all(is_plain) && !model.starts_with('.');
    if is_good { Ok(()) } else { Err(StageError::Name(model.to_owned())) }
}

impl Folder {
    /// The folder of a model below the folder of models.
    pub(crate) fn of(models: &Path, model: &str) -> Result<Self, StageError> {
        check_name(model)?;
        Ok(Self { root: models.join(model) })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Makes it where it is not there.
    pub(crate) fn make(&self) -> Result<(), StageError> {
        fs::create_dir_all(&self.root).map_err(file("make", &self.root))
    }

    /// Makes the folder of downloads in it.
    pub(crate) fn make_hidden(&self) -> Result<(), StageError> {
        let hidden = self.root.join(HIDDEN);
        fs::create_dir_all(&hidden).map_err(file("make", &hidden))
    }

    /// Takes it for this run alone, until what is returned is dropped or the process is gone; nothing where the disk knows
    /// no locks.
    pub(crate) fn take(&self) -> Result<Option<File>, StageError> {
        let own = File::open(&self.root).map_err(file("open", &self.root))?;
        match own.try_lock() {
            Ok(()) => Ok(Some(own)),
            Err(TryLockError::WouldBlock) => Err(StageError::Busy(self.root.clone())),
            Err(TryLockError::Error(_)) => Ok(None),
        }
    }

    /// What was downloaded; none where nothing was.
    pub(crate) fn record(&self) -> Option<Record> {
        let text = fs::read(self.root.join(HIDDEN).join("record.json")).ok()?;
        // A record that is not understood is one of nothing.
        Some(serde_json::from_slice(&text).unwrap_or_default())
    }

    pub(crate) fn keep(&self, record: &Record) -> Result<(), StageError> {
        let path = self.root.join(HIDDEN).join("record.json");
        let text = serde_json::to_vec(record).map_err(|error| file("write", &path)(error.into()))?;
        replace(&path, &text)
    }

    /// Removes a file, if it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<(), StageError> {
        let path = self.place(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    /// Where a file's bytes are gathered: another content has another place.
    pub(crate) fn gathering(&self, remote: &Remote) -> PathBuf {
        let digest = Sha256::digest(format!("{}\n{}", remote.name, remote.identity));
        self.root.join(HIDDEN).join(format!("{}.part", hex(&digest[..16])))
    }

    /// Every file, by its path below the folder; hidden ones are nobody's concern.
    pub(crate) fn files(&self) -> Result<BTreeMap<String, u64>, StageError> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries.map_err(file("list", &folder))?,
            };
            for entry in entries {
                let path = entry.map_err(file("list", &folder))?.path();
                // Links are followed: caches of hubs are made of them.
                let metadata = fs::metadata(&path).map_err(file("read", &path))?;
                let name = path.strip_prefix(&self.root).ok().and_then(Path::to_str).unwrap_or_default();
                let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
                if is_hidden || name.is_empty() {
                    continue;
                }
                if metadata.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(name.to_owned(), metadata.len());
                }
            }
        }
        Ok(files)
    }

    /// Refuses to begin what does not fit on the disk.
    pub(crate) fn fits(&self, needed: u64) -> Result<(), StageError> {
        let there = self.root.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
        let disk = statvfs(there).map_err(|error| file("measure the disk of", there)(error.into()))?;
        let free = disk.blocks_available().saturating_mul(disk.fragment_size());
        if needed <= free { Ok(()) } else { Err(StageError::Space { path: there.to_owned(), needed, free }) }
    }
}

/// Writes a file that is whole or as it was before: hidden until it is complete, and no file of the model till then.
pub(crate) fn replace(path: &Path, text: &[u8]) -> Result<(), StageError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let next = path.with_file_name(format!(".{name}.next"));
    let written = || -> io::Result<()> {
        let mut to = File::create(&next)?;
        to.write_all(text)?;
        to.sync_all()?;
        fs::rename(&next, path)
    };
    written().map_err(file("write", path))
}

/// The SHA-256 of a file in hexadecimal; `read` is told of bytes as they are read.
pub(crate) fn sha256(path: &Path, read: &dyn Fn(u64)) -> Result<String, StageError> {
    use std::io::Read as _;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    let mut from = File::open(path).map_err(file("read", path))?;
    loop {
        let count = from.read(&mut buffer).map_err(file("read", path))?;
        if count == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(&buffer[..count]);
        read(count as u64);
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A string takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_their_folder() {
        for name in ["gpt2", "mistralai/Mistral-7B-Instruct-v0.2", "a/b_c.d"] {
            check_name(name).unwrap();
        }
        for name in ["", "..", "../x", "a/../../x", "/etc", "a//b", "a/", ".hidden", "a b", "a\\b"] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_disk_that_is_too_small_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::of(directory.path(), "org/model").unwrap();
        folder.fits(1).unwrap();
        let error = folder.fits(1 << 60).unwrap_err();
        assert!(matches!(error, StageError::Space { needed, .. } if needed == 1 << 60), "{error}");
    }
}
