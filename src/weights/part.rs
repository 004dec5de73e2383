//! One ranged read: bytes of an object on their way to its file.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::bucket::{Bucket, Object};
use crate::config::Tuning;
use crate::error::file;
use crate::progress::Progress;
use crate::retry::{Fault, Patience, Stop};

/// Bytes that are gathered before they are written.
pub(crate) const BUFFER: usize = 1024 * 1024;

/// What all reads of a copy share.
pub(crate) struct Reading<'a> {
    pub(crate) bucket: &'a Bucket,
    pub(crate) tuning: &'a Tuning,
    /// Reads that may still begin.
    pub(crate) free: Semaphore,
    pub(crate) progress: Progress,
}

/// Why a stream ended before its time.
enum Cut {
    Fault(Fault),
    Disk(io::Error),
}

impl Reading<'_> {
    /// Reads a range into its place in the file; a cut connection costs no byte that has come already.
    pub(crate) async fn part(
        &self,
        object: &Object,
        range: Range<u64>,
        to: &Arc<File>,
        path: &Path,
    ) -> Result<(), Stop> {
        let mut patience = Patience::new(self.tuning, "s3:GetObject", self.bucket.uri(&object.key));
        let mut rest = range;
        while rest.start < rest.end {
            let before = rest.start;
            let cut = self.stream(object, &mut rest, to).await;
            if rest.start > before {
                patience.renew();
            }
            match cut {
                Ok(()) => {}
                Err(Cut::Fault(fault)) => patience.bear(fault).await?,
                Err(Cut::Disk(error)) => return Err(file("write", path)(error).into()),
            }
        }
        Ok(())
    }

    /// Reads as much of the range as comes; `rest` says what has not.
    async fn stream(&self, object: &Object, rest: &mut Range<u64>, to: &Arc<File>) -> Result<(), Cut> {
        // It is never closed, so that there is no error.
        let _permit = self.free.acquire().await;
        let mut body = self.bucket.read(object, rest).await.map_err(Cut::Fault)?;
        let mut buffer = Vec::new();
        let ended = loop {
            match body.next().await {
                Some(Ok(bytes)) => buffer.extend_from_slice(&bytes),
                Some(Err(error)) => break Err(Fault::Passing(lisa_signed::error_chain(&error))),
                None => break Ok(()),
            }
            if buffer.len() >= BUFFER {
                buffer = self.write(buffer, rest, to).await?;
            }
        };
        self.write(buffer, rest, to).await?;
        ended.map_err(Cut::Fault)?;
        if rest.start < rest.end {
            return Err(Cut::Fault(Fault::Passing("the answer is shorter than it says".to_owned())));
        }
        Ok(())
    }

    /// Writes a buffer at the beginning of the rest, and returns it empty.
    async fn write(&self, buffer: Vec<u8>, rest: &mut Range<u64>, to: &Arc<File>) -> Result<Vec<u8>, Cut> {
        let bytes = buffer.len() as u64;
        if bytes > rest.end - rest.start {
            return Err(Cut::Fault(Fault::Passing(
                "the answer is longer than what was asked for".to_owned(),
            )));
        }
        let (to, at) = (Arc::clone(to), rest.start);
        let written = tokio::task::spawn_blocking(move || {
            to.write_all_at(&buffer, at).map(|()| {
                let mut buffer = buffer;
                buffer.clear();
                buffer
            })
        });
        let buffer =
            written.await.map_err(io::Error::other).and_then(|written| written).map_err(Cut::Disk)?;
        rest.start += bytes;
        self.progress.add(bytes);
        Ok(buffer)
    }
}
