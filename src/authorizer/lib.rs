//! The authorizer of the REST API: API Gateway asks it before every request that needs a token.
//!
//! * [`config`]: what it reads from the environment;
//! * [`request`]: what it is asked;
//! * [`decision`]: who is let in;
//! * [`answer`]: what API Gateway is told.

pub mod answer;
pub mod config;
pub mod decision;
pub mod request;

use std::sync::Arc;

use lisa_auth::Authenticator;
use lisa_service::{Environment, Events, StartError, Work};
use lisa_signed::{Options, Session};

pub use answer::Answer;
pub use config::Config;
pub use decision::Decision;
pub use request::AuthorizerRequest;

/// Makes the authorizer for an environment.
pub async fn start(environment: Environment) -> Result<Work, StartError> {
    let config = Config::read(&environment)?;
    let certificates = config.settings.common.ca_bundle.as_ref().map(Into::into);
    let session = Session::load(Options { certificates, ..Options::default() }).await;
    let session = session.map_err(|error| StartError::Refused(error.to_string()))?;
    let authenticator = lisa_auth::aws::authenticator(&config.settings.auth, &session)
        .map_err(|error| StartError::Refused(error.to_string()))?;
    Ok(Work::Events(events(config, authenticator)))
}

/// Answers API Gateway's questions.
pub fn events(config: Config, authenticator: Authenticator) -> Events {
    let (config, authenticator) = (Arc::new(config), Arc::new(authenticator));
    Events::new(move |request: AuthorizerRequest| {
        let (config, authenticator) = (Arc::clone(&config), Arc::clone(&authenticator));
        async move {
            let decision = decision::decide(&authenticator, &request).await;
            if config.audit_log || !decision.is_allowed() {
                tracing::info!(
                    request = request.id(),
                    method = request.http_method,
                    route = request.resource,
                    principal = decision.principal(),
                    allowed = decision.is_allowed(),
                    reason = decision.reason(),
                    "decided"
                );
            }
            Ok(Answer::new(&decision, &request.method_arn))
        }
    })
}

#[cfg(test)]
mod tests;
