//! The ports: everything that a deployment needs of the world, one trait for each part of it.
//!
//! Each method is one call to a service, made at most once: retries, waiting and order are decided by the engine, so
//! that a fault at any call can be tried. Pages are read by the adapter, because half a list is of no use.

pub mod account;
pub mod clock;
pub mod cloudformation;
pub mod error;
pub mod objects;
pub mod registry;
pub mod web;

use std::sync::Arc;

pub use account::Account;
pub use clock::Clock;
pub use cloudformation::CloudFormation;
pub use error::{CallError, CallErrorKind};
pub use objects::Objects;
pub use registry::Registry;
pub use web::Web;

/// The result of a call.
pub type Call<T> = Result<T, CallError>;

/// The world of one account and region.
#[derive(Clone)]
pub struct World {
    /// Stacks and change sets.
    pub cloudformation: Arc<dyn CloudFormation>,
    /// Buckets and their objects.
    pub objects: Arc<dyn Objects>,
    /// Repositories of container images.
    pub registry: Arc<dyn Registry>,
    /// Who is calling, and what the account has and may.
    pub account: Arc<dyn Account>,
    /// What a deployment answers over HTTP.
    pub web: Arc<dyn Web>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}
