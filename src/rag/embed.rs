//! Embeddings: what a model wants before a text, and how texts are sent to a model without leaving it idle.
//!
//! * [`prefix`]: the words that a model was trained with before questions and before passages;
//! * [`http`]: the embeddings route of LISA Serve.

pub mod http;
mod prefix;

use std::time::Duration;

pub use prefix::{Prefixes, prefixes};

/// What a text is embedded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It is looked for.
    Passage,
    /// It is what is looked for.
    Query,
}

/// Why texts were not embedded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// The model takes no more for the moment.
    #[error("the embedding model `{model}` is busy; try again in {} s", after.as_secs().max(1))]
    Busy {
        /// The model.
        model: String,
        /// When it may take more.
        after: Duration,
    },
    /// Nothing answers, or not in time, or the answer broke off.
    #[error("the embedding model `{model}` cannot be reached: {reason}")]
    Unreachable {
        /// The model.
        model: String,
        /// What happened.
        reason: String,
    },
    /// It refuses.
    #[error(
        "the embedding model `{model}` refuses with status {status}: {reason}; check its name and that it is a model for embeddings"
    )]
    Refused {
        /// The model.
        model: String,
        /// The status.
        status: u16,
        /// Its words.
        reason: String,
    },
    /// Its answer cannot be understood.
    #[error("the answer of the embedding model `{model}` cannot be understood: {reason}")]
    Unreadable {
        /// The model.
        model: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl EmbedError {
    /// Whether the same may work later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. })
    }
}
