//! Images on disk, in the image layout of the Open Container Initiative: blobs by digest, and an index of names.
//!
//! Each image's entry says by annotations what it is called and which inputs it was made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;

use crate::digest::{Digest, Hashing};
use crate::error::ContainerError;
use crate::oci::{Descriptor, Index, MANIFEST_LIMIT, Manifest, OCI_INDEX};

/// The image's name among the assets.
const NAME: &str = "org.opencontainers.image.ref.name";
/// The hash of what went into it.
const INPUTS: &str = "lisa.inputs";

/// What says that a directory is a layout.
const MARKER: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// A directory of images. Clones speak of the same directory.
#[derive(Clone, Debug)]
pub struct Layout {
    directory: PathBuf,
    /// Held while the index is changed.
    index: Arc<Mutex<()>>,
}

impl Layout {
    /// Opens a layout, or makes an empty one.
    pub fn open(directory: &Path) -> Result<Self, ContainerError> {
        let blobs = directory.join("blobs/sha256");
        fs::create_dir_all(&blobs).map_err(ContainerError::write(&blobs))?;
        let layout = Self { directory: directory.to_owned(), index: Arc::default() };
        let marker = directory.join("oci-layout");
        if !marker.exists() {
            fs::write(&marker, MARKER).map_err(ContainerError::write(&marker))?;
        }
        if !layout.index_path().exists() {
            layout.write_index(&[])?;
        }
        Ok(layout)
    }

    /// Where a blob lies, or would.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.directory.join("blobs/sha256").join(digest.hex())
    }

    /// Whether a blob is there.
    pub fn has(&self, digest: &Digest) -> bool {
        self.path(digest).is_file()
    }

    /// A blob that is being written. It gets its name when it is complete.
    pub fn blob(&self) -> Result<NewBlob<'_>, ContainerError> {
        let directory = self.directory.join("blobs");
        let file = tempfile::NamedTempFile::new_in(&directory).map_err(ContainerError::write(&directory))?;
        Ok(NewBlob { layout: self, file: Hashing::new(file) })
    }

    /// Keeps a small blob.
    pub fn put(&self, bytes: &[u8], media_type: &str) -> Result<Descriptor, ContainerError> {
        let mut blob = self.blob()?;
        blob.write_all(bytes).map_err(ContainerError::write(&self.directory))?;
        let (digest, size) = blob.keep()?;
        Ok(Descriptor::new(media_type, digest, size))
    }

    /// A small blob's bytes.
    pub fn bytes(&self, digest: &Digest) -> Result<Vec<u8>, ContainerError> {
        let path = self.path(digest);
        let read = |file: File| {
            let mut bytes = Vec::new();
            file.take(MANIFEST_LIMIT).read_to_end(&mut bytes).map(|_| bytes)
        };
        File::open(&path).and_then(read).map_err(ContainerError::read(&path))
    }

    /// A small blob, read as JSON.
    pub fn json<T: DeserializeOwned>(&self, digest: &Digest) -> Result<T, ContainerError> {
        serde_json::from_slice(&self.bytes(digest)?).map_err(|error| self.malformed(error.to_string()))
    }

    /// The manifest of an image, all of whose blobs are there.
    pub fn manifest(&self, digest: &Digest) -> Result<Manifest, ContainerError> {
        let manifest: Manifest = self.json(digest)?;
        let missing = manifest.blobs().find(|blob| !self.has(&blob.digest)).map(|blob| blob.digest.clone());
        match missing {
            Some(digest) => Err(self.malformed(format!("the blob {digest} is missing"))),
            None => Ok(manifest),
        }
    }

    /// The image of this name that was made of these inputs, where it is there with everything.
    pub fn find(&self, name: &str, inputs: &str) -> Option<Descriptor> {
        let entries = self.entries().ok()?;
        let entry = entries.into_iter().find(|entry| is(entry, name, Some(inputs)))?;
        self.manifest(&entry.digest).ok().map(|_| entry)
    }

    /// Names an image, in the place of an earlier one of the same name.
    pub fn name(&self, name: &str, inputs: &str, mut image: Descriptor) -> Result<(), ContainerError> {
        image.annotations =
            [(NAME, name), (INPUTS, inputs)].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let _guard = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = self.entries()?;
        entries.retain(|entry| !is(entry, name, None));
        entries.push(image);
        entries.sort_by(|one, other| one.annotations.get(NAME).cmp(&other.annotations.get(NAME)));
        self.write_index(&entries)
    }

    /// The images, by name.
    pub fn images(&self) -> Result<BTreeMap<String, Descriptor>, ContainerError> {
        let named = |entry: Descriptor| Some((entry.annotations.get(NAME)?.clone(), entry));
        Ok(self.entries()?.into_iter().filter_map(named).collect())
    }

    /// Deletes the blobs that no named image has: those of replaced images, and of runs that were killed. Nobody may
    /// be writing.
    pub fn prune(&self) -> Result<(), ContainerError> {
        let mut kept = BTreeSet::new();
        for entry in self.entries()? {
            let manifest: Manifest = self.json(&entry.digest)?;
            kept.extend(manifest.blobs().map(|blob| self.path(&blob.digest)));
            kept.insert(self.path(&entry.digest));
        }
        for directory in [self.directory.join("blobs"), self.directory.join("blobs/sha256")] {
            for file in fs::read_dir(&directory).map_err(ContainerError::read(&directory))? {
                let path = file.map_err(ContainerError::read(&directory))?.path();
                if path.is_file() && !kept.contains(&path) {
                    fs::remove_file(&path).map_err(ContainerError::write(&path))?;
                }
            }
        }
        Ok(())
    }

    fn index_path(&self) -> PathBuf {
        self.directory.join("index.json")
    }

    fn entries(&self) -> Result<Vec<Descriptor>, ContainerError> {
        let path = self.index_path();
        let bytes = fs::read(&path).map_err(ContainerError::read(&path))?;
        let index: Index =
            serde_json::from_slice(&bytes).map_err(|error| self.malformed(error.to_string()))?;
        Ok(index.manifests)
    }

    fn write_index(&self, entries: &[Descriptor]) -> Result<(), ContainerError> {
        let path = self.index_path();
        let text = index_of(entries);
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
            file.write_all(text.as_bytes())?;
            file.persist(&path).map_err(|error| error.error)
        };
        write().map(drop).map_err(ContainerError::write(&path))
    }

    fn malformed(&self, fault: String) -> ContainerError {
        ContainerError::Format { path: self.directory.clone(), expected: "a layout of images", fault }
    }
}

/// The files of a layout with these images, but for the blobs.
pub(crate) fn files(images: &[Descriptor]) -> [(&'static str, String); 2] {
    [("oci-layout", MARKER.to_owned()), ("index.json", index_of(images))]
}

fn index_of(images: &[Descriptor]) -> String {
    let index = Index { schema_version: 2, media_type: OCI_INDEX.to_owned(), manifests: images.to_vec() };
    serde_json::json!(index).to_string()
}

fn is(entry: &Descriptor, name: &str, inputs: Option<&str>) -> bool {
    let has = |key: &str, value: &str| entry.annotations.get(key).is_some_and(|found| found == value);
    has(NAME, name) && inputs.is_none_or(|inputs| has(INPUTS, inputs))
}

/// A blob that is being written; it vanishes unless it is kept.
#[derive(Debug)]
pub struct NewBlob<'a> {
    layout: &'a Layout,
    file: Hashing<tempfile::NamedTempFile>,
}

impl NewBlob<'_> {
    /// Gives the blob its name; returns its digest and size.
    pub fn keep(self) -> Result<(Digest, u64), ContainerError> {
        let (mut file, digest, size) = self.file.finish();
        let path = self.layout.path(&digest);
        file.flush().map_err(ContainerError::write(&path))?;
        file.persist(&path).map_err(|error| ContainerError::write(&path)(error.error))?;
        Ok((digest, size))
    }

    /// Keeps the blob if it has this digest.
    pub fn keep_as(self, expected: &Digest) -> Result<u64, ContainerError> {
        let layout = self.layout;
        let (mut file, digest, size) = self.file.finish();
        if digest != *expected {
            return Err(layout.malformed(format!("a blob should be {expected} and is {digest}")));
        }
        let path = layout.path(&digest);
        file.flush().map_err(ContainerError::write(&path))?;
        file.persist(&path).map_err(|error| ContainerError::write(&path)(error.error))?;
        Ok(size)
    }
}

impl io::Write for NewBlob<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
