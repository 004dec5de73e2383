//! Waiting for a model's workflow: what it says on the way, and how it ends.

use std::time::{Duration, Instant};

use clap::Args;
use lisa_api::models::{LisaModel, ModelStatus};

use super::door::Door;
use crate::failure::Failure;
use crate::printer::Printer;

/// Between two looks.
const PACE: Duration = Duration::from_secs(5);

/// Whether, and how long, to wait.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Wait {
    /// Wait until it is done, and tell what goes wrong
    #[arg(long)]
    wait: bool,
    /// Minutes to wait at most
    #[arg(long, value_name = "MINUTES", default_value_t = 180, requires = "wait")]
    timeout: u32,
}

impl Wait {
    /// Waits as long as a plan of its own asks for.
    pub(super) const fn always() -> Self {
        Self { wait: true, timeout: 180 }
    }

    /// Waits for a model to come to rest, if that was asked for; `None` is a model that is gone.
    ///
    /// # Errors
    ///
    /// The cause that the model's row tells, where the workflow failed; or that time is over.
    pub(super) async fn settled(
        self,
        door: &Door,
        id: &str,
        printer: &Printer,
    ) -> Result<Option<LisaModel>, Failure> {
        let mut last = None;
        let start = Instant::now();
        loop {
            let Some(model) = door.find(id).await? else { return Ok(None) };
            let status = model.status;
            if !self.wait {
                return Ok(Some(model));
            }
            if last != Some(status) {
                let seconds = start.elapsed().as_secs();
                printer.note(&format!("{seconds:>5} s  {id} is {status}"));
                last = Some(status);
            }
            if status == ModelStatus::Failed {
                let reason = model.failure_reason.unwrap_or_else(|| "no reason is told".to_owned());
                let help =
                    format!("Mend the cause; then `lisa model delete {id}` and add it again, or start it.");
                return Err(Failure::action(format!("`{id}` failed: {reason}"), help));
            }
            if !status.is_changing() {
                return Ok(Some(model));
            }
            if start.elapsed() > Duration::from_secs(u64::from(self.timeout) * 60) {
                let message = format!("`{id}` is still {status} after {} minutes", self.timeout);
                return Err(Failure::action(
                    message,
                    "It goes on by itself: `lisa model get` shows how it stands.",
                ));
            }
            tokio::time::sleep(PACE).await;
        }
    }
}
