//! Deletion of objects in bulk: by key, or everything that a bucket holds.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use lisa_deploy::ports::{Call, CallError, CallErrorKind};

use crate::error::{listed, sdk};

/// How many objects one call deletes.
/// Source: the API reference of `DeleteObjects`.
const MOST_DELETED: usize = 1000;

const DELETE: &str = "s3:DeleteObject";

/// Deletes objects by key.
pub(super) async fn keys(client: &Client, bucket: &str, keys: &[String]) -> Call<()> {
    for part in keys.chunks(MOST_DELETED) {
        let ids = part.iter().filter_map(|key| ObjectIdentifier::builder().key(key).build().ok());
        identified(client, bucket, ids.collect()).await?;
    }
    Ok(())
}

/// Deletes every version of every object, and every upload that was begun and not finished; returns how many.
pub(super) async fn everything(client: &Client, bucket: &str) -> Call<u64> {
    Ok(versions(client, bucket).await? + uploads(client, bucket).await?)
}

async fn versions(client: &Client, bucket: &str) -> Call<u64> {
    let mut count = 0;
    // What a page lists is gone with it, so that each page is the first of what is left.
    loop {
        let page = client.list_object_versions().bucket(bucket).send().await;
        let page = page.map_err(sdk("s3:ListBucketVersions"))?;
        let versions = page.versions().iter().map(|it| (it.key(), it.version_id()));
        let markers = page.delete_markers().iter().map(|it| (it.key(), it.version_id()));
        let ids = versions.chain(markers).filter_map(|(key, version)| {
            let version = version.map(str::to_owned);
            ObjectIdentifier::builder().key(key?).set_version_id(version).build().ok()
        });
        let ids: Vec<_> = ids.collect();
        if ids.is_empty() {
            return Ok(count);
        }
        count += ids.len() as u64;
        identified(client, bucket, ids).await?;
    }
}

async fn uploads(client: &Client, bucket: &str) -> Call<u64> {
    let mut count = 0;
    let mut pages = client.list_multipart_uploads().bucket(bucket).send().await;
    loop {
        let page = pages.map_err(sdk("s3:ListBucketMultipartUploads"))?;
        for upload in page.uploads() {
            let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else { continue };
            let answer = client.abort_multipart_upload().bucket(bucket).key(key).upload_id(id).send().await;
            match answer.map_err(sdk("s3:AbortMultipartUpload")) {
                Err(error) if error.kind != CallErrorKind::NotFound => return Err(error),
                _ => count += 1,
            }
        }
        let (Some(true), Some(key)) = (page.is_truncated(), page.next_key_marker()) else { return Ok(count) };
        let id = page.next_upload_id_marker().map(str::to_owned);
        let call = client.list_multipart_uploads().bucket(bucket).key_marker(key);
        pages = call.set_upload_id_marker(id).send().await;
    }
}

async fn identified(client: &Client, bucket: &str, ids: Vec<ObjectIdentifier>) -> Call<()> {
    let invalid = |error: &dyn std::fmt::Display| CallError {
        action: DELETE,
        kind: CallErrorKind::Invalid,
        code: String::new(),
        message: error.to_string(),
    };
    let delete = Delete::builder().set_objects(Some(ids)).quiet(true).build();
    let delete = delete.map_err(|error| invalid(&error))?;
    let answer = client.delete_objects().bucket(bucket).delete(delete).send().await.map_err(sdk(DELETE))?;
    match answer.errors().first() {
        None => Ok(()),
        Some(error) => {
            let key = error.key().unwrap_or_default();
            let message = format!("`{key}`: {}", error.message().unwrap_or_default());
            Err(listed(DELETE, error.code().unwrap_or_default(), &message))
        }
    }
}
