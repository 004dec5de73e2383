//! What a file of the web page is sent as: its type, how long it may be kept, and its turn.

/// A name with a hash of the content in it never means anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Kept, but asked for each time: the page, its settings, and whatever has a name of its own.
const ASKED_FOR: &str = "no-cache";

/// Characters of the hash that bundlers put into names.
const HASH: std::ops::RangeInclusive<usize> = 8..=32;

/// When a file is stored: files that others name go before those that name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// Files that the page names.
    Named,
    /// The page and its settings.
    Page,
}

/// A file's turn.
pub fn turn(path: &str) -> Turn {
    if matches!(path, "index.html" | super::settings::FILE) { Turn::Page } else { Turn::Named }
}

/// `Content-Type`, by the ending of the name.
pub fn content_type(path: &str) -> &'static str {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/vnd.microsoft.icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "wasm" => "application/wasm",
        "pdf" => "application/pdf",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}

/// `Cache-Control`.
pub fn cache_control(path: &str) -> &'static str {
    if is_hashed(path) { FOR_EVER } else { ASKED_FOR }
}

/// Whether a name ends as `-4f2a91c0.js` or `.4f2a91c0.js`. A hash holds a digit; a word of that length does not.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, _)) = name.rsplit_once('.') else { return false };
    let Some(place) = stem.rfind(['-', '.']) else { return false };
    let hash = &stem[place + 1..];
    HASH.contains(&hash.len())
        && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && hash.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{ASKED_FOR, FOR_EVER, cache_control, content_type};

    #[test]
    fn only_a_name_with_a_hash_is_kept_for_ever() {
        for (path, expected) in [
            ("assets/index-4f2a91c0.js", FOR_EVER),
            ("assets/style.Bx9_12aZ.css", FOR_EVER),
            ("index.html", ASKED_FOR),
            ("env.js", ASKED_FOR),
            ("apple-touchicon.png", ASKED_FOR),
            ("a-12.js", ASKED_FOR),
        ] {
            assert_eq!(cache_control(path), expected, "{path}");
        }
    }

    #[test]
    fn a_browser_learns_what_a_file_is() {
        assert_eq!(content_type("index.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("fonts/a.b.WOFF2"), "font/woff2");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
    }
}
