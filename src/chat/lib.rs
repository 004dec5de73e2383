//! Sessions and everything else that belongs to people: the back end of the chat page.
//!
//! * [`config`]: what it reads from the environment.

pub mod config;

use axum::Router;
use lisa_api::routes::Service;
use lisa_service::{App, Environment, StartError, Work};

pub use config::Config;

/// Makes the service for an environment.
pub fn start(environment: &Environment) -> Result<Work, StartError> {
    let config = Config::read(environment)?;
    Ok(Work::Http(app(&config)))
}

/// The service for a configuration.
pub fn app(config: &Config) -> App {
    App::new(&config.common, Router::new()).table(Service::Chat)
}

#[cfg(test)]
mod tests;
