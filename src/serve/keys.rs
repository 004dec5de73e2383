//! Keys of models elsewhere: each is in a secret of its own, and is read again now and then, for it may have been changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// For how long a key is taken for what the secret holds.
const FRESH: Duration = Duration::from_mins(1);

/// After which time a key that could not be read is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// What is known of the keys.
#[derive(Default)]
pub(crate) struct Keys(BTreeMap<String, Known>);

/// What is known of one: a model has a key or none; the error is why that was never read.
struct Known {
    key: Result<Option<String>, String>,
    /// When it is read again.
    due: Instant,
    /// Why it could not be read the last time, where it could before.
    stale: Option<String>,
}

impl Keys {
    /// The key of a model, where it has one; the error is why nobody knows whether it has.
    pub(crate) fn get(&self, model: &str) -> Result<Option<&str>, &str> {
        let Some(known) = self.0.get(model) else { return Ok(None) };
        known.key.as_ref().map(Option::as_deref).map_err(String::as_str)
    }

    /// Forgets the keys of other models than these, and says of which the key is not known, or not for sure any more.
    pub(crate) fn due<'a>(&mut self, models: &BTreeSet<&'a str>) -> Vec<&'a str> {
        self.0.retain(|model, _| models.contains(model.as_str()));
        let now = Instant::now();
        let is_fresh = |model: &str| self.0.get(model).is_some_and(|known| now < known.due);
        models.iter().copied().filter(|model| !is_fresh(model)).collect()
    }

    /// Takes what a model's secret holds now. Where that cannot be read, the key is taken for what it was.
    pub(crate) fn put(&mut self, model: &str, found: Result<Option<String>, String>) {
        let now = Instant::now();
        let known = match (found, self.0.remove(model)) {
            (Err(why), Some(Known { key: Ok(key), .. })) => {
                Known { key: Ok(key), due: now + AGAIN, stale: Some(why) }
            }
            (Err(why), _) => Known { key: Err(why), due: now + AGAIN, stale: None },
            (Ok(key), _) => Known { key: Ok(key), due: now + FRESH, stale: None },
        };
        self.0.insert(model.to_owned(), known);
    }

    /// The error is why a key that was read before can be read no more.
    pub(crate) fn fresh(&self) -> Result<(), String> {
        let mut stale = self.0.iter().filter_map(|(model, known)| Some((model, known.stale.as_ref()?)));
        stale.next().map_or(Ok(()), |(model, why)| Err(format!("`{model}`: {why}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(keys: &mut Keys) {
        keys.0.values_mut().for_each(|known| known.due = Instant::now());
    }

    #[test]
    fn keys_are_read_once_in_a_while_and_stay_until_they_are() {
        let mut keys = Keys::default();
        let models = BTreeSet::from(["a", "open"]);
        assert_eq!(keys.due(&models), ["a", "open"]);
        keys.put("a", Ok(Some("sk-a".to_owned())));
        keys.put("open", Ok(None));
        assert_eq!(
            (keys.get("a"), keys.get("open"), keys.get("other")),
            (Ok(Some("sk-a")), Ok(None), Ok(None))
        );
        assert!(keys.due(&models).is_empty(), "what is known is not read again");
        past(&mut keys);
        assert_eq!(keys.due(&models), ["a", "open"]);
        keys.put("a", Err("away".to_owned()));
        assert_eq!(keys.get("a"), Ok(Some("sk-a")), "while it cannot be read, it is what it was");
        assert_eq!(keys.fresh(), Err("`a`: away".to_owned()));
        keys.put("a", Ok(Some("sk-b".to_owned())));
        assert_eq!((keys.get("a"), keys.fresh()), (Ok(Some("sk-b")), Ok(())));
        assert!(keys.due(&BTreeSet::new()).is_empty());
        assert_eq!(keys.get("a"), Ok(None), "a model that is gone leaves no key behind");
    }

    #[test]
    fn a_key_that_was_never_read_is_not_taken_for_none() {
        let mut keys = Keys::default();
        let models = BTreeSet::from(["a"]);
        keys.put("a", Err("refused".to_owned()));
        assert_eq!((keys.get("a"), keys.fresh()), (Err("refused"), Ok(())));
        assert!(keys.due(&models).is_empty(), "what is refused is not asked for all the time");
        past(&mut keys);
        assert_eq!(keys.due(&models), ["a"]);
    }
}
