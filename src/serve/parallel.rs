//! How many requests callers have under way at a time, in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::options::Options;

/// The requests under way.
#[derive(Clone, Debug, Default)]
pub struct Parallel(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    all: u64,
    of: HashMap<String, u64>,
}

/// A request under way, until this is dropped.
#[derive(Debug)]
pub struct Under {
    counts: Parallel,
    caller: String,
}

/// There are as many requests under way as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl Parallel {
    /// Counts a request of a caller where a limit holds.
    pub fn enter(&self, options: &Options, caller: &str) -> Result<Option<Under>, Full> {
        if options.max_parallel.is_none() && options.global_max_parallel.is_none() {
            return Ok(None);
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = counts.of.get(caller).copied().unwrap_or_default();
        let is_full = |limit: Option<u64>, count: u64| limit.is_some_and(|limit| count >= limit);
        if is_full(options.max_parallel, own) || is_full(options.global_max_parallel, counts.all) {
            return Err(Full);
        }
        counts.all += 1;
        counts.of.insert(caller.to_owned(), own + 1);
        Ok(Some(Under { counts: self.clone(), caller: caller.to_owned() }))
    }
}

impl Drop for Under {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        let own = counts.of.get(&self.caller).copied().unwrap_or_default();
        if own > 1 {
            counts.of.insert(self.caller.clone(), own - 1);
        } else {
            counts.of.remove(&self.caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_and_all_of_them_have_limits() {
        let options = Options { max_parallel: Some(1), global_max_parallel: Some(2), ..Options::default() };
        let parallel = Parallel::default();
        let ada = parallel.enter(&options, "ada").unwrap();
        assert!(parallel.enter(&options, "ada").is_err());
        let bob = parallel.enter(&options, "bob").unwrap();
        assert!(parallel.enter(&options, "eve").is_err(), "two of all callers");
        drop((ada, bob));
        assert!(parallel.enter(&options, "ada").unwrap().is_some());
        assert!(
            parallel.enter(&Options::default(), "ada").unwrap().is_none(),
            "nothing is counted without a limit"
        );
    }
}
