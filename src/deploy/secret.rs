//! The gateway's secret: its value is written when it, or the secret itself, is another than at the last run.
//!
//! What was written last is remembered by a hash beside the templates, so that nobody needs the right to read secrets.
//! Each write's token follows from the one before: a value that comes back after another is written again.

use std::collections::BTreeMap;

use bytes::Bytes;
use lisa_stacks::{GatewaySecret, hex_digest};

use crate::ports::objects::{Body, NewObject};
use crate::ports::{Call, World};
use crate::retry::Caller;

/// Hash of what was written.
const WRITTEN: &str = "written";
/// Token of the call that wrote it.
const TOKEN: &str = "token";

/// Where the hash is remembered.
#[derive(Clone, Debug)]
pub struct Memory<'a> {
    /// The asset bucket.
    pub bucket: &'a str,
    /// The deployment's own prefix: `/prod/demo/lisa`.
    pub deployment: &'a str,
    /// The id of the stack that made the secret: a new one's secret has no value yet.
    pub stack: &'a str,
}

/// Writes the secret's value unless it was the last one written. Returns whether it was written.
///
/// # Errors
///
/// A call failed. When the value was written and only its hash was not, the next run writes it once more.
pub async fn write(
    world: &World,
    caller: &Caller<'_>,
    secret: &GatewaySecret,
    memory: &Memory<'_>,
) -> Call<bool> {
    let key = format!("deployments{}/{}", memory.deployment, secret.name);
    let value = secret.value.to_string();
    let hash = hex_digest(format!("{} {value}", memory.stack).as_bytes());
    let last = caller.call(|| world.objects.head(memory.bucket, &key)).await?;
    let last = last.map(|object| object.metadata).unwrap_or_default();
    if last.get(WRITTEN) == Some(&hash) {
        return Ok(false);
    }
    let before = last.get(TOKEN).map_or("", String::as_str);
    let token = hex_digest(format!("{hash} {before}").as_bytes());
    caller.call(|| world.account.put_secret_value(&secret.name, &value, &token)).await?;
    let object = NewObject {
        bucket: memory.bucket.to_owned(),
        key,
        body: Body::Bytes(Bytes::new()),
        content_type: "text/plain".to_owned(),
        content_encoding: None,
        cache_control: None,
        metadata: BTreeMap::from([(WRITTEN.to_owned(), hash), (TOKEN.to_owned(), token)]),
    };
    caller.call(|| world.objects.put(&object, &|_| ())).await?;
    Ok(true)
}
