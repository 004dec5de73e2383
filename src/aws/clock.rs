//! Time: the machine's clock, and waiting by tokio.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use lisa_deploy::ports;

pub(crate) struct Clock;

#[async_trait]
impl ports::Clock for Clock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
