//! The web page: its files, taken into a release build and read from `dist/web` in a development build, and `env.js`,
//! which tells it that it is at home.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use lisa_deploy::site::{kind, settings};
use rust_embed::{Embed, EmbeddedFile};
use serde_json::{Map, Value};

/// The file that stands for the page itself.
const INDEX: &str = "index.html";

/// `cargo xtask web` makes the folder; a build without it serves everything but the page.
#[derive(Embed)]
#[folder = "../../dist/web"]
#[allow_missing = true]
struct Files;

/// The page and what it is told.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    settings: String,
}

impl Page {
    /// A page that is told these settings.
    pub(crate) fn new(settings: &Map<String, Value>) -> Self {
        Self { settings: settings::script(settings) }
    }

    /// Whether there is a page at all.
    pub(crate) fn is_built() -> bool {
        Files::get(INDEX).is_some()
    }

    /// Answers a request for a file; its path begins with a slash.
    pub(crate) fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = if path.is_empty() { INDEX } else { path };
        if path == settings::FILE {
            return file(path, Cow::Owned(self.settings.clone().into_bytes()), None);
        }
        match Files::get(path) {
            Some(found) => kept(path, found, headers),
            None if path == INDEX => (StatusCode::SERVICE_UNAVAILABLE, UNBUILT).into_response(),
            None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
        }
    }
}

/// What a build without the page says in its place.
const UNBUILT: &str =
    "This build has no page. `cargo xtask web` makes it; the APIs are served all the same.\n";

/// A file, or word that the browser has it already.
fn kept(path: &str, found: EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = found.metadata.sha256_hash()[..8].iter().fold(String::from("\""), |mut tag, byte| {
        use std::fmt::Write as _;
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
        tag
    }) + "\"";
    if headers.get(IF_NONE_MATCH).is_some_and(|sent| sent.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    file(path, found.data, Some(tag))
}

fn file(path: &str, bytes: Cow<'static, [u8]>, tag: Option<String>) -> Response {
    let headers = [(CONTENT_TYPE, kind::content_type(path)), (CACHE_CONTROL, kind::cache_control(path))];
    let body = match bytes {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = (headers, body).into_response();
    if let Some(tag) = tag.and_then(|tag| tag.parse().ok()) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
