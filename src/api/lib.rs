//! The wire types of LISA: what its HTTP interfaces take and give, and what its services read from their environment.
//!
//! * [`models`]: the model-management API, in every form that clients write it;
//! * [`error`]: the bodies of failed requests;
//! * [`sessions`] and [`people`]: the chat back end;
//! * [`routes`]: the table of the REST API's routes, which API Gateway and the services read alike;
//! * [`settings`]: the environment variables that stacks write and services read;
//! * [`tables`]: the keys of the tables that stacks make and services read;
//! * [`weights`]: the manifest of a model's folder in the bucket of weights.
//!
//! Nothing here does I/O; serde is the only library that a value passes through, and schemars describes the types.

pub mod error;
pub mod models;
pub mod people;
pub mod routes;
pub mod sessions;
pub mod settings;
pub mod tables;
pub mod weights;

pub use error::{ErrorBody, FieldError};
