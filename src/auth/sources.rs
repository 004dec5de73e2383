//! What authentication needs of the world, one trait for each part of it.

use std::time::SystemTime;

use async_trait::async_trait;

use crate::api_token::Row;

/// Something of the world that did not answer, in words for the log. Callers learn only that it did not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// Gets documents of the OpenID provider.
#[async_trait]
pub trait Documents: Send + Sync {
    /// The body of a successful answer. Redirects are not followed: the provider is where the configuration says.
    async fn get(&self, url: &str) -> Result<String, Unavailable>;
}

/// The table of API tokens.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// The row with this key.
    async fn get(&self, key: &str) -> Result<Option<Row>, Unavailable>;
}

/// The secret that holds the management key.
#[async_trait]
pub trait ManagementKeys: Send + Sync {
    /// The current value and the one before it, as far as there are any.
    async fn get(&self) -> Result<Vec<String>, Unavailable>;
}

/// The time of day.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> SystemTime;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Whole seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}
