//! Copies from a server on loopback that speaks S3 and misbehaves when it is told to, and from the AWS emulator's S3.
#![expect(clippy::expect_used, reason = "helpers of tests")]

mod copies;
mod cutting;
mod emulated;
mod killed;
mod program;
mod random;
mod scene;
mod troubles;
