//! The folder in S3: its listing, and ranged reads of objects as they were listed.

use std::ops::Range;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, ResponseChecksumValidation};
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumMode, Object as Listed};
use lisa_signed::{Session, Signed, service};

use crate::config::{Config, Tuning};
use crate::error::CopyError;
use crate::retry::{Fault, Patience, Stop, fault};

/// An object as the folder's listing has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its path below the folder.
    pub name: String,
    /// Its ETag, with the quotation marks: another content has another one.
    pub etag: String,
    /// Its size in bytes.
    pub size: u64,
}

/// A folder of a bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
    prefix: String,
    tuning: Tuning,
}

impl Bucket {
    /// The folder of a configuration.
    pub fn new(session: &Session, config: &Config) -> Self {
        let configured = Signed::new(session).configured_endpoint(&service::S3);
        let settings = Builder::from(session.config())
            // An endpoint of one's own seldom answers for a host that begins with the bucket's name.
            .force_path_style(configured.is_some())
            // Parts of an object have no checksum; the whole is checked when it is there.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        Self {
            client: Client::from_conf(settings.build()),
            name: config.bucket.clone(),
            prefix: config.prefix.clone(),
            tuning: config.tuning,
        }
    }

    /// All objects of the folder, sorted by key. Empty objects that stand for folders are left out.
    pub async fn list(&self) -> Result<Vec<Object>, CopyError> {
        let mut objects = Vec::new();
        let mut token = None;
        let mut patience = Patience::new(&self.tuning, "s3:ListBucket", self.uri(&self.prefix));
        loop {
            match self.page(token.as_deref()).await {
                Ok((found, next)) => {
                    patience.renew();
                    objects.extend(found);
                    if next.is_none() {
                        break;
                    }
                    token = next;
                }
                Err(fault) => patience.bear(fault).await.map_err(|stop| match stop {
                    Stop::Failed(error) => error,
                    Stop::Changed => CopyError::Empty(self.uri(&self.prefix)),
                })?,
            }
        }
        objects.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(objects)
    }

    async fn page(&self, token: Option<&str>) -> Result<(Vec<Object>, Option<String>), Fault> {
        let call = self.client.list_objects_v2().bucket(&self.name).prefix(&self.prefix);
        let call = call.set_continuation_token(token.map(str::to_owned));
        let page = call.send().await.map_err(|error| fault(&error))?;
        let is_folder = |object: &&Listed| object.key().is_some_and(|key| key.ends_with('/'));
        let objects = page.contents().iter().filter(|object| !is_folder(object));
        let objects: Option<Vec<Object>> = objects.map(|object| self.object(object)).collect();
        let objects = objects.ok_or_else(|| Fault::Passing("an object is listed in part".to_owned()))?;
        let next = page.next_continuation_token().filter(|_| page.is_truncated() == Some(true));
        Ok((objects, next.map(str::to_owned)))
    }

    fn object(&self, listed: &Listed) -> Option<Object> {
        let key = listed.key()?.to_owned();
        let name = key.strip_prefix(&self.prefix)?.to_owned();
        let size = u64::try_from(listed.size()?).ok()?;
        Some(Object { key, name, etag: listed.e_tag()?.to_owned(), size })
    }

    /// What S3 knows of an object, or of one part that it was uploaded in.
    pub(crate) async fn head(&self, object: &Object, part: Option<i32>) -> Result<HeadObjectOutput, Stop> {
        let mut patience = Patience::new(&self.tuning, "s3:GetObject", self.uri(&object.key));
        loop {
            let call = self.client.head_object().bucket(&self.name).key(&object.key);
            let call = call.if_match(&object.etag).checksum_mode(ChecksumMode::Enabled);
            match call.set_part_number(part).send().await {
                Ok(head) => return Ok(head),
                Err(error) => patience.bear(fault(&error)).await?,
            }
        }
    }

    /// A small object, whole.
    pub(crate) async fn document(&self, object: &Object) -> Result<Vec<u8>, Stop> {
        let mut patience = Patience::new(&self.tuning, "s3:GetObject", self.uri(&object.key));
        loop {
            let read = async {
                let body = self.read(object, &(0..object.size.max(1))).await?;
                let bytes = body.collect().await;
                bytes.map_err(|error| Fault::Passing(lisa_signed::error_chain(&error)))
            };
            match read.await {
                Ok(bytes) => return Ok(bytes.to_vec()),
                Err(fault) => patience.bear(fault).await?,
            }
        }
    }

    /// Begins to read some bytes of an object, unless it has changed.
    pub(crate) async fn read(&self, object: &Object, range: &Range<u64>) -> Result<ByteStream, Fault> {
        let call = self.client.get_object().bucket(&self.name).key(&object.key).if_match(&object.etag);
        let asked = format!("{}-{}", range.start, range.end - 1);
        let answer = call.range(format!("bytes={asked}")).send().await.map_err(|error| fault(&error))?;
        let expected = format!("bytes {asked}/{}", object.size);
        match answer.content_range() {
            Some(given) if given == expected => Ok(answer.body),
            given => Err(Fault::Passing(format!(
                "`{expected}` was asked for and `{}` was answered",
                given.unwrap_or("the whole object")
            ))),
        }
    }

    /// A key as people write it.
    pub(crate) fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }
}
