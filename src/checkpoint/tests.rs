//! What published models need, against what is published of them.

mod conversion;
mod fits;
mod published;
mod refused;
