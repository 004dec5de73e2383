//! What must be there before a model is made: instance types, weights, images, the configuration.

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};
use lisa_signed::service::{EC2, ECR, S3, SSM};
use lisa_signed::{Element, Request, Signed};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::unless;
use crate::error::Error;
use crate::ports::{Catalog, EcrImage};

/// Parameters that one call reads.
const AT_ONCE: usize = 10;

pub(super) struct Account {
    pub(super) signed: Signed,
    pub(super) region: Option<String>,
}

#[async_trait]
impl Catalog for Account {
    async fn offers(&self, instance_type: &str) -> Result<Option<bool>, Error> {
        let parameters = [
            ("LocationType", "region"),
            ("Filter.1.Name", "instance-type"),
            ("Filter.1.Value.1", instance_type),
        ];
        let answer = self.signed.query(&EC2, "DescribeInstanceTypeOfferings", &parameters).await;
        // An EC2 that does not know the call tells nothing; CloudFormation will.
        let Some(answer) = unless(answer, &["InvalidAction", "UnsupportedOperation"])? else {
            return Ok(None);
        };
        Ok(Some(!answer.items("instanceTypeOfferingSet").is_empty()))
    }

    async fn has_objects(&self, bucket: &str, prefix: &str) -> Result<bool, Error> {
        let prefix = utf8_percent_encode(prefix, NON_ALPHANUMERIC);
        let answer = self.signed.send(&S3, self.listing(bucket, &prefix.to_string())).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let unreadable =
            |error| Error::Broken(format!("the answer to `s3:ListObjectsV2` cannot be read: {error}"));
        let root = Element::parse(&text).map_err(unreadable)?;
        Ok(root.children.iter().any(|child| child.name == "Contents"))
    }

    async fn has_image(&self, image: &EcrImage) -> Result<bool, Error> {
        let kind = if image.version.starts_with("sha256:") { "imageDigest" } else { "imageTag" };
        let asked = json!({
            "registryId": image.account,
            "repositoryName": image.repository,
            "imageIds": [{ kind: image.version }],
        });
        let answer = self.signed.json(&ECR, "DescribeImages", &asked).await;
        Ok(unless(answer, &["ImageNotFoundException", "RepositoryNotFoundException"])?.is_some())
    }

    async fn parameters(&self, names: &[String]) -> Result<Vec<String>, Error> {
        let mut values = Vec::new();
        for names in names.chunks(AT_ONCE) {
            let asked = json!({ "Names": names, "WithDecryption": true });
            let answer = self.signed.json(&SSM, "GetParameters", &asked).await?;
            let found = |name: &String| {
                let parameters = answer["Parameters"].as_array().into_iter().flatten();
                let mut own = parameters.filter(|parameter| parameter["Name"].as_str() == Some(name));
                own.find_map(|parameter| parameter["Value"].as_str()).map(str::to_owned)
            };
            for name in names {
                let missing =
                    || Error::Broken(format!("there is no parameter `{name}`; deploy the stack `models`"));
                values.push(found(name).ok_or_else(missing)?);
            }
        }
        Ok(values)
    }
}

impl Account {
    /// Asks for one key of a bucket. A bucket whose name has a dot fits no certificate but by its path; so do buckets at an
    /// endpoint of one's own.
    fn listing(&self, bucket: &str, prefix: &str) -> Request {
        let query = format!("list-type=2&max-keys=1&prefix={prefix}");
        let by_path = bucket.contains('.') || self.signed.configured_endpoint(&S3).is_some();
        let suffix =
            self.region.as_deref().and_then(lisa_names::Partition::of).map(lisa_names::Partition::dns_suffix);
        let host = self.region.as_deref().zip(suffix).filter(|_| !by_path);
        let endpoint = host.map(|(region, suffix)| format!("https://{bucket}.s3.{region}.{suffix}"));
        let path = if endpoint.is_some() { format!("/?{query}") } else { format!("/{bucket}?{query}") };
        let mut headers = HeaderMap::new();
        // S3 wants the hash of the body by this name.
        headers.insert("x-amz-content-sha256", http::HeaderValue::from_static(EMPTY));
        Request {
            operation: "ListObjectsV2".to_owned(),
            method: Method::GET,
            path,
            headers,
            body: Bytes::new(),
            endpoint,
        }
    }
}

/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
