//! From a question to passages, and from passages to an answer that says where it has each thing from.
//!
//! * [`search`]: a question asked of a store;
//! * [`passages`]: one list of what the text index and the vectors found, without repetitions, above a floor;
//! * [`floor`]: how near something has to be, by embedding model;
//! * [`rerank`]: the order by a model that reads question and passage together, if there is time;
//! * [`rewrite`]: a follow-up question in words that stand alone;
//! * [`grounded`]: what a chat model is told, and the answer as it comes;
//! * [`citations`]: `[n]` in an answer, each checked while it is written;
//! * [`evaluation`]: how good all that is, on a file of questions.
//!
//! Models are behind ports; nothing here knows a network.

pub mod citations;
pub mod evaluation;
pub mod floor;
pub mod grounded;
pub mod passages;
mod ports;
pub mod rerank;
pub mod rewrite;
pub mod search;

pub use passages::{Passage, Settings};
pub use ports::{ChatModel, Message, ModelError, Pieces, Reranker, Role};
