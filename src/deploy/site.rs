//! The web page's files on their way to its bucket: what each is sent as, which of them have changed, which are gone.
//!
//! A file is told from the one in the bucket by a hash of its bytes and headers, kept as metadata. Files with a hash in
//! their names go first and the page last, so that the page never names a file that is not there yet. The bytes are
//! stored plain: API Gateway compresses what it passes on.

pub mod kind;
pub mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lisa_stacks::hex_digest;
use serde::Serialize;

use crate::ports::objects::{Body, NewObject};
use crate::ports::{Call, Objects, World};
use crate::retry::Caller;

/// The metadata that holds a file's hash.
const HASH: &str = "lisa-hash";

/// Calls under way at a time.
const AT_A_TIME: usize = 8;

/// The page's files, by path: `index.html`, `assets/index-4f2a91c0.js`.
pub type Files = BTreeMap<String, Bytes>;

/// What was done to the bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Files that were new or had changed, in the order in which they were stored.
    pub stored: Vec<String>,
    /// How many were there already.
    pub unchanged: usize,
    /// Files of an earlier page that were deleted.
    pub deleted: Vec<String>,
}

/// Makes the bucket hold these files and no others.
///
/// # Errors
///
/// The first call that fails. What is stored by then stays, and the next run goes on from there.
pub async fn publish(world: &World, caller: &Caller<'_>, bucket: &str, files: &Files) -> Call<Published> {
    let objects = &*world.objects;
    let there: BTreeSet<String> =
        caller.call(|| objects.list(bucket, "")).await?.into_iter().map(|object| object.key).collect();
    let all = files.iter().map(|(key, bytes)| object(bucket, key, bytes));
    let changed: Vec<Option<NewObject>> = stream::iter(all)
        .map(|object| async {
            let known = there.contains(&object.key) && caller.call(|| is_stored(objects, &object)).await?;
            Ok((!known).then_some(object))
        })
        .buffered(AT_A_TIME)
        .try_collect()
        .await?;
    let mut changed: Vec<NewObject> = changed.into_iter().flatten().collect();
    changed.sort_by_key(|object| (kind::turn(&object.key), object.key.clone()));
    let stored: Vec<String> = changed.iter().map(|object| object.key.clone()).collect();
    for turn in changed.chunk_by(|one, other| kind::turn(&one.key) == kind::turn(&other.key)) {
        let puts = turn.iter().map(|object| caller.call(|| objects.put(object, &|_| ())));
        stream::iter(puts).buffered(AT_A_TIME).try_collect::<Vec<()>>().await?;
    }
    let deleted: Vec<String> = there.into_iter().filter(|key| !files.contains_key(key)).collect();
    if !deleted.is_empty() {
        caller.call(|| objects.delete(bucket, &deleted)).await?;
    }
    Ok(Published { unchanged: files.len() - stored.len(), stored, deleted })
}

async fn is_stored(objects: &dyn Objects, object: &NewObject) -> Call<bool> {
    let there = objects.head(&object.bucket, &object.key).await?;
    Ok(there.is_some_and(|there| there.metadata.get(HASH) == object.metadata.get(HASH)))
}

fn object(bucket: &str, key: &str, bytes: &Bytes) -> NewObject {
    let (content_type, cache_control) = (kind::content_type(key), kind::cache_control(key));
    let mut hashed = format!("{content_type}\n{cache_control}\n").into_bytes();
    hashed.extend_from_slice(bytes);
    NewObject {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        body: Body::Bytes(bytes.clone()),
        content_type: content_type.to_owned(),
        content_encoding: None,
        cache_control: Some(cache_control.to_owned()),
        metadata: BTreeMap::from([(HASH.to_owned(), hex_digest(&hashed))]),
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, unchanged, deleted } = self;
        write!(f, "web page: {} stored, {unchanged} unchanged, {} deleted", stored.len(), deleted.len())
    }
}
