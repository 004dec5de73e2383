//! What the integration tests share: the pinned tools, the templates of every config, the waivers, the AWS emulator.
//!
//! Nothing here skips. A tool that is missing is an error that names `cargo xtask tools`.

pub mod corpus;
pub mod daemon;
pub mod docker;
pub mod emulator;
pub mod engine;
pub mod finding;
mod head;
pub mod http;
pub mod hub;
pub mod intrinsic;
pub mod opensearch;
pub mod postgres;
pub mod programs;
pub mod registry;
pub mod relocate;
pub mod replay;
pub mod repository;
pub mod runtime_api;
pub mod s3;
pub mod terminal;
pub mod tool;
pub mod waiver;

pub use corpus::{App, Corpus, Template};
pub use emulator::{Emulator, Proxy};
pub use engine::Engine;
pub use finding::{Finding, Report};
pub use hub::Hub;
pub use intrinsic::Resolver;
pub use opensearch::OpenSearch;
pub use postgres::Postgres;
pub use replay::{Recorded, Replay};
pub use terminal::Terminal;
pub use tool::Tool;
