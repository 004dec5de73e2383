//! Sessions and everything else that belongs to people: the back end of the chat page.
//!
//! * [`config`]: what it reads from the environment;
//! * [`state`]: the stores and services behind the handlers;
//! * [`authorize`]: who may do what to an object;
//! * [`routes`]: what it answers;
//! * [`formats`]: conversations of other programs, and for people;
//! * [`images`], [`keys`]: S3 and KMS, as sessions need them.

pub mod authorize;
mod clock;
pub mod config;
mod error;
pub mod formats;
pub mod images;
pub mod keys;
pub mod routes;
pub mod state;

use lisa_api::routes::Service;
use lisa_service::{App, Common, Environment, StartError, Work};
use lisa_signed::{Options, Session, Signed};

pub use config::Config;
pub use error::Error;
pub use state::State;

/// Makes the service for an environment.
pub async fn start(environment: &Environment) -> Result<Work, StartError> {
    let config = Config::read(environment)?;
    let refused = |error: &dyn std::error::Error| StartError::Refused(error.to_string());
    let session = Session::load(Options::default()).await.map_err(|error| refused(&error))?;
    let state = State::in_aws(&config, &Signed::new(&session));
    let app = app(&config.common, state);
    if environment.is_lambda() {
        return Ok(Work::Http(app));
    }
    // A listener has no API Gateway before it, and admits by the same rules.
    let authenticator = lisa_auth::aws::authenticator(&config.settings.auth, &session);
    let authenticator = authenticator.map_err(|error| refused(&error))?;
    Ok(Work::Http(app.admitting(std::sync::Arc::new(authenticator))))
}

/// The service over a state.
pub fn app(common: &Common, state: State) -> App {
    App::new(common, routes::routes(state)).table(Service::Chat)
}

#[cfg(test)]
mod tests;
