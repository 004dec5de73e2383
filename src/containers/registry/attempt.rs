//! Calls to a registry, made again while it may help.

use std::time::Duration;

use oci_client::errors::{OciDistributionError, OciErrorCode};

use super::Remote;
use crate::error::ContainerError;

/// Waits between attempts.
pub(super) const WAITS: [Duration; 4] =
    [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];

impl Remote {
    /// Calls until it succeeds or trying again is of no use. `action` is what the registry is asked, for the message.
    pub(super) async fn attempt<T, F>(&self, action: &str, call: impl Fn() -> F) -> Result<T, ContainerError>
    where
        F: Future<Output = Result<T, OciDistributionError>>,
    {
        for wait in self.waits {
            match call().await {
                Err(error) if is_transient(&error) => tokio::time::sleep(*wait).await,
                answer => return answer.map_err(|error| self.failed(action, &error)),
            }
        }
        call().await.map_err(|error| self.failed(action, &error))
    }

    fn failed(&self, action: &str, error: &OciDistributionError) -> ContainerError {
        ContainerError::Registry {
            host: self.host.clone(),
            action: action.to_owned(),
            fault: words(error),
            transient: is_transient(error),
        }
    }
}

/// Whether something is not there, rather than not to be had.
pub(super) fn is_absent(error: &OciDistributionError) -> bool {
    match error {
        OciDistributionError::ImageManifestNotFoundError(_) => true,
        OciDistributionError::ServerError { code, .. } => *code == 404,
        OciDistributionError::RegistryError { envelope, .. } => envelope.errors.iter().any(|error| {
            matches!(
                error.code,
                OciErrorCode::ManifestUnknown | OciErrorCode::NameUnknown | OciErrorCode::NotFound
            )
        }),
        _ => false,
    }
}

fn is_transient(error: &OciDistributionError) -> bool {
    match error {
        OciDistributionError::ServerError { code, .. } => *code >= 500 || *code == 429,
        OciDistributionError::RegistryError { envelope, .. } => {
            envelope.errors.iter().any(|error| matches!(error.code, OciErrorCode::Toomanyrequests))
        }
        OciDistributionError::RequestError(error) => match error.status() {
            Some(status) => status.is_server_error() || status.as_u16() == 429,
            // A file that cannot be read any more is a body error, and so is a connection that broke.
            None => !error.is_builder() && !error.is_decode(),
        },
        OciDistributionError::IoError(_) => true,
        _ => false,
    }
}

/// What the registry or the network said, with every cause: the first alone says only where.
fn words(error: &OciDistributionError) -> String {
    if let OciDistributionError::RegistryError { envelope, .. } = error {
        let said = envelope.errors.iter().map(|error| match error.message.as_str() {
            "" => format!("{:?}", error.code),
            message => message.to_owned(),
        });
        return said.collect::<Vec<_>>().join(", ");
    }
    lisa_signed::error_chain(error)
}
