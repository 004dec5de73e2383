//! The `serve` stack.

use crate::app::StackName;
use crate::builder::{Context, StackBuilder};
use crate::stack::Stack;

/// Makes the stack.
pub(crate) fn stack(context: &Context<'_>) -> Stack {
    StackBuilder::new(context, StackName::Serve, "LISA serve").finish()
}
