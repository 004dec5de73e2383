//! How much of a file is read, and how much of that is left.

use std::time::{Duration, Instant};

use crate::error::ExtractError;

/// How much of one file is read. What exceeds it is an error, never a part of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes that the file's compressed parts become, taken together.
    pub expanded: u64,
    /// Bytes of its text.
    pub text: u64,
    /// Blocks of its text.
    pub blocks: u64,
    /// Pages, slides or sheets.
    pub pages: u64,
    /// Objects of a PDF, entries of an archive, cells of a sheet.
    pub objects: u64,
    /// Elements within each other.
    pub depth: u64,
    /// Time from the first byte to the last block.
    pub time: Duration,
}

impl Default for Limits {
    /// A file of upstream's largest size, and what a function of 1.7 GB can hold beside it.
    fn default() -> Self {
        Self {
            bytes: 50 << 20,
            expanded: 256 << 20,
            text: 32 << 20,
            blocks: 400_000,
            pages: 20_000,
            objects: 2_000_000,
            depth: 256,
            time: Duration::from_mins(1),
        }
    }
}

/// What is left of the limits while a file is read.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) limits: Limits,
    started: Instant,
    expanded: u64,
    objects: u64,
    ticks: u32,
}

/// The clock is read once for so many steps.
const STEPS: u32 = 256;

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, started: Instant::now(), expanded: 0, objects: 0, ticks: 0 }
    }

    /// Counts a small step of work.
    pub(crate) fn step(&mut self) -> Result<(), ExtractError> {
        self.ticks += 1;
        if self.ticks < STEPS {
            return Ok(());
        }
        self.ticks = 0;
        self.look_at_the_clock()
    }

    /// Ends work that takes too long.
    pub(crate) fn look_at_the_clock(&self) -> Result<(), ExtractError> {
        if self.started.elapsed() > self.limits.time {
            return Err(ExtractError::TooLong { limit: self.limits.time });
        }
        Ok(())
    }

    /// Counts an object of the file.
    pub(crate) fn object(&mut self) -> Result<(), ExtractError> {
        self.objects += 1;
        within("objects", self.objects, self.limits.objects)?;
        self.step()
    }

    /// Counts bytes that something compressed has become.
    pub(crate) fn expand(&mut self, bytes: usize) -> Result<(), ExtractError> {
        self.expanded += bytes as u64;
        within("bytes of unpacked content", self.expanded, self.limits.expanded)
    }

    /// Bytes that compressed content may still become.
    pub(crate) fn may_expand(&self) -> u64 {
        self.limits.expanded - self.expanded.min(self.limits.expanded)
    }

    /// What is said when compressed content becomes more.
    pub(crate) fn over_expanded(&self) -> ExtractError {
        ExtractError::TooLarge { what: "bytes of unpacked content", limit: self.limits.expanded }
    }

    /// Checks how deep elements stand within each other.
    pub(crate) fn depth(&self, depth: usize) -> Result<(), ExtractError> {
        within("levels of nesting", depth as u64, self.limits.depth)
    }

    /// Checks a page's number.
    pub(crate) fn page(&self, page: usize) -> Result<(), ExtractError> {
        within("pages", page as u64, self.limits.pages)
    }
}

pub(crate) fn within(what: &'static str, there: u64, limit: u64) -> Result<(), ExtractError> {
    if there > limit { Err(ExtractError::TooLarge { what, limit }) } else { Ok(()) }
}
