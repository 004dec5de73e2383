//! Model management: the API, the tasks of the models' workflows, and what both stand on.
//!
//! API and tasks are functions of one package, told apart by their handler.
//!
//! * [`routes`]: the API; [`openapi`] is its description, made from the types;
//! * [`management`]: what can be asked, by the API or by the command line;
//! * [`tasks`]: what Step Functions and EventBridge ask for;
//! * [`local`]: the workflows run in this process instead;
//! * [`declared`]: what has changed of a model that a configuration declares;
//! * [`row`]: a model's row in the table;
//! * [`ports`]: the world behind traits, gathered in [`world`]; [`aws`] is the real one.

mod alter;
pub mod aws;
pub mod config;
pub mod declared;
mod error;
pub mod local;
pub mod management;
pub mod openapi;
pub mod ports;
pub mod routes;
pub mod row;
pub mod rows;
pub mod tasks;
pub mod world;

use std::sync::Arc;

use lisa_api::routes::Service;
use lisa_service::{App, Common, Environment, StartError, Work};
use lisa_signed::{Options, Session};

pub use config::Config;
pub use error::Error;
pub use management::Management;
pub use routes::Shared;
pub use tasks::Tasks;
pub use world::World;

/// The handler of the tasks' function, as the `models` stack sets it.
const TASKS: &str = "models-tasks";

/// Makes the API or the tasks for an environment.
pub async fn start(environment: &Environment) -> Result<Work, StartError> {
    let config = Config::read(environment)?;
    let certificates = config.settings.common.ca_bundle.as_ref().map(Into::into);
    let session = Session::load(Options { certificates, ..Options::default() }).await;
    let session = session.map_err(|error| StartError::Refused(error.to_string()))?;
    let world = aws::world(&session, config.deployment());
    if environment.handler() == Some(TASKS) {
        return Ok(Work::Events(tasks::events(Tasks::new(world, config.place()))));
    }
    let base = if environment.is_lambda() { format!("/{}", config.common.stage) } else { String::new() };
    let app = app(&config.common, Shared { management: Management::new(world), base });
    if environment.is_lambda() {
        return Ok(Work::Http(app));
    }
    let authenticator = lisa_auth::aws::authenticator(&config.settings.auth, &session);
    let authenticator = authenticator.map_err(|error| StartError::Refused(error.to_string()))?;
    Ok(Work::Http(app.admitting(Arc::new(authenticator))))
}

/// The model-management API.
pub fn app(common: &Common, shared: Shared) -> App {
    App::new(common, routes::routes(shared)).table(Service::Models).body_limit(LARGEST_BODY)
}

/// Bytes of a request: more than an execution can carry is never a model.
const LARGEST_BODY: usize = 256 * 1024;

#[cfg(test)]
mod tests;
