//! Why a service does not start.

use std::net::SocketAddr;

use crate::settings::SettingsError;

/// Why a service does not start, or why it stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The environment lacks variables, or holds wrong ones.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Nothing can listen there.
    #[error("could not listen on `{address}`")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The service handles Lambda events alone, and this is not Lambda.
    #[error("`{0}` handles events of AWS Lambda and has nothing to listen for")]
    EventsOnly(&'static str),
    /// The service listens for itself or ends by itself, and Lambda has a use for neither.
    #[error("`{0}` runs in a container and cannot run in AWS Lambda")]
    NotInLambda(&'static str),
    /// What the service needs is not there, or was asked for in a wrong way.
    #[error("{0}")]
    Refused(String),
    /// A job could not be done.
    #[error("{0}")]
    Failed(String),
    /// The operating system refused something.
    #[error("could not {what}")]
    System {
        /// What was tried.
        what: &'static str,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// Lambda's interface could not be reached.
    #[error("lost the interface of AWS Lambda: {0}")]
    Lambda(String),
}

impl StartError {
    /// The message with all its causes, in one line.
    pub(crate) fn with_causes(&self) -> String {
        let causes = std::iter::successors(std::error::Error::source(self), |error| error.source());
        causes.fold(self.to_string(), |text, cause| format!("{text}: {cause}"))
    }
}
