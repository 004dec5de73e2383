//! Making a bundle.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use lisa_deploy::assets::Made;
use serde::Serialize;
use tar::{EntryType, Header};

use super::{Entry, FORMAT, Held, IMAGES, LIST, List, malformed, package};
use crate::context::hash_of_file;
use crate::digest::Digest;
use crate::error::ContainerError;
use crate::store::Store;

/// What goes into a bundle.
#[derive(Clone, Copy, Debug)]
pub struct Contents<'a> {
    /// Where packages and images are.
    pub store: &'a Store,
    /// Which of them.
    pub made: &'a [Made],
    /// Everything else, by path.
    pub files: &'a BTreeMap<String, Bytes>,
}

/// A bundle that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Where.
    pub file: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// How many files are in it.
    pub files: usize,
}

/// A file's bytes, or where they are.
enum Source {
    Bytes(Bytes),
    File(PathBuf),
}

/// Writes a bundle; the file appears when it is complete.
pub fn write(path: &Path, contents: &Contents<'_>) -> Result<Written, ContainerError> {
    let sources = sources(contents)?;
    let mut files = BTreeMap::new();
    for (name, source) in &sources {
        files.insert(name.clone(), source.entry()?);
    }
    let assets = contents.made.iter().map(held).collect();
    let list = List { format: FORMAT, version: env!("CARGO_PKG_VERSION").to_owned(), assets, files };
    let text = serde_json::to_vec_pretty(&list).map_err(|error| malformed(path, error.to_string()))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let unwritable = || ContainerError::write(path);
    fs::create_dir_all(parent).map_err(unwritable())?;
    let file = tempfile::NamedTempFile::new_in(parent).map_err(unwritable())?;
    let mut tar = tar::Builder::new(BufWriter::new(file));
    append(&mut tar, LIST, text.len() as u64, text.as_slice()).map_err(unwritable())?;
    for (name, source) in &sources {
        let size = list.files[name].size;
        source.append(&mut tar, name, size).map_err(unwritable())?;
    }
    let file =
        tar.into_inner().and_then(|writer| writer.into_inner().map_err(io::IntoInnerError::into_error));
    let file = file.map_err(unwritable())?;
    file.persist(path).map_err(|error| unwritable()(error.error))?;
    let size = fs::metadata(path).map_err(unwritable())?.len();
    Ok(Written { file: path.to_owned(), size, sha256: hash_of_file(path)?, files: sources.len() })
}

fn held(made: &Made) -> Held {
    Held {
        kind: made.kind.to_owned(),
        name: made.name.clone(),
        fingerprint: made.fingerprint.clone(),
        hash: made.hash.clone(),
    }
}

/// Every file but the list, by path.
fn sources(contents: &Contents<'_>) -> Result<BTreeMap<String, Source>, ContainerError> {
    let others = contents.files.iter().map(|(path, bytes)| (path.clone(), Source::Bytes(bytes.clone())));
    let mut sources: BTreeMap<String, Source> = others.collect();
    let layout = contents.store.layout();
    let named = layout.images()?;
    let mut images = Vec::new();
    for made in contents.made {
        if made.kind == "package" {
            let file = contents.store.package(&made.name, &made.fingerprint);
            sources.insert(package(&made.name, &made.fingerprint), Source::File(file));
            continue;
        }
        let image = named.get(&made.name).filter(|image| image.digest.hex() == made.hash);
        let Some(image) = image else {
            return Err(malformed(
                contents.store.directory(),
                format!("the image {} went missing", made.name),
            ));
        };
        let manifest = layout.manifest(&image.digest)?;
        for digest in manifest.blobs().map(|blob| &blob.digest).chain([&image.digest]) {
            sources.insert(blob(digest), Source::File(layout.path(digest)));
        }
        images.push(image.clone());
    }
    for (name, text) in crate::layout::files(&images) {
        sources.insert(format!("{IMAGES}{name}"), Source::Bytes(text.into()));
    }
    Ok(sources)
}

fn blob(digest: &Digest) -> String {
    format!("{IMAGES}blobs/sha256/{}", digest.hex())
}

impl Source {
    fn entry(&self) -> Result<Entry, ContainerError> {
        match self {
            Self::Bytes(bytes) => {
                Ok(Entry { sha256: Digest::of(bytes).hex().to_owned(), size: bytes.len() as u64 })
            }
            Self::File(path) => {
                let size = fs::metadata(path).map_err(ContainerError::read(path))?.len();
                Ok(Entry { sha256: hash_of_file(path)?, size })
            }
        }
    }

    fn append(&self, tar: &mut tar::Builder<impl Write>, name: &str, size: u64) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => append(tar, name, size, &**bytes),
            Self::File(path) => append(tar, name, size, File::open(path)?.take(size)),
        }
    }
}

/// Appends a file without owner and time.
fn append(tar: &mut tar::Builder<impl Write>, name: &str, size: u64, content: impl Read) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    tar.append_data(&mut header, name, content)
}
