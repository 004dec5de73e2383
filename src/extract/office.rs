//! Office Open XML: an archive of XML parts, read with limits, and what its formats have in common.

pub(crate) mod docx;
pub(crate) mod pptx;
pub(crate) mod xlsx;

mod archive;
mod part;
