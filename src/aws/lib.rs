//! The ports of `lisa-deploy` on AWS: the only home of its SDK on the side of the operator.
//!
//! [`connect`] finds credentials and region, makes sure of the account, and returns the world that the engine works on.
//! No client here tries a call again: the engine decides that, knowing what was asked before.

mod account;
mod clock;
mod cloudformation;
mod connect;
mod error;
mod objects;
mod registry;
mod web;

pub use connect::{ConnectError, Connection, Options, connect, enter};
