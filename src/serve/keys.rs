//! Keys of models elsewhere: each is in a secret of its own, and is read again now and then, for it may have been changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// For how long a key is taken for what the secret holds.
const FRESH: Duration = Duration::from_mins(1);

/// What is known of the keys.
#[derive(Default)]
pub(crate) struct Keys(BTreeMap<String, (Option<String>, Instant)>);

impl Keys {
    /// The key of a model, where it has one.
    pub(crate) fn get(&self, model: &str) -> Option<&str> {
        self.0.get(model)?.0.as_deref()
    }

    /// Forgets the keys of other models than these, and says of which the key is not known, or not for sure any more.
    pub(crate) fn due<'a>(&mut self, models: &BTreeSet<&'a str>) -> Vec<&'a str> {
        self.0.retain(|model, _| models.contains(model.as_str()));
        let is_fresh = |model: &str| self.0.get(model).is_some_and(|(_, at)| at.elapsed() < FRESH);
        models.iter().copied().filter(|model| !is_fresh(model)).collect()
    }

    /// Takes what a model's secret holds now.
    pub(crate) fn put(&mut self, model: &str, key: Option<String>) {
        self.0.insert(model.to_owned(), (key, Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_once_in_a_while_and_stay_until_they_are() {
        let mut keys = Keys::default();
        let models = BTreeSet::from(["a", "open"]);
        assert_eq!(keys.due(&models), ["a", "open"]);
        keys.put("a", Some("sk-a".to_owned()));
        keys.put("open", None);
        assert_eq!((keys.get("a"), keys.get("open"), keys.get("other")), (Some("sk-a"), None, None));
        assert!(keys.due(&models).is_empty(), "what is known is not read again");
        keys.0.insert("a".to_owned(), (Some("old".to_owned()), Instant::now().checked_sub(FRESH).unwrap()));
        assert_eq!(keys.due(&models), ["a"]);
        assert_eq!(keys.get("a"), Some("old"), "while it cannot be read, it is what it was");
        assert!(keys.due(&BTreeSet::new()).is_empty());
        assert_eq!(keys.get("a"), None, "a model that is gone leaves no key behind");
    }
}
