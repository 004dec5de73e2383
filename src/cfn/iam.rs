//! IAM policy documents as types: actions are data with the resources they take, principals and condition operators
//! are spelled by the compiler, and `*` for a resource is said aloud.
//!
//! ```
//! use lisa_cfn::iam::{Policy, Statement, actions::{dynamodb, ecr}, arn};
//!
//! let policy = Policy::new([
//!     Statement::allow([dynamodb::GET_ITEM, dynamodb::QUERY]).on([arn::regional("dynamodb", "table/Sessions")]),
//!     Statement::allow([ecr::GET_AUTHORIZATION_TOKEN]).on_all(),
//! ]);
//! assert!(policy.check(lisa_cfn::iam::DocumentKind::Identity).is_empty());
//! ```
//!
//! A document is written with its actions sorted and without repeats, and with a list wherever IAM takes one. What the
//! compiler cannot see is checked for every document of a template by [`crate::Template::check`].

mod action;
pub mod actions;
pub mod arn;
mod condition;
mod grants;
mod policy;
mod principal;
mod statement;
mod trust;

pub(crate) use action::condition_key;
pub use action::{Access, Action, ResourceType, find, matching, supports_resources};
pub use condition::{Condition, Operator, keys};
pub use grants::{KeyGrant, deny_insecure_transport, key_policy};
pub use policy::{DocumentKind, Policy};
pub(crate) use principal::LOGS;
pub use principal::Principal;
pub use statement::Statement;
pub use trust::{trust, trust_from, trusts_source_account};

#[cfg(test)]
mod tests;
