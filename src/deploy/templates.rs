//! Templates in the asset bucket, addressed by their content: what is there already is not sent again.

use std::collections::BTreeMap;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::ports::cloudformation::TemplateSource;
use crate::ports::objects::{Body, NewObject};
use crate::ports::{Call, Objects};
use crate::retry::Caller;
use crate::target::hex;

/// The object key of a stack's template: `templates/<stack>/<sha256>.json`.
pub fn key(stack: &str, text: &str) -> String {
    let hash = hex(&Sha256::digest(text.as_bytes()));
    format!("templates/{stack}/{hash}.json")
}

/// Makes sure of a stack's template in the asset bucket. Returns where it is.
pub async fn publish(
    objects: &dyn Objects,
    caller: &Caller<'_>,
    bucket: &str,
    stack: &str,
    text: &str,
) -> Call<TemplateSource> {
    let key = key(stack, text);
    if caller.call(|| objects.head(bucket, &key)).await?.is_none() {
        let object = NewObject {
            bucket: bucket.to_owned(),
            key: key.clone(),
            body: Body::Bytes(Bytes::copy_from_slice(text.as_bytes())),
            content_type: "application/json".to_owned(),
            content_encoding: None,
            cache_control: None,
            metadata: BTreeMap::new(),
        };
        caller.call(|| objects.put(&object, &|_| {})).await?;
    }
    Ok(TemplateSource::Url(objects.url(bucket, &key)))
}
