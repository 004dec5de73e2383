//! Everything that model management acts upon, in one value.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ports::{Catalog, Clock, Fleet, Models, Rows, Stacks, Workflows};

/// The ports. A clone is the same world.
#[derive(Clone)]
pub struct World {
    /// The table of models.
    pub rows: Arc<dyn Rows>,
    /// CloudFormation.
    pub stacks: Arc<dyn Stacks>,
    /// Hosts and containers.
    pub fleet: Arc<dyn Fleet>,
    /// What must be there before a model is made.
    pub catalog: Arc<dyn Catalog>,
    /// What answers to requests.
    pub models: Arc<dyn Models>,
    /// Whatever runs the workflows.
    pub workflows: Arc<dyn Workflows>,
    /// Whether there is an account to host models in; without one they can only be elsewhere.
    pub can_host: bool,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> (u64, u32) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (now.as_secs(), now.subsec_nanos())
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}
