//! Resources that several stacks make alike, each with its safe settings in one place.

mod alarm;
mod bucket;
mod function;
mod log_group;
mod queue;
mod role;
mod table;

pub use alarm::{Alarm, alarm};
pub use bucket::{Access, bucket, bucket_with};
pub use function::{Function, FunctionSpec, function};
pub use log_group::log_group;
pub use queue::{Queues, queue};
pub use role::{RoleRef, RoleSpec, role};
pub use table::{Index, table};
