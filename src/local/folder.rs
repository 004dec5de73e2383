//! The folder that everything is kept in: this user's alone, and one process's at a time.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// The file that a process holds while it uses the folder.
const LOCK: &str = "lock";

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The operating system refuses.
    #[error("could not use the folder `{path}`: {source}; `--data DIR` names another one", path = path.display())]
    System {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Another process uses it.
    #[error("another `lisa local` uses `{path}`; stop it, or give this one a folder of its own with `--data DIR`", path = path.display())]
    InUse {
        /// Which.
        path: PathBuf,
    },
    /// There is no home to put one into.
    #[error("there is no home directory to keep anything in; name a folder with `--data DIR`")]
    NoHome,
}

/// A folder that this process uses.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held as long as the value is there; the operating system lets go of it when the process ends, however it does.
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is not there, for this user alone, and takes it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let system = |source| FolderError::System { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(system)?;
        let path = fs::canonicalize(path).map_err(system)?;
        let lock = File::create(path.join(LOCK)).map_err(system)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(FolderError::InUse { path }),
            Err(fs::TryLockError::Error(source)) => Err(system(source)),
        }
    }

    /// Where it is, without links on the way.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where things are kept if nothing else is said: `$XDG_DATA_HOME/lisa`, or `~/.local/share/lisa`.
    pub fn usual() -> Result<PathBuf, FolderError> {
        let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || std::env::home_dir().map(|home| home.join(".local/share"));
        data.or_else(home).map(|data| data.join("lisa")).ok_or(FolderError::NoHome)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_is_this_users_alone_and_one_processs() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("a/b");
        let folder = Folder::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(matches!(Folder::open(&path), Err(FolderError::InUse { .. })));
        drop(folder);
        Folder::open(&path).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Folder::open(&file.path().join("data")).unwrap_err().to_string();
        assert!(error.contains("data") && error.contains("--data"), "{error}");
    }
}
