//! Tables of JSON items, in DynamoDB and in one file, and the stores of LISA's own objects over them.
//!
//! [`Table`] is the one interface: items by their key, with conditions; pages of a partition or an index; transactions.
//! Two tables stand behind it, [`DynamoTable`] and [`EmbeddedTable`], and one suite of tests holds both to the same
//! semantics. A store of objects, such as sessions, is written once over the interface and knows neither.
//!
//! * [`table`]: the interface and its words: [`Key`], [`Query`], [`Page`], [`Write`];
//! * [`condition`] and [`change`]: what a write may ask of an item, and what it may do to it;
//! * [`cost`]: what an item and a write cost in DynamoDB, from its published rules;
//! * [`dynamodb`] and [`embedded`]: the two implementations;
//! * [`sessions`]: conversations; [`projects`], [`templates`], [`preferences`], [`configuration`], [`tokens`]: what else
//!   belongs to people; [`documents`]: repositories, collections, documents and jobs; [`usage`]: what people used.
//!
//! Which keys a table has is described in [`lisa_api::tables`], which the stacks read as well.

pub mod change;
pub mod condition;
pub mod configuration;
pub mod cost;
pub mod documents;
pub mod dynamodb;
pub mod embedded;
mod error;
pub mod metered;
mod number;
pub mod preferences;
pub mod projects;
pub mod sessions;
pub mod table;
pub mod templates;
pub mod tokens;
pub mod usage;

pub use change::Change;
pub use condition::Condition;
pub use dynamodb::DynamoTable;
pub use embedded::{Database, EmbeddedTable};
pub use error::{Error, Reason};
pub use sessions::Sessions;
pub use table::{Cursor, Item, Key, Order, Page, Query, Range, Table, Write};

#[cfg(test)]
mod tests;
