//! Where what was made is kept: packages and images, each under the hash of what went into it.
//!
//! It lies in `lisa.out/assets` and may be deleted at any time: what the account has is asked of the account. What it
//! saves is building again what could not be sent, and what was made to be bundled. One run at a time uses it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::ContainerError;
use crate::layout::Layout;

/// A directory of packages and images.
#[derive(Debug)]
pub struct Store {
    directory: PathBuf,
    layout: Layout,
    /// Locked as long as the store is open.
    _lock: File,
}

impl Store {
    /// Opens a store, or makes an empty one. Waits for another run to be done with it.
    pub fn open(directory: &Path) -> Result<Self, ContainerError> {
        fs::create_dir_all(directory).map_err(ContainerError::write(directory))?;
        let path = directory.join("lock");
        let lock = File::create(&path).map_err(ContainerError::write(&path))?;
        lock.lock().map_err(ContainerError::write(&path))?;
        let layout = Layout::open(&directory.join("images"))?;
        Ok(Self { directory: directory.to_owned(), layout, _lock: lock })
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The images.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Where a package lies, or would.
    pub fn package(&self, name: &str, fingerprint: &str) -> PathBuf {
        self.directory.join("packages").join(name).join(format!("{fingerprint}.zip"))
    }

    /// Keeps a package, in the place of earlier ones of the same name.
    pub fn keep_package(
        &self,
        name: &str,
        fingerprint: &str,
        bytes: &[u8],
    ) -> Result<PathBuf, ContainerError> {
        let path = self.package(name, fingerprint);
        let directory = self.directory.join("packages").join(name);
        let write = || {
            if directory.exists() {
                fs::remove_dir_all(&directory)?;
            }
            fs::create_dir_all(&directory)?;
            let mut file = tempfile::NamedTempFile::new_in(&directory)?;
            file.write_all(bytes)?;
            file.persist(&path).map_err(|error| error.error)
        };
        write().map_err(ContainerError::write(&path))?;
        Ok(path)
    }
}
