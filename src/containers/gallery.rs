//! Looking for images in registries, without fetching them: what the doctor asks before hosts have to pull.

use std::time::Duration;

use async_trait::async_trait;
use lisa_deploy::assets::Architecture;
use lisa_deploy::doctor::images::{Gallery, Seen};
use lisa_deploy::ports::registry::Login;

use crate::error::ContainerError;
use crate::mirror::Source;

/// An answer that takes longer is not waited for: the deployment itself does not need it.
const PATIENCE: Duration = Duration::from_secs(8);

/// Every registry that this machine reaches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Registries;

#[async_trait]
impl Gallery for Registries {
    async fn look(&self, reference: &str, login: Option<&Login>, architecture: Architecture) -> Seen {
        match tokio::time::timeout(PATIENCE, seen(reference, login, architecture)).await {
            Ok(Ok(())) => Seen::There,
            Ok(Err(error)) => meaning(error),
            Err(_) => Seen::Unknown(format!("its registry said nothing for {} s", PATIENCE.as_secs())),
        }
    }
}

async fn seen(
    reference: &str,
    login: Option<&Login>,
    architecture: Architecture,
) -> Result<(), ContainerError> {
    let Some(login) = login else { return Source::new(reference, &[])?.check(architecture).await };
    // The account's registry may answer under another host than the one that its images are named by.
    let path = reference.split_once('/').map_or(reference, |(_, path)| path);
    let here = format!("{}/{path}", login.host);
    Source::new(&here, std::slice::from_ref(login))?.check(architecture).await
}

fn meaning(error: ContainerError) -> Seen {
    match error {
        ContainerError::Absent { .. } => Seen::Missing,
        ContainerError::Platform { found, .. } => Seen::OtherPlatform(found),
        ContainerError::Registry { transient: false, fault, .. } => Seen::Refused(fault),
        other => Seen::Unknown(other.to_string()),
    }
}
