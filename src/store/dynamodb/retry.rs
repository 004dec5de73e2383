//! Asking again: what is refused because the service is busy, with pauses that grow and differ.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use lisa_signed::{Error, Why};

/// How often something is asked, at most.
const ATTEMPTS: u32 = 6;

/// The longest first pause; each further one may be twice as long, up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(25);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(1);

/// Refusals that tell how the items are.
const VERDICTS: [&str; 2] = ["ConditionalCheckFailedException", "TransactionCanceledException"];

/// When a request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Also if there was no answer: a second time does what the first did.
    Always,
    /// Only if it was refused: it might have been done otherwise.
    IfRefused,
}

/// Asks until there is an answer that another attempt would not change.
pub(super) async fn with_pauses<T, F: Future<Output = Result<T, Error>>>(
    repeat: Repeat,
    ask: impl Fn() -> F,
) -> Result<T, Error> {
    let (mut attempt, mut unanswered) = (0, None);
    loop {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let again = is_busy(&error) || (repeat == Repeat::Always && error.why == Why::Unanswered);
        if again && error.why == Why::Unanswered {
            unanswered = Some(error.clone());
        }
        if !again || attempt + 1 >= ATTEMPTS {
            // An earlier attempt may have done it, though the last one did not, unless that says how the items are.
            return Err(unanswered.filter(|_| !VERDICTS.contains(&error.code.as_str())).unwrap_or(error));
        }
        tokio::time::sleep(pause(attempt)).await;
        attempt += 1;
    }
}

/// Pauses before the rest of a batch is asked for; after too many attempts the table is busy.
pub(super) async fn pause_or_fail(attempt: u32, table: &str) -> Result<(), crate::Error> {
    if attempt + 1 >= ATTEMPTS {
        let message = "it did a part of a batch alone".to_owned();
        return Err(crate::Error::Busy { table: table.to_owned(), message });
    }
    tokio::time::sleep(pause(attempt)).await;
    Ok(())
}

/// Whether a refusal says that the service, and not the request, is in the way.
pub(super) fn is_busy(error: &Error) -> bool {
    const CODES: [&str; 6] = [
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
    ];
    let refused = error.why == Why::Refused;
    refused && (CODES.contains(&error.code.as_str()) || error.status.is_some_and(|status| status >= 500))
}

fn pause(attempt: u32) -> Duration {
    let longest = FIRST.saturating_mul(1 << attempt.min(10)).min(LONGEST);
    let longest = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX).max(1);
    Duration::from_micros(random() % longest)
}

/// It spreads pauses and protects nothing, so the seeds of Rust's hash maps are random enough.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// What comes of attempts that end so, each by its code and the last one again and again: no code is no answer.
    async fn told(ends: &[&str]) -> (Why, String, usize) {
        let attempts = Cell::new(0);
        let ask = || {
            let code = ends[attempts.get().min(ends.len() - 1)].to_owned();
            attempts.set(attempts.get() + 1);
            let why = if code.is_empty() { Why::Unanswered } else { Why::Refused };
            let (action, message) = ("dynamodb:X".to_owned(), String::new());
            let error = Error { action, why, status: None, code, message, body: "".into() };
            std::future::ready(Err::<(), Error>(error))
        };
        let error = with_pauses(Repeat::Always, ask).await.unwrap_err();
        (error.why, error.code, attempts.get())
    }

    #[tokio::test]
    async fn one_attempt_without_an_answer_leaves_all_of_them_unsure() {
        let unsure = |attempts| (Why::Unanswered, String::new(), attempts);
        assert_eq!(told(&["ThrottlingException", "", "ThrottlingException"]).await, unsure(6));
        assert_eq!(told(&["", "AccessDeniedException"]).await, unsure(2));
        let verdict = "TransactionCanceledException";
        assert_eq!(told(&["", verdict]).await, (Why::Refused, verdict.to_owned(), 2));
        let refused = "AccessDeniedException";
        assert_eq!(told(&[refused]).await, (Why::Refused, refused.to_owned(), 1));
    }
}
