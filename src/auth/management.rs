//! The management key: the current one and the one before, so that a rotation locks nobody out.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use crate::refusal::Refusal;
use crate::sources::{Clock, ManagementKeys};

/// The secret is read again after this time: a key that was rotated away ends by then.
const FRESH: Duration = Duration::from_mins(5);

/// A key that is not known makes the secret be read again, but no sooner than this after the last time.
const PAUSE: Duration = Duration::from_secs(10);

/// Keeps the keys for as long as they may be believed.
pub(crate) struct Management {
    keys: Arc<dyn ManagementKeys>,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    digests: Vec<[u8; 32]>,
    read: Option<SystemTime>,
    asked: Option<SystemTime>,
}

impl Management {
    pub(crate) fn new(keys: Arc<dyn ManagementKeys>, clock: Arc<dyn Clock>) -> Self {
        Self { keys, clock, known: Mutex::default() }
    }

    /// Whether `secret` is a management key.
    pub(crate) async fn is_key(&self, secret: &str) -> Result<bool, Refusal> {
        let digest = crate::digest(secret);
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        let older = |at: Option<SystemTime>, limit| {
            at.is_none_or(|at| now.duration_since(at).unwrap_or_default() >= limit)
        };
        if !older(known.read, FRESH) && known.holds(&digest) {
            return Ok(true);
        }
        if !older(known.asked, PAUSE) {
            return Ok(known.holds(&digest) && !older(known.read, FRESH));
        }
        known.asked = Some(now);
        let keys = self.keys.get().await.map_err(|error| Refusal::Unavailable(error.to_string()))?;
        known.digests = keys.iter().filter(|key| !key.is_empty()).map(|key| crate::digest(key)).collect();
        known.read = Some(now);
        Ok(known.holds(&digest))
    }
}

impl Known {
    /// Compares digests in constant time.
    fn holds(&self, digest: &[u8; 32]) -> bool {
        let same = |own: &[u8; 32]| aws_lc_rs::constant_time::verify_slices_are_equal(own, digest).is_ok();
        self.digests.iter().any(same)
    }
}
