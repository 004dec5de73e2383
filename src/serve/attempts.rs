//! What is done where an endpoint does not answer: which failures are tried again and how often, and which models stand in.
//! Nothing is asked again once an answer has begun.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use lisa_litellm::Reason;

/// What is done where an endpoint of a model does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How often is asked beyond the first time.
    pub retries: usize,
    /// The same by why it was not answered; what stands here is asked again even where another endpoint would say the same.
    pub by_reason: BTreeMap<Reason, usize>,
    /// After which pause an endpoint is asked again that has been asked already; never where `None`.
    pub again_after: Option<Duration>,
    /// Models that answer instead, in this order, where no endpoint of this one does.
    pub fallbacks: Vec<String>,
    /// Those that answer what is too long for this one.
    pub context_window_fallbacks: Vec<String>,
    /// Those that answer what this one refuses for its content.
    pub content_policy_fallbacks: Vec<String>,
}

/// What is still done after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Whether it is asked again.
    pub again: bool,
    /// The pause before an endpoint that has been asked is asked again; never where `None`.
    pub pause: Option<Duration>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            retries: 2,
            by_reason: BTreeMap::new(),
            again_after: None,
            fallbacks: Vec::new(),
            context_window_fallbacks: Vec::new(),
            content_policy_fallbacks: Vec::new(),
        }
    }
}

impl Attempts {
    /// What is done after `attempts` failures, of which the last was for `reason`; `may_help` where another endpoint may say
    /// something else.
    pub fn after(&self, attempts: usize, reason: Reason, may_help: bool) -> Left {
        let named = self.by_reason.get(&reason);
        let retries = named.copied().unwrap_or(if may_help { self.retries } else { 0 });
        // Who names a kind of failure wants it tried again at a single endpoint, too.
        let pause = self.again_after.or_else(|| named.map(|_| Duration::ZERO));
        Left { again: attempts <= retries, pause }
    }

    /// Whether a caller's mistake, by the status of the answer, is tried again or sent to another model.
    pub fn concern(&self, status: StatusCode) -> bool {
        let tries = |reason| self.by_reason.get(&reason).is_some_and(|tries| *tries > 0);
        status.is_client_error()
            && (tries(Reason::of(status.as_u16()))
                || (status == StatusCode::BAD_REQUEST && self.ask_for_reasons()))
    }

    /// Whether it matters why a model calls a request bad.
    pub fn ask_for_reasons(&self) -> bool {
        let fallbacks = [&self.context_window_fallbacks, &self.content_policy_fallbacks];
        fallbacks.iter().any(|models| !models.is_empty())
            || self.by_reason.contains_key(&Reason::ContentPolicy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_failure_is_tried_as_often_as_is_said_of_it() {
        let by_reason = [(Reason::RateLimit, 3), (Reason::BadRequest, 1), (Reason::Internal, 0)].into();
        let attempts = Attempts { by_reason, ..Attempts::default() };
        let again = |tries, reason, may_help| attempts.after(tries, reason, may_help).again;
        assert!(again(3, Reason::RateLimit, true) && !again(4, Reason::RateLimit, true));
        assert!(again(1, Reason::BadRequest, false) && !again(2, Reason::BadRequest, false));
        assert!(!again(1, Reason::Internal, true));
        assert!(again(2, Reason::Unavailable, true) && !again(3, Reason::Unavailable, true), "the usual two");
        assert!(!again(1, Reason::NotFound, false));
        assert_eq!(attempts.after(1, Reason::RateLimit, true).pause, Some(Duration::ZERO));
        assert_eq!(attempts.after(1, Reason::Unavailable, true).pause, None);
    }

    #[test]
    fn mistakes_are_looked_at_where_something_is_said_of_them() {
        let concern = |attempts: &Attempts, status: StatusCode| attempts.concern(status);
        let usual = Attempts::default();
        assert!(!concern(&usual, StatusCode::BAD_REQUEST) && !concern(&usual, StatusCode::NOT_FOUND));
        let by_reason = [(Reason::Authentication, 1), (Reason::BadRequest, 0)].into();
        let named = Attempts { by_reason, ..Attempts::default() };
        assert!(concern(&named, StatusCode::FORBIDDEN) && !concern(&named, StatusCode::BAD_REQUEST));
        let long = Attempts { context_window_fallbacks: vec!["large".to_owned()], ..Attempts::default() };
        assert!(concern(&long, StatusCode::BAD_REQUEST) && !concern(&long, StatusCode::OK));
    }
}
