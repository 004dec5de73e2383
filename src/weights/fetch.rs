//! One object: its missing parts, then the check of the whole.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::bucket::Object;
use crate::checksum::Expected;
use crate::error::{CopyError, file};
use crate::part::Reading;
use crate::retry::Stop;
use crate::shelf::Shelf;

/// How often an object is brought again whose bytes are not those that S3 vouches for.
const ATTEMPTS: u32 = 3;

impl Reading<'_> {
    /// Brings an object to the shelf, checked. What has come of an object that changed meanwhile is removed.
    pub(crate) async fn fetch(&self, object: &Object, onto: &Shelf) -> Result<(), Stop> {
        let mut attempt = 1;
        loop {
            match self.attempt(object, onto).await {
                Err(Stop::Failed(error @ CopyError::Checksum { .. })) if attempt < ATTEMPTS => {
                    tracing::warn!(key = object.key, "{error}; it is brought again");
                    onto.forget(&object.key)?;
                    attempt += 1;
                }
                Err(stop @ (Stop::Changed | Stop::Failed(CopyError::Checksum { .. }))) => {
                    onto.forget(&object.key)?;
                    return Err(stop);
                }
                other => return other,
            }
        }
    }

    async fn attempt(&self, object: &Object, onto: &Shelf) -> Result<(), Stop> {
        let path = onto.gathering(&object.key);
        let (to, mut journal) = onto.gather(object)?;
        let to = Arc::new(to);
        let parts = stream::iter(journal.missing()).map(|(part, range)| {
            let (to, path) = (&to, &path);
            async move { self.part(object, range, to, path).await.map(|()| part) }
        });
        let mut parts = std::pin::pin!(parts.buffer_unordered(self.tuning.reads));
        while let Some(part) = parts.try_next().await? {
            onto.note(&mut journal, part)?;
        }
        self.check(object, &to, &path).await?;
        onto.vouch(&mut journal)?;
        tracing::debug!(key = object.key, bytes = object.size, "brought an object");
        Ok(())
    }

    /// Writes the file through to the disk and compares it with S3's checksum, where there is one.
    async fn check(&self, object: &Object, to: &Arc<File>, path: &Path) -> Result<(), Stop> {
        let head = self.bucket.head(object, None).await?;
        let mut expected = Expected::of(&head);
        let mut part = None;
        if let Some(count) = expected.as_ref().and_then(Expected::parts) {
            let first = self.bucket.head(object, Some(1)).await?;
            part = first.content_length().and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
            if part.is_none_or(|part| object.size.div_ceil(part) != count) {
                tracing::debug!(key = object.key, "was uploaded in parts of several sizes; not checked");
                expected = None;
            }
        }
        let (whole, size, algorithm) =
            (Arc::clone(to), object.size, expected.as_ref().map(|expected| expected.algorithm));
        let checked = tokio::task::spawn_blocking(move || {
            whole.sync_all()?;
            expected.map_or(Ok(true), |expected| expected.holds(&whole, size, part))
        });
        let checked = checked.await.map_err(std::io::Error::other).and_then(|checked| checked);
        match (checked.map_err(file("read", path))?, algorithm) {
            (false, Some(algorithm)) => {
                Err(CopyError::Checksum { key: object.key.clone(), algorithm: algorithm.as_str() }.into())
            }
            _ => Ok(()),
        }
    }
}
