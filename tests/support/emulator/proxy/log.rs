//! Requests as the log keeps them: which service, which operation, how many bytes.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};

use super::Asked;

/// A request that went through the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The service that it is signed for, such as `s3`; `registry` for a container registry, which is not signed.
    pub service: String,
    /// The operation, such as `PutObject`; for a registry, the method and what it is about: `PUT manifests`.
    pub action: String,
    /// The path and query.
    pub path: String,
    /// Bytes of its body.
    pub bytes: usize,
    /// The status of its answer.
    pub status: u16,
}

impl Passed {
    pub(super) fn of(asked: &Asked) -> Self {
        let service = service(&asked.headers).unwrap_or_else(|| {
            if asked.path.starts_with("/v2/") { "registry" } else { "unsigned" }.to_owned()
        });
        let action = action(&service, asked).unwrap_or_else(|| asked.method.to_string());
        let (path, bytes) = (asked.path.clone(), asked.body.len());
        Self { service, action, path, bytes, status: 0 }
    }

    /// Whether it may change something.
    pub fn changes(&self) -> bool {
        const READS: [&str; 8] =
            ["Describe", "List", "Get", "Head", "Filter", "BatchGet", "BatchCheck", "HEAD"];
        self.action != "GET" && !READS.iter().any(|read| self.action.starts_with(read))
    }
}

/// `Credential=AKID/20261123/us-east-1/s3/aws4_request, …`
fn service(headers: &HeaderMap) -> Option<String> {
    let signature = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, scope) = signature.split_once("Credential=")?;
    scope.split('/').nth(3).map(str::to_owned)
}

fn action(service: &str, asked: &Asked) -> Option<String> {
    if let Some(target) = asked.headers.get("x-amz-target") {
        return target.to_str().ok()?.rsplit('.').next().map(str::to_owned);
    }
    match service {
        "s3" => Some(of_s3(&asked.method, &asked.path).to_owned()),
        "registry" => {
            let kind = ["blobs", "manifests", "tags"].into_iter().find(|kind| asked.path.contains(kind));
            Some(format!("{} {}", asked.method, kind.unwrap_or("ping")))
        }
        _ => {
            let mut fields = form_urlencoded::parse(&asked.body);
            fields.find(|(name, _)| name == "Action").map(|(_, action)| action.into_owned())
        }
    }
}

fn of_s3(method: &Method, path: &str) -> &'static str {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_object = path.trim_matches('/').contains('/');
    let has = |name: &str| query.split('&').any(|part| part == name || part.starts_with(&format!("{name}=")));
    match (method.as_str(), is_object) {
        ("PUT", true) if has("partNumber") => "UploadPart",
        ("PUT", true) => "PutObject",
        ("PUT", false) => "PutBucket",
        ("POST", true) if has("uploads") => "CreateMultipartUpload",
        ("POST", true) => "CompleteMultipartUpload",
        ("POST", false) => "DeleteObjects",
        ("DELETE", true) => "DeleteObject",
        ("DELETE", false) => "DeleteBucket",
        ("HEAD", true) => "HeadObject",
        ("HEAD", false) => "HeadBucket",
        ("GET", true) => "GetObject",
        _ => "ListBucket",
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Method;

    use super::of_s3;

    #[test]
    fn requests_to_s3_are_told_by_method_and_query() {
        assert_eq!(of_s3(&Method::PUT, "/assets/templates/a.json?x-id=PutObject"), "PutObject");
        assert_eq!(of_s3(&Method::PUT, "/assets/a?partNumber=1&uploadId=b"), "UploadPart");
        assert_eq!(of_s3(&Method::POST, "/assets/?delete"), "DeleteObjects");
        assert_eq!(of_s3(&Method::HEAD, "/assets"), "HeadBucket");
        assert_eq!(of_s3(&Method::GET, "/assets/?list-type=2"), "ListBucket");
    }
}
