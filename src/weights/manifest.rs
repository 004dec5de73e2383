//! The manifest of a folder: it was written when every file was there, and names them.
//!
//! A folder without one is taken as it is, for whoever else brings models writes none. With one, a folder that lacks a
//! file, or has it in another size, is one that is being filled or was damaged: no engine is started on it.

use lisa_api::weights::{MANIFEST, Manifest};

use crate::bucket::{Bucket, Object};
use crate::retry::Stop;

/// A manifest is at most this large; one that is larger is none.
const LARGEST: u64 = 16 << 20;

/// Takes the manifest out of a listing: it is no file of the model.
pub(crate) fn take(objects: &mut Vec<Object>) -> Option<Object> {
    let at = objects.iter().position(|object| object.name == MANIFEST)?;
    Some(objects.remove(at)).filter(|object| object.size <= LARGEST)
}

/// The first file that the manifest names and the listing does not have in its size.
pub(crate) async fn lacks(
    bucket: &Bucket,
    manifest: &Object,
    objects: &[Object],
) -> Result<Option<String>, Stop> {
    let text = bucket.document(manifest).await?;
    let Ok(named) = serde_json::from_slice::<Manifest>(&text) else {
        tracing::warn!(key = manifest.key, "the manifest is not understood; the folder is taken as it is");
        return Ok(None);
    };
    // The listing is sorted by key, and so by name.
    let size = |name: &str| {
        let found = objects.binary_search_by(|object| object.name.as_str().cmp(name));
        found.ok().map(|at| objects[at].size)
    };
    Ok(named.lacks(size).map(str::to_owned))
}
