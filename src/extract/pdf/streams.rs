//! A stream's content, never more of it than the limits allow.
//!
//! Flate makes at most 1,032 bytes of one (RFC 1951: 258 bytes of a length code of two bits), so that most streams need
//! no look at all.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use hayro_syntax::object::Stream;

use crate::error::ExtractError;
use crate::limits::Budget;

/// Bytes that one byte of a compressed stream can become, rounded up: LZW's longest code, 4,096 bytes of 12 bits,
/// would give more, but needs as many codes before.
const EXPANSION: u64 = 1_100;

/// The most that one stream may become, of what the file may.
const SHARE: u64 = 2;

/// Looks at the streams that are read before anything else asks: those of objects, fonts and character maps. Pictures
/// are never read.
pub(super) fn check(bytes: &[u8], budget: &mut Budget) -> Result<(), ExtractError> {
    let limit = budget.limits.expanded / SHARE;
    let mut of_objects = 0;
    for at in
        memchr::memmem::find_iter(bytes, b"stream\r\n").chain(memchr::memmem::find_iter(bytes, b"stream\n"))
    {
        budget.step()?;
        let head = &bytes[at.saturating_sub(400)..at];
        let head = head.rsplit(|byte| *byte == b'<').take(8).map(<[u8]>::len).sum::<usize>().min(head.len());
        let dictionary = &bytes[at - head..at];
        let has = |word: &[u8]| memchr::memmem::find(dictionary, word).is_some();
        let data = &bytes[at + 7..];
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        let is_of_objects = has(b"/ObjStm") || has(b"/XRef");
        if has(b"/Image") && !is_of_objects {
            continue;
        }
        let end = memchr::memmem::find(data, b"endstream").unwrap_or(data.len());
        if end as u64 * EXPANSION < limit / 64 {
            continue;
        }
        let size = inflated(&data[..end], limit);
        of_objects += if is_of_objects { size } else { 0 };
        if size > limit || of_objects > limit {
            return Err(budget.over_expanded());
        }
    }
    Ok(())
}

/// How much a stream would be, up to just above the limit.
fn inflated(data: &[u8], limit: u64) -> u64 {
    let mut reader = ZlibDecoder::new(data).take(limit + 1);
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    // What is broken is for its reader to say.
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        size += read as u64;
    }
    size
}

/// A stream's content. Of one that is damaged what could be read; of one that is no data nothing.
pub(super) fn decode<'a>(stream: &Stream<'a>, budget: &mut Budget) -> Result<Cow<'a, [u8]>, ExtractError> {
    use hayro_syntax::Filter;
    let limit = budget.limits.expanded / SHARE;
    let raw = stream.raw_data();
    let filters = stream.filters();
    let has_parameters = stream.dict().contains_key("DecodeParms") || stream.dict().contains_key("DP");
    if matches!(filters[..], [Filter::FlateDecode]) && !has_parameters {
        let mut content = Vec::with_capacity(raw.len() * 4);
        // An error leaves what came before it, which viewers show as well.
        let _ = ZlibDecoder::new(&*raw).take(limit + 1).read_to_end(&mut content);
        if content.len() as u64 > limit {
            return Err(budget.over_expanded());
        }
        if !content.is_empty() {
            return Ok(Cow::Owned(content));
        }
    }
    let compressing = filters
        .iter()
        .filter(|filter| matches!(filter, Filter::FlateDecode | Filter::LzwDecode | Filter::RunLengthDecode));
    let most = compressing.fold(raw.len() as u64, |size, _| size.saturating_mul(EXPANSION));
    // Streams behind several filters are small ones, made by hand.
    if most > limit * 64 {
        return Err(budget.over_expanded());
    }
    Ok(stream.decoded_data().unwrap_or_default())
}
