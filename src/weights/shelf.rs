//! The hidden folder beside the weights: parts of objects, what is known of each, and the record of what is in place.
//!
//! ```text
//! .lisa-weights/lock                  held while a copy is at work
//! .lisa-weights/state.json            what is in place, and whether it is a whole set
//! .lisa-weights/parts/<hash>.json     which parts of an object are there
//! .lisa-weights/parts/<hash>.part     its bytes, until the object gets its name
//! ```
//!
//! Of an object that is not in place the file is made before its journal and removed after it. So a journal that says
//! that all is well and has no file beside it tells that the file was renamed into place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::bucket::Object;
use crate::error::{CopyError, file};
use crate::files;

/// The folder's name. No object may be called so.
pub const HIDDEN: &str = ".lisa-weights";

/// What a killed program has written is still there after it, but not surely after the host itself went down.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// The content of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) etag: String,
    pub(crate) size: u64,
}

impl From<&Object> for Version {
    fn from(object: &Object) -> Self {
        Self { etag: object.etag.clone(), size: object.size }
    }
}

/// What is in place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Where it is from.
    pub(crate) source: String,
    /// Whether it is a whole set.
    pub(crate) complete: bool,
    /// Path to content, of every file that is ours; none where a change was under way.
    pub(crate) files: BTreeMap<String, Option<Version>>,
}

/// What is known of an object that is not in place yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    pub(crate) key: String,
    pub(crate) version: Version,
    /// Bytes of a part.
    part: u64,
    /// Since which start of the host.
    boot: String,
    /// Parts that are there.
    done: BTreeSet<u64>,
    /// Whether the whole was checked.
    pub(crate) checked: bool,
}

impl Journal {
    /// The parts that are missing, as ranges of bytes.
    pub(crate) fn missing(&self) -> Vec<(u64, std::ops::Range<u64>)> {
        let count = self.version.size.div_ceil(self.part);
        let range = |part: u64| part * self.part..((part + 1) * self.part).min(self.version.size);
        (0..count).filter(|part| !self.done.contains(part)).map(|part| (part, range(part))).collect()
    }

    /// Bytes that are missing.
    pub(crate) fn wanted(&self) -> u64 {
        self.missing().into_iter().map(|(_, range)| range.end - range.start).sum()
    }
}

/// The hidden folder, held by one program at a time.
#[derive(Debug)]
pub struct Shelf {
    root: PathBuf,
    part: u64,
    boot: String,
    /// Held as long as this value lives.
    _lock: File,
}

impl Shelf {
    /// Makes or opens the folder of a directory of weights. `part` is the size of parts in bytes.
    pub fn open(root: &Path, part: u64) -> Result<Self, CopyError> {
        let hidden = root.join(HIDDEN);
        fs::create_dir_all(hidden.join("parts")).map_err(file("make", &hidden))?;
        let path = hidden.join("lock");
        let lock = File::create(&path).map_err(file("write", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(CopyError::Busy(root.to_owned())),
            Err(TryLockError::Error(error)) => return Err(file("lock", &path)(error)),
        }
        let boot = fs::read_to_string(BOOT).unwrap_or_default().trim().to_owned();
        Ok(Self { root: root.to_owned(), part, boot, _lock: lock })
    }

    /// The directory of the weights.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where an object's file has its place in the end.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Where an object's bytes are gathered.
    pub(crate) fn gathering(&self, key: &str) -> PathBuf {
        self.parts().join(format!("{}.part", hash(key)))
    }

    fn journal_path(&self, key: &str) -> PathBuf {
        self.parts().join(format!("{}.json", hash(key)))
    }

    fn parts(&self) -> PathBuf {
        self.root.join(HIDDEN).join("parts")
    }

    /// What is in place.
    pub(crate) fn state(&self) -> State {
        files::document(&self.state_path()).unwrap_or_default()
    }

    pub(crate) fn keep_state(&self, state: &State) -> Result<(), CopyError> {
        files::replace(&self.state_path(), state, true)?;
        files::settle(&self.root.join(HIDDEN))
    }

    fn state_path(&self) -> PathBuf {
        self.root.join(HIDDEN).join("state.json")
    }

    /// What is known of an object in the content that it has now.
    pub(crate) fn journal(&self, object: &Object) -> Option<Journal> {
        let journal: Journal = files::document(&self.journal_path(&object.key))?;
        let version = Version::from(object);
        let is_its = journal.key == object.key && journal.version == version;
        let is_ours = journal.part == self.part && journal.boot == self.boot;
        let gathered = files::size(&self.gathering(&object.key));
        let is_there = gathered == Some(object.size) || (gathered.is_none() && journal.checked);
        (is_its && (is_ours || journal.checked) && is_there).then_some(journal)
    }

    /// The file that an object's bytes go to, and which of them are there.
    pub(crate) fn gather(&self, object: &Object) -> Result<(File, Journal), CopyError> {
        let path = self.gathering(&object.key);
        if let Some(journal) = self.journal(object).filter(|journal| !journal.checked) {
            let opened = File::options().read(true).write(true).open(&path).map_err(file("write", &path))?;
            return Ok((opened, journal));
        }
        self.forget(&object.key)?;
        let mut options = File::options();
        let made = options.read(true).write(true).create_new(true).open(&path);
        let made = made.and_then(|made| made.set_len(object.size).map(|()| made));
        let journal = Journal {
            key: object.key.clone(),
            version: object.into(),
            part: self.part,
            boot: self.boot.clone(),
            done: BTreeSet::new(),
            checked: false,
        };
        self.keep(&journal, false)?;
        Ok((made.map_err(file("write", &path))?, journal))
    }

    /// Notes that a part is there.
    pub(crate) fn note(&self, journal: &mut Journal, part: u64) -> Result<(), CopyError> {
        journal.done.insert(part);
        self.keep(journal, false)
    }

    /// Notes that the whole was checked and is on the disk.
    pub(crate) fn vouch(&self, journal: &mut Journal) -> Result<(), CopyError> {
        journal.checked = true;
        self.keep(journal, true)
    }

    fn keep(&self, journal: &Journal, lasting: bool) -> Result<(), CopyError> {
        files::replace(&self.journal_path(&journal.key), journal, lasting)
    }

    /// Removes what is there of an object that has no place yet.
    pub(crate) fn forget(&self, key: &str) -> Result<(), CopyError> {
        files::remove(&self.journal_path(key))?;
        files::remove(&self.gathering(key))
    }

    /// Removes what is there of objects that are not wanted.
    pub(crate) fn sweep(&self, wanted: &BTreeSet<&str>) -> Result<(), CopyError> {
        let wanted: BTreeSet<String> = wanted.iter().map(|key| hash(key)).collect();
        let parts = self.parts();
        let mut stale = Vec::new();
        for entry in fs::read_dir(&parts).map_err(file("list", &parts))? {
            let path = entry.map_err(file("list", &parts))?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if !wanted.contains(stem) {
                stale.push(path);
            }
        }
        // Journals go before files, and `json` sorts before `part`.
        stale.sort();
        stale.iter().try_for_each(|path| files::remove(path))
    }
}

/// A name for an object of any key.
fn hash(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
