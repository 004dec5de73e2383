//! How failures of others are borne: what may succeed later is tried again, after pauses that double.

use std::time::Duration;

/// How failures are borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// How often a call may fail in a row without a byte of progress.
    pub attempts: u32,
    /// The pause after the first failure; it doubles.
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { attempts: 6, pause: Duration::from_millis(500), longest_pause: Duration::from_secs(20) }
    }
}

impl Tuning {
    /// Makes a call again where `passes` says of its error that a later one may succeed.
    pub(crate) async fn again<T, E>(
        &self,
        passes: impl Fn(&E) -> bool,
        call: impl AsyncFn() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut pause = self.pause;
        for _ in 1..self.attempts {
            match call().await {
                Err(error) if passes(&error) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(self.longest_pause);
                }
                answer => return answer,
            }
        }
        call().await
    }
}
