//! Every CloudFormation stack of LISA as a pure function of the configuration: no I/O, no clock, same bytes.
//!
//! [`synthesize`] is the way in. A stack is one file, named as on the command line; what several stacks need alike
//! lies in `parts/`; names that people and other stacks rely on come from [`naming`] alone; ids that are only known
//! after a deployment travel by the keys of [`shared`].

mod api;
mod app;
mod assets;
pub mod bootstrap;
mod builder;
mod capabilities;
mod chat;
mod core;
mod error;
pub mod graph;
pub mod manifest;
pub mod model;
mod models;
pub mod naming;
mod network;
pub mod parts;
mod rag;
mod serve;
pub mod shared;
mod stack;
mod ui;

pub use app::{App, StackName, synthesize};
pub use assets::{Asset, Assets, hex_digest};
pub use builder::{Context, StackBuilder};
pub use error::{SynthError, SynthErrors};
pub use naming::Naming;
pub use serve::{GatewaySecret, gateway_secret};
pub use stack::{ParameterSource, Stack};

#[cfg(test)]
mod tests;
