//! Images of sessions: objects in S3 that pages read by URLs which are good for an hour.
//!
//! A message keeps the object's name and never a URL. The name begins with a hash of the owner, and no URL is made for a
//! name that does not begin with the caller's own: a message cannot lead to somebody else's image.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use lisa_signed::Signed;
use serde_json::{Map, Value};

use crate::Error;
use crate::clock;

/// How long a URL is good for.
const LASTS: Duration = Duration::from_hours(1);

/// The largest image, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;

/// Kinds of image that are taken, with the ends of their names. SVG is none of them: it can hold programs.
const KINDS: [(&str, &str); 4] =
    [("image/png", "png"), ("image/jpeg", "jpg"), ("image/gif", "gif"), ("image/webp", "webp")];

/// The bucket of images.
#[derive(Clone, Debug)]
pub struct Images {
    signed: Signed,
    bucket: String,
}

impl Images {
    /// The images in a bucket.
    pub fn new(signed: Signed, bucket: impl Into<String>) -> Self {
        Self { signed, bucket: bucket.into() }
    }

    fn path(&self, object: &str) -> String {
        format!("/{}/{object}", self.bucket)
    }

    /// Stores the image of a data URL, and returns its name.
    pub async fn store(&self, user: &str, session: &str, data_url: &str) -> Result<String, Error> {
        let (kind, end, bytes) = decode(data_url)?;
        let object = format!("{}{session}/{}.{end}", prefix(user), clock::new_id()?);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
        self.signed.object(Method::PUT, &self.path(&object), headers, bytes).await?;
        Ok(object)
    }

    /// A URL by which an image of the user's is read for an hour; none for anything else.
    pub async fn url(&self, user: &str, object: &str) -> Result<Option<String>, Error> {
        if !is_own(user, object) {
            return Ok(None);
        }
        let url = self.signed.object_url(Method::GET, &self.path(object), LASTS).await?;
        Ok(Some(url))
    }

    /// Deletes images of the user's.
    pub async fn delete(&self, user: &str, objects: &[String]) -> Result<(), Error> {
        for object in objects.iter().filter(|object| is_own(user, object)) {
            self.signed.object(Method::DELETE, &self.path(object), HeaderMap::new(), Bytes::new()).await?;
        }
        Ok(())
    }
}

/// What the names of a user's images begin with.
fn prefix(user: &str) -> String {
    format!("images/{}/", clock::id_from(user))
}

fn is_own(user: &str, object: &str) -> bool {
    let plain = object.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    plain && !object.contains("..") && object.starts_with(&prefix(user))
}

fn decode(data_url: &str) -> Result<(&'static str, &'static str, Bytes), Error> {
    let wrong = |message: &str| Error::field("message.image_url.url", message);
    let rest = data_url.strip_prefix("data:").ok_or_else(|| wrong("has to be a data URL"))?;
    let (kind, text) = rest.split_once(";base64,").ok_or_else(|| wrong("has to be in base64"))?;
    let known = KINDS.iter().find(|(known, _)| *known == kind);
    let (kind, end) = known.ok_or_else(|| wrong("is no image of kind png, jpeg, gif or webp"))?;
    let bytes = STANDARD.decode(text).map_err(|_| wrong("is not in base64"))?;
    if bytes.is_empty() || bytes.len() > LARGEST {
        return Err(wrong("has to have 1 byte to 10 MB"));
    }
    Ok((kind, end, bytes.into()))
}

/// Takes the URLs off images that have a name: they change with every reading, and a message must not.
pub fn without_urls(mut message: Map<String, Value>) -> Map<String, Value> {
    for image in images_in(&mut message) {
        if image.contains_key("s3_key") {
            image.remove("url");
        }
    }
    message
}

/// The images in a message's content, as OpenAI writes them.
pub fn images_in(message: &mut Map<String, Value>) -> Vec<&mut Map<String, Value>> {
    let parts = message.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten();
    parts.filter_map(|part| part.get_mut("image_url")?.as_object_mut()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_images_are_taken() {
        assert_eq!(decode("data:image/png;base64,AAEC").unwrap().1, "png");
        for wrong in [
            "https://x/y.png",
            "data:image/svg+xml;base64,AAEC",
            "data:image/png;base64,",
            "data:image/png,x",
        ] {
            assert!(matches!(decode(wrong), Err(Error::Invalid(_))), "{wrong}");
        }
    }

    #[test]
    fn nobodys_image_is_anothers() {
        let own = format!("{}s/1.png", prefix("ada"));
        assert!(is_own("ada", &own) && !is_own("bob", &own));
        assert!(!is_own("ada", &format!("{}../x/1.png", prefix("ada"))));
        assert!(!is_own("ada", "images/s/1.png"));
    }

    #[test]
    fn a_message_keeps_the_name_and_not_the_url() {
        let message = json!({ "content": [
            { "type": "image_url", "image_url": { "url": "https://signed", "s3_key": "images/a" } },
            { "type": "image_url", "image_url": { "url": "https://elsewhere" } },
        ] });
        let Value::Object(message) = message else { panic!() };
        let kept = Value::Object(without_urls(message));
        assert_eq!(kept["content"][0]["image_url"], json!({ "s3_key": "images/a" }));
        assert_eq!(kept["content"][1]["image_url"]["url"], "https://elsewhere");
    }
}
