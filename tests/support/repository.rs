//! Where things lie in the repository.

use std::path::{Path, PathBuf};

/// Turns a path relative to the repository's root into an absolute one.
pub fn path(relative: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(relative)
}
