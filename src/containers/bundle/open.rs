//! Opening a bundle, and the workshop that takes things out of it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path};

use async_trait::async_trait;
use lisa_deploy::assets::{AssetError, Destination, MadeImage, MadePackage, Tell, Wanted, Workshop};
use lisa_deploy::ports::objects::Body;
use lisa_stacks::Asset;
use tar::Archive;

use super::{Bundle, FORMAT, Held, IMAGES, LIST, List, malformed, package};
use crate::digest::Hashing;
use crate::error::ContainerError;
use crate::layout::Layout;
use crate::oci::MANIFEST_LIMIT;
use crate::registry;

impl Bundle {
    /// Takes a bundle apart into a directory below `into`, which goes when the bundle is dropped.
    pub fn open(path: &Path, into: &Path) -> Result<Self, ContainerError> {
        let file = File::open(path).map_err(ContainerError::read(path))?;
        fs::create_dir_all(into).map_err(ContainerError::write(into))?;
        let directory = tempfile::Builder::new().prefix("bundle-").tempdir_in(into);
        let directory = directory.map_err(ContainerError::write(into))?;
        let mut archive = Archive::new(BufReader::with_capacity(256 * 1024, file));
        let list = unpack(&mut archive, path, directory.path())?;
        let layout = Layout::open(&directory.path().join(IMAGES))?;
        Ok(Self { directory, layout, list })
    }

    fn find(&self, wanted: &Wanted) -> Result<&Held, AssetError> {
        let kind = match wanted.asset {
            Asset::Package { .. } => "package",
            Asset::Image { .. } => "image",
        };
        self.held(kind, wanted.name()).ok_or_else(|| {
            let help = "Make the bundle again, with `lisa bundle` and this configuration.";
            AssetError::new(wanted.name(), format!("the bundle holds no such {kind}"), Some(help))
        })
    }
}

/// Writes every file that the list names to `directory`, checked.
fn unpack(archive: &mut Archive<impl Read>, path: &Path, directory: &Path) -> Result<List, ContainerError> {
    let damaged = |error: io::Error| malformed(path, error.to_string());
    let mut entries = archive.entries().map_err(damaged)?;
    let mut first = entries.next().ok_or_else(|| malformed(path, "it is empty"))?.map_err(damaged)?;
    if first.path().map_err(damaged)?.as_ref() != Path::new(LIST) {
        return Err(malformed(path, format!("it does not begin with `{LIST}`")));
    }
    let mut text = Vec::new();
    first.by_ref().take(MANIFEST_LIMIT).read_to_end(&mut text).map_err(damaged)?;
    let list: List = serde_json::from_slice(&text).map_err(|error| malformed(path, error.to_string()))?;
    if list.format != FORMAT {
        return Err(malformed(path, format!("it has the form {}; this lisa reads {FORMAT}", list.format)));
    }
    let mut missing: BTreeSet<&String> = list.files.keys().collect();
    for entry in entries {
        let mut entry = entry.map_err(damaged)?;
        let name = entry.path().map_err(damaged)?.to_string_lossy().into_owned();
        let Some(expected) = list.files.get(&name).filter(|_| is_plain(&name) && missing.remove(&name))
        else {
            return Err(malformed(path, format!("`{name}` is not in its list")));
        };
        let target = directory.join(&name);
        let unwritable = || ContainerError::write(&target);
        fs::create_dir_all(target.parent().unwrap_or(directory)).map_err(unwritable())?;
        let mut file = Hashing::new(File::create(&target).map_err(unwritable())?);
        io::copy(&mut entry, &mut file).map_err(unwritable())?;
        let (_, digest, size) = file.finish();
        if (digest.hex(), size) != (expected.sha256.as_str(), expected.size) {
            return Err(malformed(path, format!("`{name}` is damaged")));
        }
    }
    match missing.first() {
        Some(name) => Err(malformed(path, format!("`{name}` is missing"))),
        None => Ok(list),
    }
}

/// Whether a path stays below where it is joined to.
fn is_plain(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[async_trait]
impl Workshop for Bundle {
    async fn fingerprint(&self, wanted: &Wanted) -> Result<String, AssetError> {
        self.find(wanted).map(|held| held.fingerprint.clone())
    }

    async fn package(&self, wanted: &Wanted, fingerprint: &str) -> Result<MadePackage, AssetError> {
        let path = self.path(&package(wanted.name(), fingerprint));
        let facts =
            fs::metadata(&path).map_err(|error| ContainerError::read(&path)(error).of(wanted.name()))?;
        Ok(MadePackage { size: facts.len(), body: Body::File(path), built: false })
    }

    async fn image(&self, wanted: &Wanted, _: &str, _: Tell<'_>) -> Result<MadeImage, AssetError> {
        self.find(wanted).map(|held| MadeImage { digest: format!("sha256:{}", held.hash), built: false })
    }

    async fn push(
        &self,
        wanted: &Wanted,
        image: &MadeImage,
        destination: &Destination<'_>,
        tell: Tell<'_>,
    ) -> Result<u64, AssetError> {
        registry::send(&self.layout, wanted.name(), image, destination, tell).await
    }
}
