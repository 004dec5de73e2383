//! From templates to a running deployment: what to do next, decided from what is observed, and done through ports.
//!
//! Nothing in this crate knows an SDK, a terminal or a clock of its own: the world is the traits of [`ports`], what
//! happens is told to an [`Observer`](event::Observer), and the same code runs against AWS, an emulator and a fake.

pub mod assets;
pub mod cause;
pub mod control;
pub mod declared;
pub mod destroy;
pub mod diff;
pub mod doctor;
pub mod engine;
pub mod event;
pub mod executor;
pub mod losses;
pub mod machine;
pub mod next;
pub mod outcome;
pub mod outputs;
pub mod parameters;
pub mod plan;
pub mod ports;
pub mod ready;
pub mod retry;
pub mod secret;
pub mod site;
pub mod status;
pub mod target;
pub mod templates;
pub mod verify;
