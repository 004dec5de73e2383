//! The gateway between real sockets: callers on one side, a model server on the other.

mod access;
mod aws;
mod bytes;
mod endurance;
mod faults;
mod first;
mod forms;
mod fuzz;
mod instead;
mod messages;
mod options;
mod pass;
mod rerank;
mod sockets;
pub(crate) mod stage;
