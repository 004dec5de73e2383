//! Why a call failed: what the service answered, or why there is no answer.

use std::fmt;

use bytes::Bytes;

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Service and operation: `ssm:GetParameter`.
    pub action: String,
    /// What kind of failure it is.
    pub why: Why,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// The service's error code, such as `AccessDeniedException`; empty where no answer came.
    pub code: String,
    /// The service's words, or the client's.
    pub message: String,
    /// The refusal as it came, for services that say more in it; empty where no answer came.
    pub body: Bytes,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The service answered with an error.
    Refused,
    /// No answer came, or not in time: the service may have done it or not.
    Unanswered,
    /// There are no credentials, or they could not be had.
    NoCredentials,
    /// An answer came that says success and cannot be understood.
    Unreadable,
    /// The request could not be made: a wrong endpoint, for example.
    Unmakeable,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, code, message, .. } = self;
        match self.why {
            Why::Refused if code.is_empty() => {
                write!(f, "`{action}` was refused with status {}: {message}", self.status.unwrap_or_default())
            }
            Why::Refused => write!(f, "`{action}` was refused with {code}: {message}"),
            Why::Unanswered => write!(f, "`{action}` got no answer: {message}"),
            Why::NoCredentials => write!(f, "`{action}` has no credentials: {message}"),
            Why::Unreadable => write!(f, "the answer to `{action}` cannot be read: {message}"),
            Why::Unmakeable => write!(f, "`{action}` cannot be asked: {message}"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    pub(crate) fn local(action: &str, why: Why, message: impl fmt::Display) -> Self {
        let message = message.to_string();
        Self {
            action: action.to_owned(),
            why,
            status: None,
            code: String::new(),
            message,
            body: Bytes::new(),
        }
    }
}

/// An error with everything that it was caused by: the outermost alone often says little.
pub fn error_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
        next = error.source();
    }
    said.join(": ")
}
