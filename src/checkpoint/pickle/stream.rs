//! Bytes of a pickle, counted: the arguments of its opcodes.

use std::io::Read;

use super::PickleError;

/// Bytes of a pickle at most. That of a model with 100,000 tensors has some 20 MB.
const BYTES: u64 = 256 << 20;

/// Bytes of a text at most.
const TEXT: u64 = 1 << 20;

/// Bytes of a name at most: the longest that is known has 28.
pub(super) const NAME: usize = 256;

pub(super) struct Stream<R> {
    from: R,
    left: u64,
}

impl<R: Read> Stream<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, left: BYTES }
    }

    pub(super) fn byte(&mut self) -> Result<u8, PickleError> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        self.take(N as u64)?;
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes).map_err(|error| unreadable(&error))?;
        Ok(bytes)
    }

    /// So many bytes; a claim of more than a text may have is refused before anything is kept for it.
    pub(super) fn bytes(&mut self, count: u64) -> Result<Vec<u8>, PickleError> {
        if count > TEXT {
            return Err(PickleError::Large("a text of more than 1 MiB"));
        }
        self.take(count)?;
        let mut bytes = Vec::new();
        let read =
            (&mut self.from).take(count).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        if read as u64 == count { Ok(bytes) } else { Err(PickleError::Damaged("it ends too early")) }
    }

    pub(super) fn text(&mut self, count: u64) -> Result<String, PickleError> {
        let bytes = self.bytes(count)?;
        String::from_utf8(bytes).map_err(|_| PickleError::Damaged("a text is not UTF-8"))
    }

    /// A name up to the end of its line.
    pub(super) fn line(&mut self) -> Result<String, PickleError> {
        let mut bytes = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => break,
                _ if bytes.len() >= NAME => return Err(PickleError::Large("a name of more than 256 bytes")),
                byte => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).map_err(|_| PickleError::Damaged("a name is not UTF-8"))
    }

    fn take(&mut self, count: u64) -> Result<(), PickleError> {
        self.left = self.left.checked_sub(count).ok_or(PickleError::Large("more than 256 MiB"))?;
        Ok(())
    }
}

fn unreadable(error: &std::io::Error) -> PickleError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => PickleError::Damaged("it ends too early"),
        _ => PickleError::Unreadable(error.to_string()),
    }
}
