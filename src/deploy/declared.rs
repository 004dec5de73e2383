//! What was last asked of model management for each model of the configuration, remembered beside the templates.
//!
//! By this a later run tells what somebody has changed in the configuration from what somebody has changed at the model.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::ports::objects::{Body, NewObject};
use crate::ports::{Call, CallErrorKind, World};
use crate::retry::Caller;

/// Where it is remembered.
#[derive(Clone, Debug)]
pub struct Memory<'a> {
    /// The asset bucket.
    pub bucket: &'a str,
    /// The deployment's own prefix: `/prod/demo/lisa`.
    pub deployment: &'a str,
}

impl Memory<'_> {
    fn key(&self, model: &str) -> String {
        format!("deployments{}/models/{model}.json", self.deployment)
    }

    /// The request that was last made for a model, in JSON; `None` where none was.
    ///
    /// # Errors
    ///
    /// A call failed.
    pub async fn last(&self, world: &World, caller: &Caller<'_>, model: &str) -> Call<Option<Bytes>> {
        let key = self.key(model);
        match caller.call(|| world.objects.get(self.bucket, &key)).await {
            Err(error) if error.kind == CallErrorKind::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    /// Remembers the request that was made for a model, in JSON.
    ///
    /// # Errors
    ///
    /// The call failed. The next run takes the request for one that was never made, and leaves the model as it is.
    pub async fn keep(&self, world: &World, caller: &Caller<'_>, model: &str, request: Bytes) -> Call<()> {
        let object = NewObject {
            bucket: self.bucket.to_owned(),
            key: self.key(model),
            body: Body::Bytes(request),
            content_type: "application/json".to_owned(),
            content_encoding: None,
            cache_control: None,
            metadata: BTreeMap::new(),
        };
        caller.call(|| world.objects.put(&object, &|_| ())).await
    }
}
