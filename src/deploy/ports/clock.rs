//! Time, as the engine sees it.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;

/// A clock that can be waited on.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> SystemTime;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}
