//! Storing an object: in one request, or in parts side by side where it is large.

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder as Override;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lisa_deploy::ports::objects::{Body, NewObject};
use lisa_deploy::ports::{Call, CallError, CallErrorKind};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::error::{incomplete, sdk};

/// An object up to this size goes in one request, and a larger one in parts of it. S3 takes parts from 5 MiB on.
const PART: u64 = 8 << 20;

/// How many parts S3 takes: those of an object of more than 78 GiB are larger.
const PARTS: u64 = 10_000;

/// How many parts of an object are under way at once, each in memory: enough for a fast line.
const SIDE_BY_SIDE: usize = 4;

/// How often one part is tried. The engine would begin the whole object again.
const TRIES: u32 = 4;

/// The pause before the second try of a part; it doubles.
const PAUSE: Duration = Duration::from_millis(500);

/// A part of 8 MiB takes this long on a line of 250 kbit/s.
const PART_LIMIT: Duration = Duration::from_mins(5);

const PUT: &str = "s3:PutObject";

/// An upload in parts that is under way.
struct Upload<'a> {
    client: &'a Client,
    object: &'a NewObject,
    id: &'a str,
}

/// Stores an object.
pub(super) async fn put(client: &Client, object: &NewObject, sent: &(dyn Fn(u64) + Send + Sync)) -> Call<()> {
    let size = match &object.body {
        Body::Bytes(bytes) => bytes.len() as u64,
        Body::File(path) => tokio::fs::metadata(path).await.map_err(|error| unreadable(path, &error))?.len(),
    };
    if size > PART {
        return in_parts(client, object, size, sent).await;
    }
    let body = read(&object.body, 0, size).await?;
    let call = client
        .put_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .content_type(&object.content_type)
        .set_content_encoding(object.content_encoding.clone())
        .set_cache_control(object.cache_control.clone())
        .set_metadata(Some(object.metadata.clone().into_iter().collect()))
        .body(body.into());
    call.customize().config_override(patient()).send().await.map_err(sdk(PUT))?;
    sent(size);
    Ok(())
}

async fn in_parts(
    client: &Client,
    object: &NewObject,
    size: u64,
    sent: &(dyn Fn(u64) + Send + Sync),
) -> Call<()> {
    let call = client
        .create_multipart_upload()
        .bucket(&object.bucket)
        .key(&object.key)
        .content_type(&object.content_type)
        .set_content_encoding(object.content_encoding.clone())
        .set_cache_control(object.cache_control.clone())
        .set_metadata(Some(object.metadata.clone().into_iter().collect()))
        .checksum_algorithm(ChecksumAlgorithm::Crc32);
    let begun = call.send().await.map_err(sdk(PUT))?;
    let id = begun.upload_id().ok_or_else(|| incomplete(PUT, "upload id"))?;
    let upload = Upload { client, object, id };
    let result = upload.finish(size, sent).await;
    if result.is_err() {
        // Parts that stay behind are paid for; the bucket's own rule removes them where this fails too.
        let call = client.abort_multipart_upload().bucket(&object.bucket).key(&object.key).upload_id(id);
        let _ = call.send().await;
    }
    result
}

impl Upload<'_> {
    async fn finish(&self, size: u64, sent: &(dyn Fn(u64) + Send + Sync)) -> Call<()> {
        let whole = PART.max(size.div_ceil(PARTS));
        let parts = (0..size.div_ceil(whole)).map(|index| async move {
            let (start, length) = (index * whole, whole.min(size - index * whole));
            let part = self.part(index, start, length).await?;
            sent(length);
            Ok::<_, CallError>(part)
        });
        let parts: Vec<_> = stream::iter(parts).buffered(SIDE_BY_SIDE).try_collect().await?;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let call = self.client.complete_multipart_upload().bucket(&self.object.bucket).key(&self.object.key);
        call.upload_id(self.id).multipart_upload(parts).send().await.map_err(sdk(PUT))?;
        Ok(())
    }

    async fn part(&self, index: u64, start: u64, length: u64) -> Call<CompletedPart> {
        let number = i32::try_from(index + 1).map_err(|error| invalid(&error))?;
        let mut pause = PAUSE;
        for attempt in 1.. {
            match self.try_part(number, start, length).await {
                Err(error) if error.kind.is_transient() && attempt < TRIES => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                answer => return answer,
            }
        }
        Err(incomplete(PUT, "part"))
    }

    async fn try_part(&self, number: i32, start: u64, length: u64) -> Call<CompletedPart> {
        let body = read(&self.object.body, start, length).await?;
        let call = self.client.upload_part().bucket(&self.object.bucket).key(&self.object.key);
        let call = call.upload_id(self.id).part_number(number).checksum_algorithm(ChecksumAlgorithm::Crc32);
        let answer = call.body(body.into()).customize().config_override(patient()).send().await;
        let answer = answer.map_err(sdk(PUT))?;
        let part = CompletedPart::builder().part_number(number).set_e_tag(answer.e_tag);
        Ok(part.set_checksum_crc32(answer.checksum_crc32).build())
    }
}

/// Requests that carry bytes may take as long as a slow line needs.
fn patient() -> Override {
    Override::new().timeout_config(TimeoutConfig::builder().operation_attempt_timeout(PART_LIMIT).build())
}

async fn read(body: &Body, start: u64, length: u64) -> Call<Bytes> {
    match body {
        Body::Bytes(bytes) => {
            let [start, end] = [start, start + length].map(usize::try_from);
            let (Ok(start), Ok(end)) = (start, end) else {
                return Err(invalid(&"too large for this machine"));
            };
            Ok(bytes.slice(start..end))
        }
        Body::File(path) => read_file(path, start, length).await.map_err(|error| unreadable(path, &error)),
    }
}

async fn read_file(path: &Path, start: u64, length: u64) -> std::io::Result<Bytes> {
    let mut file = File::open(path).await?;
    file.seek(std::io::SeekFrom::Start(start)).await?;
    let mut bytes = Vec::new();
    let count = file.take(length).read_to_end(&mut bytes).await?;
    if count as u64 != length {
        return Err(std::io::Error::other("it became shorter while it was read"));
    }
    Ok(bytes.into())
}

fn unreadable(path: &Path, error: &std::io::Error) -> CallError {
    invalid(&format!("`{}` cannot be read: {error}", path.display()))
}

fn invalid(why: &dyn Display) -> CallError {
    let (kind, message) = (CallErrorKind::Invalid, why.to_string());
    CallError { action: PUT, kind, code: "InvalidObject".to_owned(), message }
}

/// The answer's body broke off.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
pub(super) fn broken(error: aws_sdk_s3::primitives::ByteStreamError) -> CallError {
    let (kind, message) = (CallErrorKind::Unanswered, lisa_signed::error_chain(&error));
    CallError { action: "s3:GetObject", kind, code: String::new(), message }
}
