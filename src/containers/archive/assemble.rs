//! How the parts of an archive belong together: one image's manifest, in either of the two forms.

use std::path::Path;

use lisa_deploy::assets::Architecture;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{BLOBS, Parts, malformed};
use crate::digest::Digest;
use crate::error::ContainerError;
use crate::layout::Layout;
use crate::oci::{ConfigFacts, DOCKER_CONFIG, DOCKER_MANIFEST, Descriptor, Index, Manifest};

/// Docker's own list of what an archive holds, `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

/// The archive's image.
pub(super) fn image(
    parts: &Parts,
    source: &Path,
    architecture: Architecture,
    layout: &Layout,
) -> Result<Descriptor, ContainerError> {
    let archive = Assembly { parts, source, architecture, layout };
    if let Some(index) = parts.texts.get("index.json") {
        return archive.of_index(&archive.json(index)?);
    }
    if let Some(manifest) = parts.texts.get("manifest.json") {
        return archive.of_saved(&archive.json::<Vec<Saved>>(manifest)?);
    }
    Err(malformed(source, "it has neither `index.json` nor `manifest.json`"))
}

struct Assembly<'a> {
    parts: &'a Parts,
    source: &'a Path,
    architecture: Architecture,
    layout: &'a Layout,
}

impl Assembly<'_> {
    fn json<T: DeserializeOwned>(&self, text: &[u8]) -> Result<T, ContainerError> {
        serde_json::from_slice(text).map_err(|error| malformed(self.source, error.to_string()))
    }

    /// An index may list indexes: those of an image for several platforms.
    fn of_index(&self, index: &Index) -> Result<Descriptor, ContainerError> {
        let wanted = self.architecture.of_images();
        let mut fitting: Vec<&Descriptor> =
            index.manifests.iter().filter(|entry| entry.is_index() || entry.runs_on(wanted)).collect();
        // One image under several tags.
        fitting.dedup_by(|one, other| one.digest == other.digest);
        match fitting[..] {
            [one] if one.is_index() => self.of_index(&self.layout.json(&one.digest)?),
            [one] => self.of_manifest(one),
            [] => Err(ContainerError::Platform {
                image: self.source.display().to_string(),
                found: platforms(index),
                wanted,
            }),
            [..] => Err(self.several(fitting.len())),
        }
    }

    fn of_manifest(&self, image: &Descriptor) -> Result<Descriptor, ContainerError> {
        let manifest: Manifest = self.layout.json(&image.digest)?;
        self.check(&manifest.config.digest)?;
        let layers = manifest.layers.iter().map(|layer| {
            let compressed = self.parts.layers.get(&format!("{BLOBS}{}", layer.digest.hex()));
            compressed.filter(|compressed| compressed.digest != layer.digest)
        });
        let layers: Vec<Option<&Descriptor>> = layers.collect();
        if layers.iter().all(Option::is_none) {
            self.layout.manifest(&image.digest)?;
            let media_type = image.media_type.as_str();
            let size = image.size;
            return Ok(Descriptor::new(media_type, image.digest.clone(), size));
        }
        let pairs = manifest.layers.iter().zip(layers);
        let layers = pairs.map(|(plain, compressed)| compressed.unwrap_or(plain).clone()).collect();
        self.docker(manifest.config.digest, manifest.config.size, layers)
    }

    fn of_saved(&self, saved: &[Saved]) -> Result<Descriptor, ContainerError> {
        let [image] = saved else { return Err(self.several(saved.len())) };
        let Some(config) = self.parts.texts.get(&image.config) else {
            return Err(self.missing(image, &image.config));
        };
        let config = self.layout.put(config, DOCKER_CONFIG)?;
        self.check(&config.digest)?;
        let layer = |path: &String| self.layer(path).cloned().ok_or_else(|| self.missing(image, path));
        let layers = image.layers.iter().map(layer).collect::<Result<Vec<_>, _>>()?;
        self.docker(config.digest, config.size, layers)
    }

    /// A layer, which may be a link to that of another image.
    fn layer(&self, path: &str) -> Option<&Descriptor> {
        self.parts.layers.get(path).or_else(|| self.parts.layers.get(self.parts.links.get(path)?))
    }

    fn docker(
        &self,
        config: Digest,
        size: u64,
        layers: Vec<Descriptor>,
    ) -> Result<Descriptor, ContainerError> {
        let manifest = Manifest::docker(Descriptor::new(DOCKER_CONFIG, config, size), layers);
        let text =
            serde_json::to_vec(&manifest).map_err(|error| malformed(self.source, error.to_string()))?;
        self.layout.put(&text, DOCKER_MANIFEST)
    }

    /// The configuration has the last word on what an image runs on.
    fn check(&self, config: &Digest) -> Result<(), ContainerError> {
        let found = self.layout.json::<ConfigFacts>(config)?.architecture;
        let wanted = self.architecture.of_images();
        if found.is_empty() || found == wanted {
            return Ok(());
        }
        Err(ContainerError::Platform { image: self.source.display().to_string(), found, wanted })
    }

    fn missing(&self, image: &Saved, what: &str) -> ContainerError {
        let tags = image.repo_tags.iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        let of = if tags.is_empty() { "its image".to_owned() } else { format!("`{tags}`") };
        malformed(self.source, format!("`{what}` of {of} is missing"))
    }

    fn several(&self, count: usize) -> ContainerError {
        malformed(self.source, format!("it holds {count} images; save the one that is meant"))
    }
}

/// The processors that an index names.
fn platforms(index: &Index) -> String {
    let named = index.manifests.iter().filter_map(|entry| entry.platform.as_ref());
    let named: Vec<&str> = named.map(|platform| platform.architecture.as_str()).collect();
    if named.is_empty() { "nothing".to_owned() } else { named.join(", ") }
}
