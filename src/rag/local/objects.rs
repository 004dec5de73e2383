//! Uploads and downloads of the local world: what a bucket's own address does in AWS.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, StatusCode};
use lisa_service::Problem;
use memchr::memmem;

use super::Folder;
use crate::error::Error;
use crate::ports::Objects as _;

/// Bytes of a form at most: a document of upstream's largest size, and its fields.
const LARGEST: usize = (50 << 20) + (64 << 10);

/// The routes that forms and links lead to. Who has one of them has been let in.
pub fn routes(folder: Arc<Folder>) -> Router {
    Router::new()
        .route("/local/objects/{token}", post(upload).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/local/objects/{token}/{*key}", get(download))
        .with_state(folder)
}

async fn upload(
    State(folder): State<Arc<Folder>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    check(&folder, &token)?;
    let invalid =
        || Error::Invalid("the body is no form of `multipart/form-data` with `key` and `file`".to_owned());
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary =
        kind.split_once("boundary=").map(|(_, boundary)| boundary.trim_matches('"')).ok_or_else(invalid)?;
    let field = |name: &str| part(&body, boundary, name);
    let key = field("key").and_then(|key| std::str::from_utf8(key).ok()).ok_or_else(invalid)?.to_owned();
    let file = field("file").ok_or_else(invalid)?;
    folder.put(&key, body.slice_ref(file)).await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The content of a form's field.
fn part<'a>(body: &'a [u8], boundary: &str, name: &str) -> Option<&'a [u8]> {
    let mark = format!("--{boundary}");
    let end = format!("\r\n--{boundary}");
    let mut at = memmem::find(body, mark.as_bytes())?;
    loop {
        let rest = body.get(at + mark.len()..)?.strip_prefix(b"\r\n")?;
        let head = memmem::find(rest, b"\r\n\r\n")?;
        let content = &rest[head + 4..];
        let length = memmem::find(content, end.as_bytes())?;
        let is_named = memmem::find(&rest[..head], format!(" name=\"{name}\"").as_bytes()).is_some();
        if is_named {
            return Some(&content[..length]);
        }
        at = body.len() - content.len() + length + 2;
    }
}

async fn download(
    State(folder): State<Arc<Folder>>,
    Path((token, key)): Path<(String, String)>,
) -> Result<Response, Problem> {
    check(&folder, &token)?;
    let object = folder.get(&key).await.map_err(Error::from)?;
    let object = object.ok_or_else(|| Error::not_found("object", &key))?;
    // Whatever it holds, a browser keeps it and does not run it.
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))];
    Ok((kind, object).into_response())
}

fn check(folder: &Folder, token: &str) -> Result<(), Error> {
    if token == folder.token { Ok(()) } else { Err(Error::not_found("object", token)) }
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn fields_of_a_form_are_found() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/b.txt\r\n--x\r\nContent-Disposition: \
            form-data; name=\"file\"; filename=\"b.txt\"\r\nContent-Type: text/plain\r\n\r\none\r\n--two\r\n--x--\r\n";
        assert_eq!(part(body, "x", "key"), Some(b"a/b.txt".as_slice()));
        assert_eq!(part(body, "x", "file"), Some(b"one\r\n--two".as_slice()));
        assert_eq!(part(body, "x", "other"), None);
        assert_eq!(part(b"--x\r\n", "x", "key"), None);
    }
}
