//! The chassis of every service: settings, health, problem responses, logs, and the runner for Lambda or a listener.
//!
//! A service's `main.rs` calls [`run`] with its [`Program`] and a function that reads the environment and makes its
//! [`Work`]: an HTTP [`App`], a handler of Lambda events, or a job that ends by itself. The same binary is served on a socket or by Lambda,
//! whichever the environment asks for.
//!
//! * [`settings`]: the environment, every missing or wrong variable told at once;
//! * [`app`]: the layers around a service's routes;
//! * [`problem`]: what a failed request is answered with;
//! * [`runner`]: a socket until SIGTERM, or Lambda's invocations.

mod access_log;
mod admission;
pub mod app;
mod arguments;
mod cors;
mod error;
mod events;
pub mod health;
mod identity;
mod limits;
mod logging;
mod panics;
pub mod problem;
mod program;
mod request_id;
pub mod routing;
pub mod runner;
pub mod settings;

pub use app::App;
pub use arguments::{Flag, Given};
pub use error::StartError;
pub use events::{Events, Failure};
pub use health::Health;
pub use identity::{AuthorizerContext, Identity};
pub use problem::{Json, Problem, Shape};
pub use program::{Job, Program, Running, Threads, Work, run, run_with};
pub use request_id::RequestId;
pub use settings::{Common, Environment, Reader, SettingsError};
