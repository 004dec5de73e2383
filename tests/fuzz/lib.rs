//! The fuzz targets: what no text may do to the front end, and what no bytes may do to the gateway or the readers of files.

#[cfg(feature = "extract")]
pub mod files;
#[cfg(feature = "serve")]
pub mod serve;
mod targets;

pub use targets::{config, model, problems};
