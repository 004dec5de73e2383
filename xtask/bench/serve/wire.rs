//! HTTP/1.1 as far as a benchmark needs it: heads, bodies of a known length, and bodies in chunks.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection with what has been read of it and not used yet.
pub(super) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// What the head of a message says.
pub(super) struct Head {
    /// The first line.
    pub(super) line: String,
    length: Option<usize>,
    is_chunked: bool,
}

impl Head {
    /// The status of an answer; zero of what is none.
    pub(super) fn status(&self) -> u16 {
        self.line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
    }
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(16 * 1024) })
    }

    pub(super) async fn connect(address: &str) -> io::Result<Self> {
        Self::new(TcpStream::connect(address).await?)
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Reads more; `false` at the end.
    async fn more(&mut self) -> io::Result<bool> {
        Ok(self.stream.read_buf(&mut self.read).await? > 0)
    }

    /// Waits until the other end closes.
    pub(super) async fn closed(&mut self) {
        while self.more().await.unwrap_or(false) {
            self.read.clear();
        }
    }

    /// The next head; `None` where the other end has closed.
    pub(super) async fn head(&mut self) -> io::Result<Option<Head>> {
        loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&self.read[..end]).into_owned();
                self.read.drain(..end + 4);
                return Ok(Some(parse(&text)));
            }
            if !self.more().await? {
                return Ok(None);
            }
        }
    }

    /// The body whole.
    pub(super) async fn body(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        self.pieces(head, |piece| body.extend_from_slice(piece)).await?;
        Ok(body)
    }

    /// The body as it comes, piece by piece.
    pub(super) async fn pieces(&mut self, head: &Head, mut seen: impl FnMut(&[u8])) -> io::Result<()> {
        if !head.is_chunked {
            return self.exactly(head.length.unwrap_or_default(), &mut seen).await;
        }
        loop {
            let size = loop {
                if let Some(end) = find(&self.read, b"\r\n") {
                    let size = std::str::from_utf8(&self.read[..end]).unwrap_or_default();
                    let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
                    self.read.drain(..end + 2);
                    break size;
                }
                self.needed().await?;
            };
            self.exactly(size, &mut seen).await?;
            while self.read.len() < 2 {
                self.needed().await?;
            }
            self.read.drain(..2);
            if size == 0 {
                return Ok(());
            }
        }
    }

    async fn exactly(&mut self, mut size: usize, seen: &mut impl FnMut(&[u8])) -> io::Result<()> {
        while size > 0 {
            if self.read.is_empty() {
                self.needed().await?;
            }
            let count = size.min(self.read.len());
            seen(&self.read[..count]);
            self.read.drain(..count);
            size -= count;
        }
        Ok(())
    }

    async fn needed(&mut self) -> io::Result<()> {
        if self.more().await? { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

fn parse(text: &str) -> Head {
    let mut lines = text.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let mut head = Head { line, length: None, is_chunked: false };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.length = value.trim().parse().ok(),
            "transfer-encoding" => head.is_chunked = value.trim().eq_ignore_ascii_case("chunked"),
            _ => {}
        }
    }
    head
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
