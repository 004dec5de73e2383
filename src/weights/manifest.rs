//! The manifest of a folder: it names every file, and says whether all are there.
//!
//! A folder without one is taken as it is, for whoever else brings models writes none. With one, a folder whose upload has
//! not ended, that lacks a file, or has it in another size, is being filled or was damaged: no engine is started on it.

use lisa_api::weights::{MANIFEST, Manifest};

use crate::bucket::{Bucket, Object};
use crate::error::CopyError;
use crate::retry::Stop;

/// A manifest is at most this large; one that is larger is none.
const LARGEST: u64 = 16 << 20;

/// Takes the manifest out of a listing: it is no file of the model.
pub(crate) fn take(objects: &mut Vec<Object>) -> Option<Object> {
    let at = objects.iter().position(|object| object.name == MANIFEST)?;
    Some(objects.remove(at)).filter(|object| object.size <= LARGEST)
}

/// Refuses a folder whose upload has not ended, or whose listing does not have every file in the size that the manifest
/// names.
pub(crate) async fn check(
    bucket: &Bucket,
    manifest: &Object,
    objects: &[Object],
    uri: &str,
) -> Result<(), Stop> {
    let text = bucket.document(manifest).await?;
    let Ok(named) = serde_json::from_slice::<Manifest>(&text) else {
        tracing::warn!(key = manifest.key, "the manifest is not understood; the folder is taken as it is");
        return Ok(());
    };
    // The listing is sorted by key, and so by name.
    let size = |name: &str| {
        let found = objects.binary_search_by(|object| object.name.as_str().cmp(name));
        found.ok().map(|at| objects[at].size)
    };
    let uri = uri.to_owned();
    match named.lacks(size) {
        Some(file) => Err(CopyError::Incomplete { uri, file: file.to_owned() }.into()),
        None if !named.complete => Err(CopyError::Unfinished(uri).into()),
        None => Ok(()),
    }
}
