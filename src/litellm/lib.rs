//! `litellmConfig`: what each of LiteLLM's options means to the gateway. The command that checks a config file and the
//! gateway that serves from it read this one crate, so that they cannot disagree.
//!
//! [`judge`](judge()) says of every key of a document whether it is honoured, has no effect, or cannot be accepted;
//! [`keys`] is the table behind it. [`Settings::read`] turns the document into what the gateway works with, and tells
//! every value that is not of its key's type. Nothing here does I/O.

mod deployment;
mod judge;
pub mod keys;
pub mod provider;
mod reader;
mod router;
mod settings;

pub use deployment::{Aws, Deployment, Kind, Text, Traffic};
pub use judge::{Finding, judge};
pub use keys::{Block, Key, Verdict};
pub use provider::{Provider, Wire};
pub use reader::Problem;
pub use router::{Fails, Reason, Router, Strategy};
pub use settings::{Cache, General, Library, PassThrough, Settings};

#[cfg(test)]
mod tests;
