//! The gateway between real sockets: callers on one side, a model server on the other.

mod access;
mod faults;
mod pass;
mod stage;
