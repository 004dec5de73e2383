//! Budgets: how often, and so how long, a workflow polls before it gives up.

/// A number of polls at a fixed pace, counted down in the workflow's own state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Budget {
    /// The counter's field name below [`Path::POLLS`](crate::Path::POLLS).
    pub counter: &'static str,
    /// Waits before giving up.
    pub polls: u32,
    /// Seconds of each wait.
    pub every_seconds: u32,
    /// What has not come about when the budget is spent: the subject and verb of the failure's sentence.
    pub unmet: &'static str,
}

impl Budget {
    /// The time the waits take together, in whole minutes.
    pub const fn minutes(&self) -> u32 {
        self.polls * self.every_seconds / 60
    }

    /// The cause that stands in the model's row when the budget is spent.
    pub fn cause(&self) -> String {
        format!("{} after {} minutes", self.unmet, self.minutes())
    }
}
