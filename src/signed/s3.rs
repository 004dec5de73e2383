//! Objects of S3 by bucket and key, and forms that a browser uploads one with.
//!
//! Buckets are named in the path, which every partition's endpoint and every emulator takes.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::client::Signed;
use crate::error::Error;
use crate::service::S3;

/// A form that uploads one object.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it is sent to.
    pub url: String,
    /// Its fields, by their names; the file comes after them.
    pub fields: Vec<(String, String)>,
}

impl Signed {
    /// An object; `None` if there is none.
    pub async fn get_object(&self, bucket: &str, key: &str) -> Result<Option<Bytes>, Error> {
        match self.object(Method::GET, &path(bucket, key), HeaderMap::new(), Bytes::new()).await {
            Ok(answer) => Ok(Some(answer.body)),
            Err(error) if error.status == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts an object in the place of the one that is there.
    pub async fn put_object(&self, bucket: &str, key: &str, body: Bytes) -> Result<(), Error> {
        self.object(Method::PUT, &path(bucket, key), HeaderMap::new(), body).await.map(drop)
    }

    /// Deletes an object; one that is not there is no error.
    pub async fn delete_object(&self, bucket: &str, key: &str) -> Result<(), Error> {
        match self.object(Method::DELETE, &path(bucket, key), HeaderMap::new(), Bytes::new()).await {
            Err(error) if error.status != Some(404) => Err(error),
            _ => Ok(()),
        }
    }

    /// A link that anybody may get an object by, for a while. It is good for no longer than the credentials are.
    pub async fn object_link(&self, bucket: &str, key: &str, lasts: Duration) -> Result<String, Error> {
        self.object_url(Method::GET, &path(bucket, key), lasts).await
    }

    /// A form that uploads an object of this key, for a while and up to so many bytes. `metadata` is fixed with it.
    pub async fn upload_form(
        &self,
        bucket: &str,
        key: &str,
        metadata: &[(&str, &str)],
        largest: u64,
        lasts: Duration,
    ) -> Result<Form, Error> {
        let action = "s3:PutObject";
        let credentials = self.credentials(action).await?;
        let endpoint = self.endpoint(&S3, None, action)?;
        let now = self.now();
        let (day, time) = (stamp(now, "%Y%m%d"), stamp(now, "%Y%m%dT%H%M%SZ"));
        let scope = format!("{day}/{}/{}/aws4_request", endpoint.region, S3.signed_as);
        let named = |(name, value): &(&str, &str)| (format!("x-amz-meta-{name}"), (*value).to_owned());
        let mut fields: Vec<(String, String)> = metadata.iter().map(named).collect();
        fields.push(("key".to_owned(), key.to_owned()));
        fields.push(("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()));
        fields.push(("x-amz-credential".to_owned(), format!("{}/{scope}", credentials.access_key_id())));
        fields.push(("x-amz-date".to_owned(), time));
        if let Some(token) = credentials.session_token() {
            fields.push(("x-amz-security-token".to_owned(), token.to_owned()));
        }
        let mut conditions: Vec<Value> = fields.iter().map(|(name, value)| json!({ name: value })).collect();
        conditions.push(json!({ "bucket": bucket }));
        conditions.push(json!(["content-length-range", 0, largest]));
        let end = stamp(now + lasts, "%Y-%m-%dT%H:%M:%SZ");
        let policy = json!({ "expiration": end, "conditions": conditions }).to_string();
        let policy = aws_smithy_types::base64::encode(policy);
        let signing_key =
            v4::generate_signing_key(credentials.secret_access_key(), now, &endpoint.region, S3.signed_as);
        let signature = v4::calculate_signature(signing_key, policy.as_bytes());
        fields.push(("policy".to_owned(), policy));
        fields.push(("x-amz-signature".to_owned(), signature));
        Ok(Form { url: format!("{}/{bucket}", endpoint.url), fields })
    }
}

fn path(bucket: &str, key: &str) -> String {
    format!("/{bucket}/{}", encoded(key))
}

/// A key as a path: everything but letters, digits, `-._~` and `/` is encoded, as S3's signature has it.
fn encoded(key: &str) -> String {
    let mut path = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                path.push(char::from(byte));
            }
            byte => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                path.push('%');
                path.push(char::from(HEX[usize::from(byte >> 4)]));
                path.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    path
}

/// A time in one of the forms that S3 asks for.
fn stamp(time: SystemTime, form: &str) -> String {
    jiff::Timestamp::try_from(time).unwrap_or_default().strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_as_the_signature_has_them() {
        assert_eq!(encoded("a b/ü+1.pdf"), "a%20b/%C3%BC%2B1.pdf");
    }

    #[test]
    fn times_are_written_in_s3s_forms() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_210_096);
        assert_eq!(stamp(time, "%Y%m%dT%H%M%SZ"), "20240229T123456Z");
        assert_eq!(stamp(time, "%Y-%m-%dT%H:%M:%SZ"), "2024-02-29T12:34:56Z");
    }
}
