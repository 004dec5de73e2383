//! An archive from which parts are read by name, however large they say they are.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::ExtractError;
use crate::format::Format;
use crate::limits::{Budget, within};

/// Entries that an archive may have: an office document has tens, one with thousands of pictures as many.
const ENTRIES: u64 = 20_000;

/// How an entry begins in an archive's directory, and the head of the older format that encrypted documents are put in.
const ENTRY: &[u8] = b"PK\x01\x02";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// An archive of parts.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    format: Format,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8], format: Format) -> Result<Self, ExtractError> {
        if bytes.starts_with(COMPOUND) {
            // A document with a password, or one of the format before; the two differ in an entry's name, in UTF-16.
            let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
            if memchr::memmem::find(bytes, &name).is_some() {
                return Err(ExtractError::Encrypted);
            }
            return Err(ExtractError::broken(format, "it is of the older format; save it in the newer one"));
        }
        let entries = memchr::memmem::find_iter(bytes, ENTRY).count();
        within("entries", entries as u64, ENTRIES)?;
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| wrong(format, &error))?;
        Ok(Self { zip, format })
    }

    /// The names of its parts that begin like this, in order.
    pub(super) fn names(&self, beginning: &str) -> Vec<String> {
        let names = self.zip.file_names().flatten().filter(|name| name.starts_with(beginning));
        let mut names: Vec<String> = names.map(std::borrow::Cow::into_owned).collect();
        names.sort_unstable();
        names
    }

    /// A part as text; `None` if there is none of this name.
    pub(super) fn text(&mut self, name: &str, budget: &mut Budget) -> Result<Option<String>, ExtractError> {
        let bytes = self.bytes(name, budget)?;
        Ok(bytes.map(|bytes| crate::encoding::decode(&bytes, None).text))
    }

    /// A part that the format cannot be without.
    pub(super) fn require(&mut self, name: &str, budget: &mut Budget) -> Result<String, ExtractError> {
        let text = self.text(name, budget)?;
        text.ok_or_else(|| ExtractError::broken(self.format, format!("it has no part `{name}`")))
    }

    fn bytes(&mut self, name: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, ExtractError> {
        let format = self.format;
        let entry = match self.zip.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(wrong(format, &error)),
        };
        let mut bytes = Vec::new();
        let limit = budget.may_expand();
        let read = entry.take(limit + 1).read_to_end(&mut bytes);
        if bytes.len() as u64 > limit {
            return Err(budget.over_expanded());
        }
        read.map_err(|error| ExtractError::broken(format, format!("`{name}`: {error}")))?;
        budget.expand(bytes.len())?;
        budget.look_at_the_clock()?;
        Ok(Some(bytes))
    }

    /// Makes sure that all of it together stays within the limits, for a reader that has none of its own.
    pub(super) fn measure(&mut self, budget: &mut Budget) -> Result<(), ExtractError> {
        let mut left = budget.may_expand();
        let mut buffer = vec![0; 64 << 10];
        for index in 0..self.zip.len() {
            let mut entry = self.zip.by_index(index).map_err(|error| wrong(self.format, &error))?;
            loop {
                budget.look_at_the_clock()?;
                let read = entry.read(&mut buffer);
                let read = read.map_err(|error| ExtractError::broken(self.format, error.to_string()))?;
                if read == 0 {
                    break;
                }
                left = left.checked_sub(read as u64).ok_or_else(|| budget.over_expanded())?;
            }
        }
        Ok(())
    }
}

fn wrong(format: Format, error: &ZipError) -> ExtractError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ExtractError::Encrypted,
        error => ExtractError::broken(format, error.to_string()),
    }
}
