//! When a failed call is made again: what passes, what does not, and the pauses between.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use lisa_signed::error_chain;

use crate::config::Tuning;
use crate::error::CopyError;

/// What a call has failed on.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A later call may succeed.
    Passing(String),
    /// The object is not what it was when the folder was listed.
    Changed,
    /// No later call will succeed.
    Lasting(String),
}

/// Why an object is not brought.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It is not what it was when the folder was listed.
    Changed,
    /// Nothing more can be done.
    Failed(CopyError),
}

impl From<CopyError> for Stop {
    fn from(error: CopyError) -> Self {
        Self::Failed(error)
    }
}

/// S3 asks for another attempt with these codes although the status alone does not.
/// See "List of error codes" in the Amazon S3 API reference.
const PASSING: [&str; 4] = ["RequestTimeout", "SlowDown", "Throttling", "ThrottlingException"];

/// What an error of the SDK means.
pub(crate) fn fault<E>(error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    let (SdkError::ServiceError(_), Some(status)) = (error, status) else {
        let text = error_chain(error);
        let is_lasting = matches!(error, SdkError::ConstructionFailure(_));
        return if is_lasting { Fault::Lasting(text) } else { Fault::Passing(text) };
    };
    let code = error.code().unwrap_or_default();
    let text = match error.message() {
        Some(message) => format!("{code}: {message}"),
        None => format!("{code} (status {status})").trim_start().to_owned(),
    };
    match status {
        404 if code == "NoSuchBucket" => Fault::Lasting(text),
        404 | 412 | 416 => Fault::Changed,
        429 | 500..=599 => Fault::Passing(text),
        _ if PASSING.contains(&code) => Fault::Passing(text),
        _ => Fault::Lasting(text),
    }
}

/// Counts failures in a row and makes pauses that grow with them.
pub(crate) struct Patience<'a> {
    tuning: &'a Tuning,
    action: &'static str,
    uri: String,
    failures: u32,
}

impl<'a> Patience<'a> {
    pub(crate) fn new(tuning: &'a Tuning, action: &'static str, uri: String) -> Self {
        Self { tuning, action, uri, failures: 0 }
    }

    /// Something was achieved: counting starts again.
    pub(crate) fn renew(&mut self) {
        self.failures = 0;
    }

    /// Pauses after a fault that passes; returns what ends the work for the others.
    pub(crate) async fn bear(&mut self, fault: Fault) -> Result<(), Stop> {
        let (action, uri) = (self.action, self.uri.clone());
        match fault {
            Fault::Changed => Err(Stop::Changed),
            Fault::Lasting(reason) => Err(CopyError::Refused { action, uri, reason }.into()),
            Fault::Passing(reason) => {
                self.failures += 1;
                if self.failures >= self.tuning.attempts {
                    let attempts = self.failures;
                    return Err(CopyError::Exhausted { action, uri, attempts, reason }.into());
                }
                tracing::debug!(action, uri, reason, failures = self.failures, "tries again");
                tokio::time::sleep(self.pause()).await;
                Ok(())
            }
        }
    }

    /// Between half of the pause and the whole, so that many reads that were refused together do not return together.
    fn pause(&self) -> Duration {
        let doubled = self.tuning.pause.saturating_mul(1 << (self.failures - 1).min(16));
        let most = doubled.min(self.tuning.longest_pause);
        let thousandths = RandomState::new().build_hasher().finish() % 500;
        most / 2 + most.mul_f64(f64::from(u32::try_from(thousandths).unwrap_or(0)) / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let tuning = Tuning { pause: Duration::from_millis(100), ..Tuning::default() };
        let mut patience = Patience::new(&tuning, "s3:GetObject", String::new());
        for (failures, most) in [(1, 100), (2, 200), (4, 800), (30, 20_000)] {
            patience.failures = failures;
            let pause = patience.pause().as_millis();
            assert!((most / 2..=most).contains(&pause), "{failures}: {pause}");
        }
    }
}
