//! The services as programs: static files that answer on a socket, in Lambda and behind the
//! emulator's REST API.
//!
//! What a single route answers is tested beside it, in its crate.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod alone;
mod chat;
mod emulator;
mod environment;
mod event;
mod lambda;
mod listener;
mod models;
mod process;
