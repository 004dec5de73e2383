//! One archive with everything that a deployment needs: packages, images, the web page, templates, the schema.
//!
//! It is a plain tar whose first entry, `bundle.json`, lists every other one with its hash. The same contents give the
//! same bytes. Opening it checks each byte, and a path that is not listed is refused.

mod open;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::ContainerError;
use crate::layout::Layout;

pub use write::{Contents, Written, write};

/// The list, and the first entry.
pub const LIST: &str = "bundle.json";

/// Where the web page's files are.
pub const PAGE: &str = "page/";

/// The form of bundles; another one is not read.
const FORMAT: u32 = 1;

/// What a bundle holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    /// The form.
    format: u32,
    /// The version of lisa that made it.
    version: String,
    /// Packages and images.
    assets: Vec<Held>,
    /// Every file, by path.
    files: BTreeMap<String, Entry>,
}

/// A package or an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Held {
    kind: String,
    name: String,
    fingerprint: String,
    hash: String,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    sha256: String,
    size: u64,
}

/// A bundle that was opened: the workshop that takes things out of it.
#[derive(Debug)]
pub struct Bundle {
    directory: tempfile::TempDir,
    layout: Layout,
    list: List,
}

impl Bundle {
    /// The version of lisa that made it.
    pub fn version(&self) -> &str {
        &self.list.version
    }

    /// The directory of the web page's files, where it holds some.
    pub fn page(&self) -> Option<PathBuf> {
        let page = self.directory.path().join(PAGE);
        page.is_dir().then_some(page)
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    fn held(&self, kind: &str, name: &str) -> Option<&Held> {
        self.list.assets.iter().find(|held| held.kind == kind && held.name == name)
    }
}

fn malformed(path: &Path, fault: impl Into<String>) -> ContainerError {
    ContainerError::Format { path: path.to_owned(), expected: "a bundle of lisa", fault: fault.into() }
}

/// Where a package lies.
fn package(name: &str, fingerprint: &str) -> String {
    format!("assets/packages/{name}/{fingerprint}.zip")
}

/// Where the images lie, in the layout of the Open Container Initiative.
const IMAGES: &str = "assets/images/";
