//! Why a store did not do what was asked, and what to do about it.

use std::fmt;

/// A store that did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The store, as people know it: `PostgreSQL at db.example:5432`.
    pub store: String,
    /// What kind of failure it is.
    pub why: Why,
    /// What happened, in the store's words or ours.
    pub message: String,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing answers there.
    Unreachable,
    /// It did not answer in time.
    Slow,
    /// It does not let us in.
    Denied,
    /// It is too busy; the same may work later.
    Busy,
    /// The collection is not there.
    NoCollection,
    /// The collection holds vectors of another length.
    OtherDimension,
    /// The store lacks what is needed, such as pgvector.
    Unfit,
    /// The request cannot be carried out: a wrong name, filter or vector.
    Invalid,
    /// What is stored, or what came back, cannot be understood.
    Broken,
    /// The store refused for another reason.
    Refused,
}

impl Error {
    pub(crate) fn new(store: &str, why: Why, message: impl fmt::Display) -> Self {
        Self { store: store.to_owned(), why, message: message.to_string() }
    }

    pub(crate) fn bad_name(name: &str, longest: usize) -> Self {
        let rule = format!("takes 1 to {longest} letters, digits, `.`, `_`, `-`, `/` and `:`");
        Self::new("", Why::Invalid, format_args!("`{name}` is no name of a collection, which {rule}"))
    }

    /// What to do next, in a sentence.
    pub fn hint(&self) -> &'static str {
        match self.why {
            Why::Unreachable => {
                "Check that the store runs, and that its security group and subnets let this service reach it."
            }
            Why::Slow => "Try again; if it stays slow, look at the store's load and its size.",
            Why::Denied => "Check the secret's password, or the role that the store lets in.",
            Why::Busy => "Try again in a moment; if it stays busy, give the store more capacity.",
            Why::NoCollection => "Ingest a document first, or check the collection's id.",
            Why::OtherDimension => {
                "Use the embedding model that the collection was made with, or make a new collection for this one."
            }
            Why::Unfit => "Install what is named on the store, or let an administrator do it.",
            Why::Invalid => "Correct the request.",
            Why::Broken => "Ingest the documents again; if it stays, the store needs an administrator.",
            Why::Refused => "The store's own log says more.",
        }
    }

    /// Whether the same request may succeed later without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        matches!(self.why, Why::Unreachable | Why::Slow | Why::Busy)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, why, message } = self;
        match why {
            Why::Invalid => formatter.write_str(message),
            Why::Unreachable => write!(formatter, "{store} cannot be reached: {message}"),
            Why::Slow => write!(formatter, "{store} did not answer in time: {message}"),
            Why::Denied => write!(formatter, "{store} does not let us in: {message}"),
            Why::Busy => write!(formatter, "{store} is busy: {message}"),
            Why::Unfit => write!(formatter, "{store} lacks what is needed: {message}"),
            Why::Broken => write!(formatter, "what {store} holds or answers cannot be understood: {message}"),
            Why::NoCollection | Why::OtherDimension | Why::Refused => write!(formatter, "{store}: {message}"),
        }
    }
}

impl std::error::Error for Error {}
