//! The sections of config.yaml, one file each: what users may write there, and what it comes to.
//!
//! Doc comments on fields are the user documentation: the JSON Schema, the editor's hover text and
//! `config.yaml.example` all show them. A section whose written form needs more than checking has two types: the
//! written one ends in `File` and is private to this crate.

pub mod api_gateway;
pub mod auth;
pub mod auto_scaling;
pub mod banner;
pub mod container;
pub mod environment;
pub mod image;
pub mod litellm;
pub mod load_balancer;
pub mod model;
pub mod network;
pub mod permissions_boundary;
pub mod python;
pub mod rag;
pub mod rest_api;
pub mod roles;
pub mod tag;
pub mod waiver;
