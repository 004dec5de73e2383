//! Buckets and their objects: Amazon S3.

mod delete;
mod upload;

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use bytes::Bytes;
use lisa_deploy::ports::objects::{NewObject, Object};
use lisa_deploy::ports::{self, Call, CallErrorKind};
use lisa_names::Partition;
use lisa_signed::{Session, Signed, service};

use crate::error::sdk;

pub(crate) struct Objects {
    client: Client,
    /// Where S3 is reached, without a slash at the end.
    endpoint: String,
}

impl Objects {
    pub(crate) fn new(session: &Session) -> Self {
        let configured = Signed::new(session).configured_endpoint(&service::S3);
        // An endpoint of one's own seldom answers for a host that begins with the bucket's name.
        let config = Builder::from(session.config()).force_path_style(configured.is_some()).build();
        let endpoint = configured.unwrap_or_else(|| {
            let region = session.region().unwrap_or_default();
            let suffix = Partition::of(region).unwrap_or(Partition::Aws).dns_suffix();
            format!("https://s3.{region}.{suffix}")
        });
        Self { client: Client::from_conf(config), endpoint: endpoint.trim_end_matches('/').to_owned() }
    }
}

#[async_trait]
impl ports::Objects for Objects {
    async fn bucket_exists(&self, bucket: &str) -> Call<bool> {
        match self.client.head_bucket().bucket(bucket).send().await.map_err(sdk("s3:ListBucket")) {
            Err(error) if error.kind == CallErrorKind::NotFound => Ok(false),
            answer => answer.map(|_| true),
        }
    }

    async fn head(&self, bucket: &str, key: &str) -> Call<Option<Object>> {
        let answer = self.client.head_object().bucket(bucket).key(key).send().await;
        match answer.map_err(sdk("s3:GetObject")) {
            Err(error) if error.kind == CallErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(answer) => Ok(Some(Object {
                key: key.to_owned(),
                size: size(answer.content_length()),
                metadata: answer.metadata().into_iter().flatten().map(lower).collect(),
                etag: etag(answer.e_tag()),
            })),
        }
    }

    async fn get(&self, bucket: &str, key: &str) -> Call<Bytes> {
        let answer = self.client.get_object().bucket(bucket).key(key).send().await;
        let answer = answer.map_err(sdk("s3:GetObject"))?;
        answer
            .body
            .collect()
            .await
            .map(aws_sdk_s3::primitives::AggregatedBytes::into_bytes)
            .map_err(upload::broken)
    }

    async fn put(&self, object: &NewObject, sent: &(dyn Fn(u64) + Send + Sync)) -> Call<()> {
        upload::put(&self.client, object, sent).await
    }

    async fn list(&self, bucket: &str, prefix: &str) -> Call<Vec<Object>> {
        let call = self.client.list_objects_v2().bucket(bucket).prefix(prefix);
        let mut pages = call.into_paginator().send();
        let mut objects = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(sdk("s3:ListBucket"))?;
            objects.extend(page.contents().iter().filter_map(|object| {
                Some(Object {
                    key: object.key()?.to_owned(),
                    size: size(object.size()),
                    metadata: BTreeMap::new(),
                    etag: etag(object.e_tag()),
                })
            }));
        }
        Ok(objects)
    }

    async fn delete(&self, bucket: &str, keys: &[String]) -> Call<()> {
        delete::keys(&self.client, bucket, keys).await
    }

    async fn empty(&self, bucket: &str) -> Call<u64> {
        delete::everything(&self.client, bucket).await
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        let Self { endpoint, .. } = self;
        format!("{endpoint}/{bucket}/{key}")
    }
}

fn size(size: Option<i64>) -> u64 {
    size.and_then(|size| size.try_into().ok()).unwrap_or_default()
}

fn etag(tag: Option<&str>) -> String {
    tag.unwrap_or_default().trim_matches('"').to_owned()
}

fn lower((name, value): (&String, &String)) -> (String, String) {
    (name.to_ascii_lowercase(), value.clone())
}
