//! Reads a stream of server-sent events as it comes, however it is cut.
//! Source: WHATWG HTML, "Server-sent events", 9.2.6: lines end with CR, LF or both, a blank line ends an event, lines of
//! data are joined with LF, lines that begin with a colon are comments.

/// Bytes that one event may have; a server that sends more is not well.
pub const LARGEST_EVENT: usize = 32 * 1024 * 1024;

/// Reads events.
#[derive(Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    data: Vec<u8>,
    name: Vec<u8>,
    has_data: bool,
    /// Whether the last byte ended a line as a CR does, so that a LF belongs to it.
    after_cr: bool,
    /// Whether anything has come, after which there is no byte order mark.
    begun: bool,
}

/// An event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its name; empty for a mere message.
    pub name: &'a [u8],
    /// Its data.
    pub data: &'a [u8],
}

/// An event is larger than [`LARGEST_EVENT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is larger than {LARGEST_EVENT} bytes")]
pub struct TooLarge;

impl Reader {
    /// Takes what has come and hands on the events that are whole with it.
    pub fn feed(&mut self, mut bytes: &[u8], mut each: impl FnMut(Event<'_>)) -> Result<(), TooLarge> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = memchr::memchr2(b'\r', b'\n', bytes) else {
                self.line.extend_from_slice(bytes);
                return self.check();
            };
            self.line.extend_from_slice(&bytes[..end]);
            self.after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            self.end_line(&mut each);
            self.check()?;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), TooLarge> {
        if self.line.len() + self.data.len() > LARGEST_EVENT { Err(TooLarge) } else { Ok(()) }
    }

    fn end_line(&mut self, each: &mut impl FnMut(Event<'_>)) {
        let line = if std::mem::replace(&mut self.begun, true) {
            &self.line[..]
        } else {
            self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line)
        };
        if line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                each(Event { name: &self.name, data: &self.data });
            }
            self.data.clear();
            self.name.clear();
        } else {
            let (field, value) = match memchr::memchr(b':', line) {
                Some(colon) => (&line[..colon], &line[colon + 1..]),
                None => (line, &b""[..]),
            };
            let value = value.strip_prefix(b" ").unwrap_or(value);
            match field {
                b"data" => {
                    if std::mem::replace(&mut self.has_data, true) {
                        self.data.push(b'\n');
                    }
                    self.data.extend_from_slice(value);
                }
                b"event" => self.name = value.to_vec(),
                // Ids and times to wait are for clients that ask again; comments begin with a colon.
                _ => {}
            }
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[&[u8]]) -> Vec<(String, String)> {
        let mut reader = Reader::default();
        let mut events = Vec::new();
        for part in parts {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            reader.feed(part, |event| events.push((text(event.name), text(event.data)))).unwrap();
        }
        events
    }

    #[test]
    fn every_line_end_at_every_cut() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "\u{feff}: hello|event: a|data: 1|data:2||data|id: 7||event: lost||data: {\"x\"}||"
                .replace('|', end);
            // A CR at the very end may be half a line end; the event is whole with it all the same.
            let expected = [("a", "1\n2"), ("", ""), ("", "{\"x\"}")]
                .map(|(name, data)| (name.to_owned(), data.to_owned()));
            for cut in 0..=text.len() {
                let (one, other) = text.as_bytes().split_at(cut);
                assert_eq!(read(&[one, other]), expected, "{end:?} {cut}");
            }
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(read(&bytes), expected);
        }
        assert_eq!(read(&[b"data: cut"]), []);
    }

    #[test]
    fn an_event_without_end_is_an_error() {
        let mut reader = Reader::default();
        let large = vec![b'x'; LARGEST_EVENT / 2 + 1];
        assert!(reader.feed(&large, |_| ()).is_ok());
        assert_eq!(reader.feed(&large, |_| ()), Err(TooLarge));
    }
}
