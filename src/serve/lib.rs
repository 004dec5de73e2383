//! The OpenAI-compatible gateway: who may call is let in, the model that is asked for answers, and bytes pass both ways.
//!
//! A request costs one look at its headers and one at its body; nothing is parsed twice, and nothing is written again
//! that need not be. Threads share what is read (models, verified callers, counters) and nothing that is written on the
//! way of a request: each has its listener, its connections and its share of memory.
//!
//! The way of a request: [`server`] → [`gateway`] ([`route`], `lisa_auth`, [`rate`], [`peek`], [`registry`]) → `forward`
//! ([`balance`], [`pool`], [`protocol`]) → [`body`] ([`usage`], [`record`]).

pub mod admission;
pub mod answer;
pub mod attempts;
pub mod balance;
pub mod beside;
pub mod bill;
pub mod body;
pub mod cache;
mod catalog;
pub mod choose;
mod cloud;
pub mod config;
pub mod edit;
pub mod fixture;
mod forward;
pub mod gateway;
mod keys;
mod litellm;
pub mod local;
pub mod log;
pub mod metrics;
mod models;
pub mod options;
pub mod origin;
pub mod parallel;
mod pass_through;
pub mod peek;
pub mod pool;
pub mod protocol;
mod proxy;
pub mod rate;
pub mod record;
pub mod registry;
pub mod route;
pub mod server;
mod start;
pub mod table;
pub mod terms;
pub mod trace;
pub mod usage;

pub use config::Config;
pub use start::start;

#[cfg(test)]
extern crate self as lisa_serve;

#[cfg(test)]
mod tests;
