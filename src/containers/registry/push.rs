//! Images from a layout to a registry.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use lisa_deploy::assets::{AssetError, Destination, MadeImage, Tell};
use lisa_deploy::event::AssetStep;
use oci_client::Reference;
use oci_client::errors::OciDistributionError;
use tokio_util::io::ReaderStream;

use super::Remote;
use crate::digest::Digest;
use crate::error::ContainerError;
use crate::layout::Layout;
use crate::oci::{DOCKER_MANIFEST, Descriptor, OCI_MANIFEST};

/// Blobs that are sent at a time.
const AT_A_TIME: usize = 3;

/// Bytes that are read from a blob's file at a time.
const PIECE: usize = 128 * 1024;

/// Sends an asset's image from the layout that a workshop keeps it in. Returns the bytes that were sent.
pub(crate) async fn send(
    layout: &Layout,
    asset: &str,
    image: &MadeImage,
    destination: &Destination<'_>,
    tell: Tell<'_>,
) -> Result<u64, AssetError> {
    let Some(digest) = Digest::parse(&image.digest) else {
        return Err(AssetError::new(asset, format!("`{}` is no digest", image.digest), None));
    };
    let remote = Remote::with_login(destination.login);
    let sent = remote.push(layout, &digest, destination.repository, destination.tag, tell).await;
    sent.map_err(|error| error.of(asset))
}

impl Remote {
    /// Sends an image, but for the blobs that are there, and tags it. Returns the bytes of the blobs that were sent.
    pub async fn push(
        &self,
        layout: &Layout,
        image: &Digest,
        repository: &str,
        tag: &str,
        tell: Tell<'_>,
    ) -> Result<u64, ContainerError> {
        let manifest = layout.manifest(image)?;
        let target = self.tagged(repository, tag);
        self.client.store_auth_if_needed(target.resolve_registry(), &self.auth).await;
        let missing = self.missing(&target, manifest.blobs()).await?;
        let total = missing.iter().map(|blob| blob.size).sum();
        let sent = Arc::new(AtomicU64::new(0));
        let mut sending = Vec::new();
        for blob in missing {
            let progress = Progress { sent: Arc::clone(&sent), total };
            sending.push(self.send(layout, blob, &target, progress, tell));
        }
        stream::iter(sending).buffer_unordered(AT_A_TIME).try_collect::<Vec<()>>().await?;
        let media_type = match manifest.media_type.as_str() {
            DOCKER_MANIFEST => DOCKER_MANIFEST,
            _ => OCI_MANIFEST,
        };
        let bytes = layout.bytes(image)?;
        let action = format!("take the image {target}");
        self.attempt(&action, || {
            let media_type = http::HeaderValue::from_static(media_type);
            self.client.push_manifest_raw(&target, bytes.clone(), media_type)
        })
        .await?;
        Ok(total)
    }

    /// The blobs that the registry does not have, each once.
    async fn missing<'a>(
        &self,
        target: &Reference,
        blobs: impl Iterator<Item = &'a Descriptor>,
    ) -> Result<Vec<&'a Descriptor>, ContainerError> {
        let mut blobs: Vec<&Descriptor> = blobs.collect();
        blobs.sort_by(|one, other| one.digest.cmp(&other.digest));
        blobs.dedup_by(|one, other| one.digest == other.digest);
        let mut asked = Vec::new();
        for blob in &blobs {
            asked.push(self.has(target, &blob.digest));
        }
        let there = try_join_all(asked).await?;
        Ok(blobs.into_iter().zip(there).filter_map(|(blob, there)| (!there).then_some(blob)).collect())
    }

    async fn has(&self, target: &Reference, blob: &Digest) -> Result<bool, ContainerError> {
        let action = format!("say whether it has {blob}");
        self.attempt(&action, || self.client.blob_exists(target, blob.as_str())).await
    }

    async fn send(
        &self,
        layout: &Layout,
        blob: &Descriptor,
        target: &Reference,
        progress: Progress,
        tell: Tell<'_>,
    ) -> Result<(), ContainerError> {
        let path = layout.path(&blob.digest);
        let action = format!("take the blob {}", blob.digest);
        let call = || async {
            let file = tokio::fs::File::open(&path).await?;
            let progress = progress.clone();
            let pieces = ReaderStream::with_capacity(file, PIECE).map(move |piece| {
                let piece = piece.map_err(OciDistributionError::from)?;
                progress.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
                Ok(piece)
            });
            let size = Some(blob.size);
            self.client.push_blob_stream(target, pieces, blob.digest.as_str(), size).await
        };
        let sending = self.attempt(&action, call);
        tokio::pin!(sending);
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(100));
        loop {
            tokio::select! {
                sent = &mut sending => break sent.map(drop)?,
                _ = ticks.tick() => tell(progress.step()),
            }
        }
        tell(progress.step());
        Ok(())
    }
}

/// How much of an image's missing blobs is sent.
#[derive(Clone)]
struct Progress {
    sent: Arc<AtomicU64>,
    total: u64,
}

impl Progress {
    /// A blob that is sent again does not make more of the whole.
    fn step(&self) -> AssetStep {
        AssetStep::Sending { sent: self.sent.load(Ordering::Relaxed).min(self.total), total: self.total }
    }
}
