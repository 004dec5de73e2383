//! Images of other registries, copied into the account's own by digest.

use lisa_deploy::assets::{Architecture, Tell};
use lisa_deploy::ports::registry::Login;
use oci_client::Reference;

use crate::digest::Digest;
use crate::error::ContainerError;
use crate::layout::Layout;
use crate::oci::Descriptor;
use crate::registry::{Found, Remote};

/// An image to copy.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is.
    reference: Reference,
    remote: Remote,
}

impl Source {
    /// An image by its reference. The login for its registry is used where there is one.
    pub fn new(image: &str, logins: &[Login]) -> Result<Self, ContainerError> {
        let reference: Reference = image.parse().map_err(|error| ContainerError::Format {
            path: image.into(),
            expected: "an image's reference",
            fault: format!("{error}"),
        })?;
        let host = reference.resolve_registry();
        let login = logins.iter().find(|login| login.host == host);
        let remote = login.map_or_else(|| Remote::anonymous(host), Remote::with_login);
        Ok(Self { reference, remote })
    }

    /// The image for an architecture, as its registry has it.
    pub async fn find(&self, architecture: Architecture) -> Result<Found, ContainerError> {
        let found = self.remote.find(&self.reference, architecture).await?;
        let absent = || ContainerError::Absent {
            host: self.remote.host().to_owned(),
            image: self.reference.to_string(),
        };
        found.ok_or_else(absent)
    }

    /// Whether the image is there and runs on an architecture, by the little that its registry says of it. It is asked
    /// once: nothing hangs on the answer.
    pub async fn check(&self, architecture: Architecture) -> Result<(), ContainerError> {
        let hasty = Self { remote: self.remote.asked_once(), ..self.clone() };
        let found = hasty.find(architecture).await?;
        hasty.remote.check(&self.reference, &found, architecture).await
    }

    /// Fetches the image into a layout; returns its manifest.
    pub async fn fetch(
        &self,
        found: &Found,
        architecture: Architecture,
        layout: &Layout,
        tell: Tell<'_>,
    ) -> Result<Descriptor, ContainerError> {
        self.remote.pull(&self.reference, found, architecture, layout, tell).await
    }
}

/// The tag of a copy, which says what it is a copy of and which one: `vllm-vllm-openai-v0.6.3-0123456789ab`.
pub fn tag(image: &str, digest: &Digest) -> String {
    /// Bytes of a tag.
    const MOST: usize = 128;
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(allowed).collect();
    let end = &digest.hex()[..12];
    // The end tells versions of one image apart.
    let start = name.len().saturating_sub(MOST - end.len() - 1);
    let name = name[start..].trim_start_matches(['.', '-']);
    format!("{name}-{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_legible_and_short_enough() {
        let digest = Digest::of(b"");
        assert_eq!(tag("ghcr.io/a/tgi:2.0", &digest), "ghcr.io-a-tgi-2.0-e3b0c44298fc");
        let long = tag(&format!("r.example.com/{}:v1", "a".repeat(200)), &digest);
        assert_eq!(long.len(), 128);
        assert!(long.ends_with("a-v1-e3b0c44298fc"));
    }
}
