//! Ids: what they may be, and how they are made.

use lisa_store::documents::{Collection, Repository};
use lisa_vectors::CollectionName;

use crate::error::Error;
use crate::ports::Clock;

/// Characters of an id at most.
const LONGEST: usize = 128;

/// An id of a request: letters, digits, `.`, `_`, `-` and `:`.
pub(crate) fn check(what: &str, id: &str) -> Result<(), Error> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "._-:".contains(letter);
    if id.is_empty() || id.len() > LONGEST || !id.chars().all(fits) {
        return Err(Error::Invalid(format!(
            "`{what}` has to be 1 to {LONGEST} letters, digits, `.`, `_`, `-` and `:`"
        )));
    }
    Ok(())
}

/// A key of the bucket: no empty or dotted part, no control characters.
pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    if key.len() > 900 || key.chars().any(char::is_control) || !key.split('/').all(is_part) {
        return Err(Error::Invalid(
            "a key has to be a path of at most 900 bytes such as `folder/file.pdf`".to_owned(),
        ));
    }
    Ok(())
}

/// The name of a collection in its store. A collection of an id is unique in its repository, and several repositories may
/// share a store.
pub fn stored_name(repository: &Repository, collection: &Collection) -> Result<CollectionName, Error> {
    let clean = |id: &str| -> String {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "._-:".contains(letter);
        id.chars().map(|letter| if fits(letter) { letter } else { '_' }).collect()
    };
    let name = format!("{}/{}", clean(&repository.repository_id), clean(&collection.collection_id));
    Ok(CollectionName::new(name)?)
}

/// The id of a document: the same for the same source in the same collection, so that putting it in again replaces it.
pub(crate) fn document_id(repository: &str, collection: &str, source: &str) -> String {
    let parts = [repository, collection, source].join("\n");
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, parts.as_bytes()).as_ref(), 32)
}

/// The id of a job: its time first.
pub(crate) fn job_id(clock: &dyn Clock) -> String {
    format!("{:013}-{:016x}", clock.now(), clock.random())
}

/// The first digits of some bytes.
pub(crate) fn hex(bytes: &[u8], digits: usize) -> String {
    let mut text: String = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect();
    text.truncate(digits);
    text
}

fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0')
}
