//! Why a table did not do what it was asked for.

use std::fmt;
use std::path::PathBuf;

/// Why a table did not do what it was asked for. Nothing was written, unless it says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The item is not as the write asked it to be.
    #[error("the condition on an item of `{table}` does not hold")]
    ConditionFailed {
        /// The table.
        table: String,
    },
    /// One of a transaction's writes could not be done, so none was.
    #[error("a transaction on `{table}` was cancelled: {}", told(reasons))]
    Cancelled {
        /// The table.
        table: String,
        /// One entry per write, in order; none for a write that would have been done.
        reasons: Vec<Option<Reason>>,
    },
    /// The table takes no more for the moment, also after several attempts.
    #[error("`{table}` is busy: {message}; try again")]
    Busy {
        /// The table.
        table: String,
        /// The service's words.
        message: String,
    },
    /// No answer came: the write may have been done or not.
    #[error("`{table}` did not answer: {message}; what was asked for may have been done")]
    Unanswered {
        /// The table.
        table: String,
        /// What happened in place of an answer.
        message: String,
    },
    /// An item is larger than DynamoDB takes: 400 KB.
    #[error("an item of `{table}` is larger than 400 KB")]
    TooLarge {
        /// The table.
        table: String,
    },
    /// What was asked for makes no sense for this table: a mistake of the caller.
    #[error("`{table}` cannot be asked this: {reason}")]
    Invalid {
        /// The table.
        table: String,
        /// What is wrong.
        reason: String,
    },
    /// The service refuses, for a reason that no second attempt will change.
    #[error("`{table}`: {source}")]
    Refused {
        /// The table.
        table: String,
        /// The refusal.
        source: Box<lisa_signed::Error>,
    },
    /// The embedded database refuses.
    #[error("the database `{}` failed: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Its reason.
        source: rusqlite::Error,
    },
    /// What is stored is not what was written.
    #[error("an item of `{table}` cannot be read: {reason}")]
    Corrupt {
        /// The table.
        table: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Why a transaction's write could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its condition does not hold.
    ConditionFailed,
    /// Another transaction is at the same item.
    Conflict,
    /// Something else, by the service's code and words.
    Other(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConditionFailed => f.write_str("its condition does not hold"),
            Self::Conflict => f.write_str("another transaction is at the item"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

fn told(reasons: &[Option<Reason>]) -> String {
    let told = reasons.iter().enumerate();
    let told = told.filter_map(|(at, reason)| Some(format!("write {} ({})", at + 1, reason.as_ref()?)));
    told.collect::<Vec<_>>().join(", ")
}

impl Error {
    /// Whether the same may succeed at once if it is asked again.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unanswered { .. } => true,
            Self::Cancelled { reasons, .. } => {
                let mut reasons = reasons.iter().flatten();
                reasons.clone().next().is_some() && reasons.all(|reason| *reason == Reason::Conflict)
            }
            _ => false,
        }
    }

    /// Whether a condition of the write, or of a transaction's write, did not hold.
    pub fn is_condition(&self) -> bool {
        match self {
            Self::ConditionFailed { .. } => true,
            Self::Cancelled { reasons, .. } => reasons.contains(&Some(Reason::ConditionFailed)),
            _ => false,
        }
    }

    pub(crate) fn invalid(table: &str, reason: impl Into<String>) -> Self {
        Self::Invalid { table: table.to_owned(), reason: reason.into() }
    }
}
