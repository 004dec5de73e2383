//! The model-management API, and the tasks of the models' workflows.
//!
//! Both are functions of one package, told apart by their handler.
//!
//! * [`config`]: what they read from the environment;
//! * [`routes`]: what the API answers;
//! * [`tasks`]: what Step Functions and EventBridge ask for.

pub mod config;
pub mod routes;
pub mod tasks;

use lisa_api::routes::Service;
use lisa_service::{App, Environment, StartError, Work};

pub use config::Config;

/// The handler of the tasks' function, as the `models` stack sets it.
const TASKS: &str = "models-tasks";

/// Makes the API or the tasks for an environment.
pub fn start(environment: &Environment) -> Result<Work, StartError> {
    let config = Config::read(environment)?;
    Ok(match environment.handler() {
        Some(TASKS) => Work::Events(tasks::events()),
        _ => Work::Http(app(&config)),
    })
}

/// The model-management API for a configuration.
pub fn app(config: &Config) -> App {
    App::new(&config.common, routes::routes()).table(Service::Models)
}

#[cfg(test)]
mod tests;
