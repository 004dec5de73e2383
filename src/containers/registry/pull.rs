//! Images from a registry: what a reference means, and its blobs into a layout.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use lisa_deploy::assets::{Architecture, Tell};
use lisa_deploy::event::AssetStep;
use oci_client::Reference;

use super::Remote;
use super::attempt::is_absent;
use crate::digest::Digest;
use crate::error::ContainerError;
use crate::layout::Layout;
use crate::oci::{
    ConfigFacts, DOCKER_INDEX, DOCKER_MANIFEST, Descriptor, Index, MANIFEST_LIMIT, Manifest, OCI_INDEX,
    OCI_MANIFEST,
};

/// Blobs that are fetched at a time.
const AT_A_TIME: usize = 3;

/// An image in a registry.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its own manifest, not the index that lists it.
    pub descriptor: Descriptor,
    /// The manifest's bytes.
    pub bytes: Vec<u8>,
}

impl Remote {
    /// The image that a reference means on an architecture; `None` where there is none of this name. The reference's
    /// own registry must be this one.
    pub async fn find(
        &self,
        reference: &Reference,
        architecture: Architecture,
    ) -> Result<Option<Found>, ContainerError> {
        let Some(found) = self.manifest(reference).await? else { return Ok(None) };
        if !found.descriptor.is_index() {
            return Ok(Some(found));
        }
        let index: Index = self.json(reference, &found.bytes)?;
        let wanted = architecture.of_images();
        let Some(entry) =
            index.manifests.iter().find(|entry| entry.platform.is_some() && entry.runs_on(wanted))
        else {
            let named = index.manifests.iter().filter_map(|entry| entry.platform.as_ref());
            let named: Vec<&str> = named.map(|platform| platform.architecture.as_str()).collect();
            let (image, found) = (reference.to_string(), named.join(", "));
            return Err(ContainerError::Platform { image, found, wanted });
        };
        let digest = entry.digest.to_string();
        self.manifest(&reference.clone_with_digest(digest)).await
    }

    /// Whether a tag of a repository means an image with this digest.
    pub async fn has_tag(
        &self,
        repository: &str,
        tag: &str,
        digest: &Digest,
    ) -> Result<bool, ContainerError> {
        let found = self.manifest(&self.tagged(repository, tag)).await?;
        Ok(found.is_some_and(|found| found.descriptor.digest == *digest))
    }

    /// Fetches an image into a layout, but for the blobs that are there.
    pub async fn pull(
        &self,
        reference: &Reference,
        found: &Found,
        architecture: Architecture,
        layout: &Layout,
        tell: Tell<'_>,
    ) -> Result<Descriptor, ContainerError> {
        let manifest: Manifest = self.json(reference, &found.bytes)?;
        tell(AssetStep::Building(format!("fetching {reference}")));
        let mut fetched = Vec::new();
        for blob in manifest.blobs() {
            if !layout.has(&blob.digest) {
                fetched.push(self.fetch(reference, blob, layout));
            }
        }
        stream::iter(fetched).buffer_unordered(AT_A_TIME).try_collect::<Vec<()>>().await?;
        fits(reference, layout.json(&manifest.config.digest)?, architecture)?;
        layout.put(&found.bytes, &found.descriptor.media_type)
    }

    /// Whether an image runs on an architecture, by its configuration.
    pub async fn check(
        &self,
        reference: &Reference,
        found: &Found,
        architecture: Architecture,
    ) -> Result<(), ContainerError> {
        let manifest: Manifest = self.json(reference, &found.bytes)?;
        let config = &manifest.config.digest;
        let action = format!("give the blob {config}");
        let call = || async {
            let mut pieces = self.client.pull_blob_stream(reference, config.as_str()).await?;
            let mut text = Vec::new();
            while let Some(piece) = pieces.try_next().await? {
                text.extend_from_slice(&piece);
                if text.len() as u64 > MANIFEST_LIMIT {
                    break;
                }
            }
            Ok(text)
        };
        let text = self.attempt(&action, call).await?;
        fits(reference, self.json(reference, &text)?, architecture)
    }

    async fn manifest(&self, reference: &Reference) -> Result<Option<Found>, ContainerError> {
        let kinds = [DOCKER_MANIFEST, DOCKER_INDEX, OCI_MANIFEST, OCI_INDEX];
        let action = format!("show the image {reference}");
        let call = || async {
            match self.client.pull_manifest_raw(reference, &self.auth, &kinds).await {
                Err(error) if is_absent(&error) => Ok(None),
                answer => answer.map(Some),
            }
        };
        let Some((bytes, _)) = self.attempt(&action, call).await? else { return Ok(None) };
        let (bytes, digest) = (bytes.to_vec(), Digest::of(&bytes));
        let kind = self.kind(reference, &bytes)?;
        let descriptor = Descriptor::new(kind, digest, bytes.len() as u64);
        Ok(Some(Found { descriptor, bytes }))
    }

    /// Which of the four kinds of manifest this is; those of the initiative need not say.
    fn kind(&self, reference: &Reference, bytes: &[u8]) -> Result<&'static str, ContainerError> {
        let value: serde_json::Value = self.json(reference, bytes)?;
        Ok(match value["mediaType"].as_str() {
            Some(DOCKER_MANIFEST) => DOCKER_MANIFEST,
            Some(DOCKER_INDEX) => DOCKER_INDEX,
            _ if value.get("manifests").is_some() => OCI_INDEX,
            _ => OCI_MANIFEST,
        })
    }

    async fn fetch(
        &self,
        reference: &Reference,
        blob: &Descriptor,
        layout: &Layout,
    ) -> Result<(), ContainerError> {
        let action = format!("give the blob {}", blob.digest);
        let call = || async {
            use std::io::Write as _;
            let mut pieces = self.client.pull_blob_stream(reference, blob.digest.as_str()).await?;
            let mut file = layout.blob().map_err(std::io::Error::other)?;
            while let Some(piece) = pieces.try_next().await? {
                // A blob is written as fast as the page cache takes it.
                file.write_all(&piece)?;
            }
            file.keep_as(&blob.digest).map_err(std::io::Error::other)?;
            Ok(())
        };
        self.attempt(&action, call).await
    }

    fn json<T: serde::de::DeserializeOwned>(
        &self,
        reference: &Reference,
        bytes: &[u8],
    ) -> Result<T, ContainerError> {
        serde_json::from_slice(bytes).map_err(|error| ContainerError::Registry {
            host: self.host.clone(),
            action: format!("show the image {reference}"),
            fault: format!("its manifest is malformed: {error}"),
            transient: false,
        })
    }
}

/// Whether an image's configuration says that it runs on an architecture; one that says nothing is believed to.
fn fits(reference: &Reference, facts: ConfigFacts, architecture: Architecture) -> Result<(), ContainerError> {
    let wanted = architecture.of_images();
    if facts.architecture.is_empty() || facts.architecture == wanted {
        return Ok(());
    }
    Err(ContainerError::Platform { image: reference.to_string(), found: facts.architecture, wanted })
}
