//! Why a call failed, in the terms that the engine decides by.

use std::fmt;

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct CallError {
    /// The IAM action of the call, such as `cloudformation:CreateChangeSet`.
    pub action: &'static str,
    /// What to do about it.
    pub kind: CallErrorKind,
    /// The service's error code, such as `ValidationError`; empty where no answer came.
    pub code: String,
    /// The service's words, or the client's where no answer came.
    pub message: String,
}

/// What a failed call means for whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallErrorKind {
    /// Too many calls: nothing was done, and it may be tried later.
    Throttled,
    /// No answer: it may or may not have been done, and may be tried again with the same token.
    Unanswered,
    /// The service failed by itself (5xx); as [`Self::Unanswered`].
    Service,
    /// The credentials have expired or are none.
    Expired,
    /// The caller may not do this.
    Denied,
    /// What the call is about is not there.
    NotFound,
    /// It is there already, or in a state that the call does not fit.
    Conflict,
    /// The service does not know the call, the parameter or the feature in this region.
    Unsupported,
    /// The request is wrong: trying again is of no use.
    Invalid,
}

impl CallErrorKind {
    /// Whether the same call, with the same token, may succeed later without anybody's doing.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Throttled | Self::Unanswered | Self::Service)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, code, message, .. } = self;
        match code.as_str() {
            "" => write!(f, "`{action}` got no answer: {message}"),
            code => write!(f, "`{action}` was refused with {code}: {message}"),
        }
    }
}
