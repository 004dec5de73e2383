//! Between code that blocks and streams that do not: tar and gzip block, the engine and registries do not.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::sync::mpsc;

/// Pieces on their way: enough that neither side waits for the other at each piece.
const PIECES: usize = 16;

/// Bytes in a piece.
const PIECE: usize = 128 * 1024;

/// The end of a pipe that blocking code writes to.
pub(crate) struct Writer {
    sender: mpsc::Sender<Bytes>,
    piece: Vec<u8>,
}

/// The end of a pipe that streams.
pub(crate) struct Pieces(mpsc::Receiver<Bytes>);

/// A pipe from blocking code to a stream.
pub(crate) fn writer() -> (Writer, Pieces) {
    let (sender, receiver) = mpsc::channel(PIECES);
    (Writer { sender, piece: Vec::with_capacity(PIECE) }, Pieces(receiver))
}

impl Writer {
    fn send(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads any more");
        self.sender.blocking_send(Bytes::from(piece)).map_err(gone)
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() { Ok(()) } else { self.send() }
    }
}

impl Stream for Pieces {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.poll_recv(context)
    }
}

/// The end of a pipe that blocking code reads from.
pub(crate) struct Reader {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

/// The end of a pipe that a stream is poured into.
pub(crate) struct Funnel(mpsc::Sender<io::Result<Bytes>>);

/// A pipe from a stream to blocking code.
pub(crate) fn reader() -> (Funnel, Reader) {
    let (sender, receiver) = mpsc::channel(PIECES);
    (Funnel(sender), Reader { receiver, piece: Bytes::new() })
}

impl Funnel {
    /// Pours until the stream ends, fails, or nobody reads any more.
    pub(crate) async fn pour(self, stream: impl Stream<Item = io::Result<Bytes>>) {
        let mut stream = std::pin::pin!(stream);
        while let Some(piece) = stream.next().await {
            let failed = piece.is_err();
            if self.0.send(piece).await.is_err() || failed {
                return;
            }
        }
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let taken = self.piece.split_to(buffer.len().min(self.piece.len()));
        buffer[..taken.len()].copy_from_slice(&taken);
        Ok(taken.len())
    }
}
