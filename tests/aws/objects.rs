//! Objects in a bucket of the emulator: stored whole and in parts, described, listed, deleted with all their versions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use lisa_deploy::ports::CallErrorKind;
use lisa_deploy::ports::objects::{Body, NewObject};
use lisa_testkit::Emulator;
use serde_json::json;

use super::{REGION, connect};

pub(super) const BUCKET: &str = "lisa-test-assets";

/// Two parts and a half of a large object.
const LARGE: usize = 20 << 20;

pub(super) fn make_bucket(emulator: &Emulator) -> Result<()> {
    let session = emulator.session(super::ACCOUNT, REGION)?;
    let properties = json!({ "BucketName": BUCKET, "VersioningConfiguration": { "Status": "Enabled" } });
    let bucket = json!({ "Type": "AWS::S3::Bucket", "Properties": properties });
    let template = json!({ "Resources": { "Bucket": bucket } }).to_string();
    let client = aws_sdk_cloudformation::Client::new(session.config());
    emulator.block_on(async {
        client.create_stack().stack_name("bucket").template_body(template).send().await?;
        let world = lisa_aws::enter(session.clone(), None).await?.world;
        for _ in 0..200 {
            if world.objects.bucket_exists(BUCKET).await? {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        anyhow::bail!("the bucket does not appear")
    })
}

fn object(key: &str, body: Body) -> NewObject {
    NewObject {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        body,
        content_type: "text/html; charset=utf-8".to_owned(),
        content_encoding: None,
        cache_control: Some("no-cache".to_owned()),
        metadata: BTreeMap::from([("sha256".to_owned(), "abc".to_owned())]),
    }
}

#[test]
fn objects_are_stored_described_listed_and_deleted() -> Result<()> {
    let (emulator, connection) = connect()?;
    let objects = &connection.world.objects;
    ensure!(!emulator.block_on(objects.bucket_exists(BUCKET))?, "there is no bucket yet");
    make_bucket(&emulator)?;
    emulator.block_on(async {
        ensure!(objects.head(BUCKET, "a").await?.is_none(), "there is no object yet");
        let missing = objects.get(BUCKET, "a").await.err().context("there is no object yet")?;
        ensure!(missing.kind == CallErrorKind::NotFound, "{missing:?}");

        for text in ["one", "two"] {
            objects.put(&object("a", Body::Bytes(Bytes::from_static(text.as_bytes()))), &|_| ()).await?;
        }
        objects.put(&object("b/c d", Body::Bytes(Bytes::from_static(b"three"))), &|_| ()).await?;
        ensure!(objects.get(BUCKET, "a").await? == "two", "the newest version");
        let head = objects.head(BUCKET, "a").await?.context("the object")?;
        ensure!(head.size == 3 && head.metadata["sha256"] == "abc", "{head:?}");

        let listed = objects.list(BUCKET, "b/").await?;
        ensure!(listed.len() == 1 && listed[0].key == "b/c d" && listed[0].size == 5, "{listed:?}");
        ensure!(objects.list(BUCKET, "").await?.len() == 2, "both");

        objects.delete(BUCKET, &["a".to_owned(), "never-there".to_owned()]).await?;
        ensure!(objects.head(BUCKET, "a").await?.is_none(), "deleted");
        // Two versions and a marker of the first, one version of the second; a marker of what was never there is up to S3.
        let count = objects.empty(BUCKET).await?;
        ensure!((4..=5).contains(&count), "{count} versions were deleted");
        ensure!(objects.empty(BUCKET).await? == 0, "nothing is left");
        Ok(())
    })
}

#[test]
fn a_large_file_goes_in_parts() -> Result<()> {
    let (emulator, connection) = connect()?;
    make_bucket(&emulator)?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("large");
    let bytes: Vec<u8> = (0..LARGE).map(|index| u8::try_from(index % 251)).collect::<Result<_, _>>()?;
    std::fs::write(&path, &bytes)?;
    let objects = &connection.world.objects;
    emulator.block_on(async {
        let (sent, calls) = (AtomicU64::new(0), AtomicU64::new(0));
        let count = |part: u64| {
            sent.fetch_add(part, Ordering::Relaxed);
            calls.fetch_add(1, Ordering::Relaxed);
        };
        objects.put(&object("large", Body::File(path.clone())), &count).await?;
        ensure!(sent.into_inner() == LARGE as u64 && calls.into_inner() == 3, "every part is told of");
        let head = objects.head(BUCKET, "large").await?.context("the object")?;
        ensure!(head.size == LARGE as u64 && head.metadata["sha256"] == "abc", "{head:?}");
        ensure!(objects.get(BUCKET, "large").await? == bytes, "the same bytes");
        Ok(())
    })
}

#[test]
fn an_address_names_endpoint_bucket_and_key() -> Result<()> {
    let (emulator, connection) = connect()?;
    let url = connection.world.objects.url("assets", "templates/a.json");
    ensure!(url == format!("{}/assets/templates/a.json", emulator.url()), "{url}");
    Ok(())
}
