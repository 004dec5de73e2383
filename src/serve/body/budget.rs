//! Bytes of bodies that a thread may hold: what would be more is refused, so that many large requests cost an error and not
//! the process.

use std::cell::Cell;
use std::rc::Rc;

/// Bytes of requests that the process holds, and may.
#[derive(Clone, Debug)]
pub struct Budget {
    held: Rc<Cell<usize>>,
    limit: usize,
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(limit: usize) -> Self {
        Self { held: Rc::default(), limit }
    }

    /// Takes so many bytes of it, if they are left.
    pub fn take(&self, bytes: usize) -> Option<Share> {
        let held = self.held.get().checked_add(bytes).filter(|held| *held <= self.limit)?;
        self.held.set(held);
        Some(Share { budget: self.clone(), bytes })
    }
}

/// A part of a budget, given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    bytes: usize,
}

impl Share {
    /// Makes the share larger, if there is so much left.
    pub fn grow(&mut self, bytes: usize) -> bool {
        let Some(more) = self.budget.take(bytes) else { return false };
        self.bytes += more.bytes;
        std::mem::forget(more);
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.held.set(self.budget.held.get().saturating_sub(self.bytes));
    }
}
