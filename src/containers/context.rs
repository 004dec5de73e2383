//! The context of an image build: the files that the engine is sent, in a fixed order and form.
//!
//! Owners and times are left out, and of the permissions only whether a file can be executed is kept: another clone of
//! the same files has the same bytes and so the same hash.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use lisa_deploy::assets::Fingerprint;
use tar::{EntryType, Header};

use crate::digest::Hashing;
use crate::dockerignore::{self, Ignore};
use crate::error::ContainerError;

/// What the engine reads itself, whatever `.dockerignore` says.
const OWN: [&str; 2] = ["Dockerfile", ".dockerignore"];

/// The files of a context, by path.
#[derive(Clone, Debug)]
pub struct Context {
    directory: PathBuf,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// Relative, with `/` between its parts.
    path: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Directory,
    File { executable: bool },
    Link { target: String },
}

impl Context {
    /// Lists a directory, which must have a Dockerfile.
    pub fn read(directory: &Path) -> Result<Self, ContainerError> {
        let dockerfile = directory.join("Dockerfile");
        fs::metadata(&dockerfile).map_err(ContainerError::read(&dockerfile))?;
        let ignore = dockerignore::of_context(directory)?;
        let mut context = Self { directory: directory.to_owned(), entries: Vec::new() };
        context.walk("", &ignore)?;
        context.entries.sort();
        Ok(context)
    }

    /// Adds what lies in a directory of the context.
    fn walk(&mut self, parent: &str, ignore: &Ignore) -> Result<(), ContainerError> {
        let directory = self.directory.join(parent);
        let failed = || ContainerError::read(&directory);
        for entry in fs::read_dir(&directory).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| failed()(not_text(&name.to_string_lossy())))?;
            let path = if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") };
            let kind = entry.file_type().map_err(failed())?;
            let left_out = ignore.leaves_out(&path) && !OWN.contains(&path.as_str());
            if kind.is_dir() && (!left_out || ignore.takes_back()) {
                self.walk(&path, ignore)?;
            }
            if !left_out {
                let kind = self.kind(&path, kind)?;
                self.entries.extend(kind.map(|kind| Entry { path, kind }));
            }
        }
        Ok(())
    }

    /// What a path is; `None` for sockets and devices, which no engine takes.
    fn kind(&self, path: &str, kind: fs::FileType) -> Result<Option<Kind>, ContainerError> {
        let full = self.directory.join(path);
        if kind.is_dir() {
            return Ok(Some(Kind::Directory));
        }
        if kind.is_symlink() {
            let target = fs::read_link(&full).map_err(ContainerError::read(&full))?;
            let target = target.to_string_lossy().into_owned();
            return Ok(Some(Kind::Link { target }));
        }
        let mode = fs::metadata(&full).map_err(ContainerError::read(&full))?.permissions().mode();
        Ok(kind.is_file().then_some(Kind::File { executable: mode & 0o111 != 0 }))
    }

    /// With the hash of every file.
    pub fn fingerprint(&self, mut fingerprint: Fingerprint) -> Result<Fingerprint, ContainerError> {
        for Entry { path, kind } in &self.entries {
            let file = self.directory.join(path);
            fingerprint = fingerprint.part("path", path.as_bytes());
            fingerprint = match kind {
                Kind::Directory => fingerprint.part("directory", &[]),
                Kind::Link { target } => fingerprint.part("link", target.as_bytes()),
                Kind::File { executable } => fingerprint
                    .part("executable", &[u8::from(*executable)])
                    .part("file", hash_of_file(&file)?.as_bytes()),
            };
        }
        Ok(fingerprint)
    }

    /// Writes the files as a tar.
    pub fn write(&self, writer: impl Write) -> Result<(), ContainerError> {
        let mut tar = tar::Builder::new(writer);
        for entry in &self.entries {
            let path = self.directory.join(&entry.path);
            self.append(&mut tar, entry).map_err(ContainerError::read(&path))?;
        }
        let finished = tar.into_inner().and_then(|mut writer| writer.flush());
        finished.map_err(ContainerError::read(&self.directory))
    }

    fn append(&self, tar: &mut tar::Builder<impl Write>, entry: &Entry) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(0);
        match &entry.kind {
            Kind::Directory => {
                header.set_entry_type(EntryType::Directory);
                header.set_mode(0o755);
                tar.append_data(&mut header, format!("{}/", entry.path), io::empty())
            }
            Kind::Link { target } => {
                header.set_entry_type(EntryType::Symlink);
                header.set_mode(0o777);
                tar.append_link(&mut header, &entry.path, target)
            }
            Kind::File { executable } => {
                let file = File::open(self.directory.join(&entry.path))?;
                let size = file.metadata()?.len();
                header.set_mode(if *executable { 0o755 } else { 0o644 });
                header.set_size(size);
                // A file that grows meanwhile would end in the middle of the next one's header.
                tar.append_data(&mut header, &entry.path, file.take(size))
            }
        }
    }
}

/// The hash of a file's bytes.
pub(crate) fn hash_of_file(path: &Path) -> Result<String, ContainerError> {
    let mut hash = Hashing::new(io::sink());
    let copied = File::open(path).and_then(|mut file| io::copy(&mut file, &mut hash));
    copied.map_err(ContainerError::read(path))?;
    let (_, digest, _) = hash.finish();
    Ok(digest.hex().to_owned())
}

fn not_text(name: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the name `{name}` in it is not UTF-8 text"))
}
