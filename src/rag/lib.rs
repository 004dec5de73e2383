//! Repositories, documents and search: the repository API, and the worker that ingests documents.
//!
//! Both are functions of one package, told apart by their handler.
//!
//! * [`config`]: what they read from the environment;
//! * [`ingest`]: what the worker does with a message of the queue.

pub mod config;
pub mod ingest;

use axum::Router;
use lisa_api::routes::Service;
use lisa_service::{App, Environment, StartError, Work};

pub use config::Config;

/// The handler of the worker's function, as the `rag` stack sets it.
const INGEST: &str = "rag-ingest";

/// Makes the API or the worker for an environment.
pub fn start(environment: &Environment) -> Result<Work, StartError> {
    let config = Config::read(environment)?;
    Ok(match environment.handler() {
        Some(INGEST) => Work::Events(ingest::events()),
        _ => Work::Http(app(&config)),
    })
}

/// The repository API for a configuration.
pub fn app(config: &Config) -> App {
    App::new(&config.common, Router::new()).table(Service::Rag)
}

#[cfg(test)]
mod tests;
