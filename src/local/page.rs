//! The web page: its files, taken into a release build and read from `dist/web` in a development build, and `env.js`,
//! which tells it that it is at home. Files go out compressed to who takes that, as API Gateway does it in a deployment.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
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

/// Bytes from which a file is compressed: less would grow.
const COMPRESSED_FROM: usize = 1024;

/// The page and what it is told.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    settings: Bytes,
    /// Files as they were compressed once, by their tags.
    compressed: Arc<Mutex<BTreeMap<String, Bytes>>>,
}

impl Page {
    /// A page that is told these settings.
    pub(crate) fn new(settings: &Map<String, Value>) -> Self {
        Self { settings: settings::script(settings).into(), compressed: Arc::default() }
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
            return file(path, self.settings.clone());
        }
        match Files::get(path) {
            Some(EmbeddedFile { data, metadata }) => self.kept(path, data, metadata.sha256_hash(), headers),
            None if path == INDEX => (StatusCode::SERVICE_UNAVAILABLE, UNBUILT).into_response(),
            None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
        }
    }

    /// A file, or word that the browser has it already.
    fn kept(&self, path: &str, data: Cow<'static, [u8]>, hash: [u8; 32], headers: &HeaderMap) -> Response {
        let compresses = data.len() >= COMPRESSED_FROM && is_text(path) && takes_gzip(headers);
        let tag = tag(hash, if compresses { "-gzip" } else { "" });
        let mut response = if headers.get(IF_NONE_MATCH).is_some_and(|sent| *sent == tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else if compresses {
            let mut response = file(path, self.compressed(&tag, &data));
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        } else {
            let data = match data {
                Cow::Borrowed(data) => Bytes::from_static(data),
                Cow::Owned(data) => data.into(),
            };
            file(path, data)
        };
        let headers = response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(kind::cache_control(path)));
        if let Ok(tag) = tag.parse() {
            headers.insert(ETAG, tag);
        }
        response
    }

    fn compressed(&self, tag: &str, data: &[u8]) -> Bytes {
        let known = || self.compressed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compressed) = known().get(tag) {
            return compressed.clone();
        }
        // Nobody else waits meanwhile.
        let compressed = gzip(data);
        known().entry(tag.to_owned()).or_insert(compressed).clone()
    }
}

/// What a build without the page says in its place.
const UNBUILT: &str =
    "This build has no page. `cargo xtask web` makes it; the APIs are served all the same.\n";

/// A name for a file's content in one encoding.
fn tag(hash: [u8; 32], encoding: &str) -> String {
    format!(
        "\"{:016x}{encoding}\"",
        hash[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    )
}

fn is_text(path: &str) -> bool {
    let kind = kind::content_type(path);
    kind.starts_with("text/") || kind.contains("json") || kind.contains("svg")
}

/// Whether the reader takes gzip; a quality of nothing refuses it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let sent = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let mut encodings = sent
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().split_once(';').unwrap_or((one.trim(), "")));
    encodings.any(|(name, quality)| {
        let refuses = quality.trim().strip_prefix("q=").is_some_and(|quality| quality.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case("gzip") && !refuses
    })
}

fn gzip(data: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(data.len() / 3), Compression::best());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(data);
    encoder.finish().unwrap_or_default().into()
}

fn file(path: &str, bytes: Bytes) -> Response {
    let headers = [(CONTENT_TYPE, kind::content_type(path)), (CACHE_CONTROL, kind::cache_control(path))];
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn accepting(encodings: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(encodings))])
    }

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (sent, taken) in [
            ("gzip, deflate, br", true),
            ("br, GZIP;q=0.5", true),
            ("br", false),
            ("gzip;q=0, br", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&accepting(sent)), taken, "{sent}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    fn kept(page: &Page, headers: &HeaderMap) -> Response {
        let data = Cow::Owned(b"let it = \"be\";\n".repeat(1000));
        page.kept("assets/app.js", data, [7; 32], headers)
    }

    #[test]
    fn a_browser_that_has_a_file_in_an_encoding_is_told_so_and_no_other() {
        let page = Page::new(&Map::new());
        let (plain, gzip) = (kept(&page, &HeaderMap::new()), kept(&page, &accepting("gzip")));
        let header = |response: &Response, name| response.headers().get(name).cloned();
        assert_eq!(header(&plain, CONTENT_ENCODING), None);
        assert_eq!(header(&gzip, CONTENT_ENCODING).unwrap(), "gzip");
        let tags = [header(&plain, ETAG).unwrap(), header(&gzip, ETAG).unwrap()];
        assert_ne!(tags[0], tags[1]);
        for (encodings, tag, status) in [("", 0, 304), ("", 1, 200), ("gzip", 1, 304), ("gzip", 0, 200)] {
            let mut headers = accepting(encodings);
            headers.insert(IF_NONE_MATCH, tags[tag].clone());
            let response = kept(&page, &headers);
            assert_eq!(response.status().as_u16(), status, "{encodings} with tag {tag}");
            assert_eq!(header(&response, VARY).unwrap(), "accept-encoding");
            assert_eq!(header(&response, CACHE_CONTROL), header(&plain, CACHE_CONTROL));
        }
    }

    #[test]
    fn what_is_compressed_is_the_same_file() {
        let page = Page::new(&Map::new());
        let data = b"let it = \"be\";\n".repeat(1000);
        let compressed = page.compressed("a", &data);
        assert!(compressed.len() < data.len() / 20);
        let mut read = Vec::new();
        flate2::read::GzDecoder::new(&*compressed).read_to_end(&mut read).unwrap();
        assert_eq!(read, data);
    }
}
