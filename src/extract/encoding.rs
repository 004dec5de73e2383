//! The bytes of a text file as text: a byte order mark decides, else UTF-8 if they are that, else what they look like.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use crate::document::Notice;

/// A text, and what has to be said of its encoding.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) notice: Option<Notice>,
}

/// Reads bytes as text. `hint` is the encoding that the file itself names, which is believed where it is one and the
/// bytes are no UTF-8.
pub(crate) fn decode(bytes: &[u8], hint: Option<&str>) -> Decoded {
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        return read(encoding, &bytes[skip..]);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.to_owned(), notice: None };
    }
    let named = hint.and_then(|name| Encoding::for_label(name.as_bytes()));
    if let Some(encoding) = named.filter(|encoding| *encoding != encoding_rs::UTF_8) {
        return read(encoding, bytes);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return read(encoding, bytes);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    read(detector.guess(None, Utf8Detection::Allow), bytes)
}

fn read(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let notice = had_errors.then(|| Notice::ReplacedCharacters { encoding: encoding.name().to_owned() });
    Decoded { text: text.into_owned(), notice }
}

/// Every second byte of a Latin text in UTF-16 is zero, which no other encoding of text has.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    match () {
        () if half < 4 => None,
        () if odd * 10 > half * 7 && even == 0 => Some(encoding_rs::UTF_16LE),
        () if even * 10 > half * 7 && odd == 0 => Some(encoding_rs::UTF_16BE),
        () => None,
    }
}
