//! Retry and catch: what a task does with an error, and the names of the errors.

use crate::name::StateName;
use crate::path::Path;

/// The name of an error, as retriers list it and as the models function reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorName {
    /// Any error, except the two that end an execution at once (`States.Runtime`,
    /// `States.DataLimitExceeded`).
    All,
    /// The task took longer than its time-out.
    Timeout,
    /// Lambda itself failed.
    LambdaService,
    /// Lambda failed while it started or ran the function.
    LambdaAwsLambda,
    /// The call to Lambda never arrived.
    LambdaSdkClient,
    /// The function died without an answer that Lambda could name.
    LambdaUnknown,
    /// The function's process ended: out of memory, or killed.
    RuntimeExit,
    /// The function ran into its own time-out.
    SandboxTimedOut,
    /// Lambda has no room for another invocation.
    LambdaTooManyRequests,
    /// An AWS service throttled a call of the task. Reported by the models function under this name.
    Throttled,
    /// An AWS service answered with a passing 5xx. Reported by the models function under this name.
    Unavailable,
}

impl ErrorName {
    /// The name in the States Language, and for our own errors the function's `errorType`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "States.ALL",
            Self::Timeout => "States.Timeout",
            Self::LambdaService => "Lambda.ServiceException",
            Self::LambdaAwsLambda => "Lambda.AWSLambdaException",
            Self::LambdaSdkClient => "Lambda.SdkClientException",
            Self::LambdaUnknown => "Lambda.Unknown",
            Self::RuntimeExit => "Runtime.ExitError",
            Self::SandboxTimedOut => "Sandbox.Timedout",
            Self::LambdaTooManyRequests => "Lambda.TooManyRequestsException",
            Self::Throttled => "Throttled",
            Self::Unavailable => "Unavailable",
        }
    }
}

/// Tries a task again after some errors, each time after a longer pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The errors that are tried again.
    pub errors: &'static [ErrorName],
    /// Seconds before the first retry.
    pub interval_seconds: u32,
    /// Retries after the first attempt.
    pub max_attempts: u32,
    /// What each pause is multiplied by to give the next.
    pub backoff_rate: u32,
    /// Seconds that no pause exceeds.
    pub max_delay_seconds: u32,
    /// Whether each pause is drawn at random between 0 and its full length, so that throttled callers spread.
    pub full_jitter: bool,
}

impl Retry {
    /// Throttling: patient, because the limit is shared with everyone in the account.
    pub const THROTTLING: Self = Self {
        errors: &[ErrorName::Throttled, ErrorName::LambdaTooManyRequests],
        interval_seconds: 2,
        max_attempts: 6,
        backoff_rate: 2,
        max_delay_seconds: 60,
        full_jitter: true,
    };

    /// Passing faults of Lambda or of a service. A task may have run in full before it was lost: tasks are
    /// idempotent.
    pub const PASSING: Self = Self {
        errors: &[
            ErrorName::Unavailable,
            ErrorName::LambdaService,
            ErrorName::LambdaAwsLambda,
            ErrorName::LambdaSdkClient,
            ErrorName::LambdaUnknown,
            ErrorName::RuntimeExit,
            ErrorName::SandboxTimedOut,
            ErrorName::Timeout,
        ],
        interval_seconds: 2,
        max_attempts: 3,
        backoff_rate: 2,
        max_delay_seconds: 30,
        full_jitter: true,
    };

    /// The same policy with at most this many retries.
    pub const fn at_most(self, max_attempts: u32) -> Self {
        Self { max_attempts, ..self }
    }

    /// The longest pause before a retry, in seconds; `made` retries were made before.
    pub fn pause_seconds(&self, made: u32) -> u32 {
        let grown = self.interval_seconds.saturating_mul(self.backoff_rate.saturating_pow(made));
        grown.min(self.max_delay_seconds)
    }

    /// The longest that all pauses take together, in seconds.
    pub fn longest_pause_seconds(&self) -> u64 {
        (0..self.max_attempts).map(|made| u64::from(self.pause_seconds(made))).sum()
    }
}

/// Where a task goes after any error that its retries did not cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catch {
    /// Where the error is put; the rest of the state stays.
    pub result: Path,
    /// The state that handles it.
    pub next: StateName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit() {
        assert_eq!(Retry::THROTTLING.longest_pause_seconds(), 2 + 4 + 8 + 16 + 32 + 60);
        assert_eq!(Retry::THROTTLING.at_most(0).longest_pause_seconds(), 0);
    }

    #[test]
    fn a_pause_that_would_overflow_stays_at_its_limit() {
        let retry = Retry { backoff_rate: u32::MAX, ..Retry::THROTTLING };
        assert_eq!(retry.longest_pause_seconds(), 2 + 5 * 60);
    }
}
