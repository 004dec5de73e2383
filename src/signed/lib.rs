//! Signed requests to any AWS API, for the few calls that need no SDK crate of their own, and the session that all calls share.
//!
//! [`Session::load`] finds region, credentials, endpoints and certificate authorities as the AWS CLI does, and hands the
//! same HTTP client to the SDK's crates and to [`Signed`]: one TLS stack, one pool of connections, one way to a proxy.
//! Nothing here tries a call twice; whoever calls decides that.

mod client;
mod endpoint;
mod error;
mod object;
mod refusal;
pub mod s3;
pub mod service;
mod session;
mod signer;
mod token;
mod wire;
pub mod xml;

pub use client::{Answer, Request, Signed};
pub use endpoint::{Endpoint, public as public_endpoint};
pub use error::{Error, Why, error_chain};
pub use service::Service;
pub use session::{Options, Session};
pub use signer::{SignError, Signer, Whose};
pub use token::token;
pub use wire::{Wire, WireError};
pub use xml::Element;
