//! config.yaml: what users write, what it means, and what is wrong with it.
//!
//! [`load`](load()) takes the text of a file through five steps, each with a module: `yaml` reads it into a tree that
//! remembers where everything stands, `select` finds the environment that is meant, `shape` holds it against the
//! JSON [`schema`](schema()), [`rules`] check what no schema can say, and `resolve` makes a [`Config`] of it. Problems
//! of all steps are reported together.

pub mod config;
mod document;
mod example;
mod given;
pub mod load;
pub mod locate;
pub mod problem;
mod report;
mod resolve;
mod retired;
pub mod rules;
mod schema;
pub mod secret;
pub mod section;
mod select;
mod shape;
mod tree;
pub mod words;
pub mod yaml;

pub use config::Config;
pub use document::{Document, document};
pub use example::example;
pub use load::{Loaded, Options, Overrides, Source, load};
pub use locate::Location;
pub use problem::{Problem, Problems, Severity};
pub use rules::Rule;
pub use schema::schema;

#[cfg(test)]
mod tests;
