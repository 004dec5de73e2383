//! What a deployment answers over HTTP: the readiness gate's port.

use std::time::SystemTime;

use async_trait::async_trait;

use super::Call;

/// An HTTP client.
#[async_trait]
pub trait Web: Send + Sync {
    /// Gets a URL and returns its answer, whatever the status; redirects are not followed. The deployment's own
    /// certificates are accepted: what is asked is whether it answers.
    async fn get(&self, url: &str) -> Call<Answer>;
}

/// An HTTP answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The first 64 KiB of the body, as text.
    pub body: String,
    /// `Date`: the time of day at the server.
    pub date: Option<SystemTime>,
}
