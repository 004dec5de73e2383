//! Copies from a server on loopback that speaks S3 and misbehaves when it is told to.
#![expect(clippy::expect_used, reason = "helpers of tests")]

mod copies;
mod killed;
mod program;
mod random;
mod s3;
mod scene;
mod troubles;
