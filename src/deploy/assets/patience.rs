//! Calls about assets, made again while the service asks for patience: all of them can be repeated.

use std::time::Duration;

use crate::ports::{Call, CallErrorKind, Clock};

/// Calls before the last answer counts.
const ATTEMPTS: u32 = 6;

/// The wait before the second call; each later one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Calls until there is an answer that waiting does not change.
pub(super) async fn patiently<T, F: Future<Output = Call<T>>>(
    clock: &dyn Clock,
    call: impl Fn() -> F,
) -> Call<T> {
    let mut wait = FIRST_WAIT;
    for _ in 1..ATTEMPTS {
        match call().await {
            Err(error) if error.kind.is_transient() => clock.sleep(wait).await,
            answer => return answer,
        }
        wait *= 2;
    }
    call().await
}

/// A bucket or repository that is not there yet holds nothing.
pub(super) fn absent_is_none<T>(answer: Call<Option<T>>) -> Call<Option<T>> {
    match answer {
        Err(error) if error.kind == CallErrorKind::NotFound => Ok(None),
        answer => answer,
    }
}
