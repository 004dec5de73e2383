//! The `core` stack: the keys that encrypt data and logs, the bucket of access logs, the topic of alarms.

mod access_logs;
mod alarms;
mod keys;

use crate::app::StackName;
use crate::builder::{Context, StackBuilder};
use crate::stack::Stack;

/// Makes the stack. It depends on no other.
pub(crate) fn stack(context: &Context<'_>) -> Stack {
    let mut stack =
        StackBuilder::new(context, StackName::Core, "LISA: encryption keys, access logs and alarms");
    let message_key = keys::data(&mut stack);
    keys::log(&mut stack);
    access_logs::bucket(&mut stack);
    alarms::topic(&mut stack, &message_key);
    stack.finish()
}
