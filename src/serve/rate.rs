//! How often a caller may ask: a bucket of tokens for each, filled at the caller's rate.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lisa_auth::{Caller, Via};
use serde_json::{Map, Value};

/// Buckets that are kept; beyond them those are forgotten that are full again.
const KEPT: usize = 10_000;

/// How often callers may ask.
#[derive(Debug)]
pub struct Limits {
    usual: Rate,
    /// Of single callers, by their key.
    own: HashMap<String, Rate>,
    buckets: Mutex<HashMap<String, Bucket>>,
}

/// A rate, and how many requests may come at once beyond it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rate {
    per_minute: f64,
    burst: f64,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Limits {
    /// So many requests in a minute and so many at once beyond them; `own` has other figures for single callers, as in
    /// `{"user:ada": {"rpm": 600, "burst": 50}}`.
    pub fn new(per_minute: u32, burst: u32, own: &Map<String, Value>) -> Self {
        let usual = Rate { per_minute: f64::from(per_minute), burst: f64::from(burst) };
        let rate = |value: &Value| Rate {
            per_minute: value["rpm"].as_f64().unwrap_or(usual.per_minute),
            burst: value["burst"].as_f64().unwrap_or(usual.burst),
        };
        let own = own.iter().map(|(key, value)| (key.clone(), rate(value))).collect();
        Self { usual, own, buckets: Mutex::default() }
    }

    /// Takes a token of the caller's bucket. The error is for how long there is none.
    pub fn take(&self, caller: &Caller, now: Instant) -> Result<(), Duration> {
        let Some(key) = key(caller) else { return Ok(()) };
        let user = format!("user:{}", caller.name);
        let rate = self.own.get(&key).or_else(|| self.own.get(&user)).copied().unwrap_or(self.usual);
        let capacity = (rate.per_minute + rate.burst).max(1.0);
        let per_second = rate.per_minute / 60.0;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT {
            // A bucket that nobody has taken from for a minute is full again, as one that is new.
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < Duration::from_mins(1));
        }
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: capacity, at: now });
        let grown = now.duration_since(bucket.at).as_secs_f64() * per_second;
        *bucket = Bucket { tokens: (bucket.tokens + grown).min(capacity), at: now };
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let wait = if per_second > 0.0 { (1.0 - bucket.tokens) / per_second } else { 60.0 };
        Err(Duration::from_secs_f64(wait.min(3600.0)))
    }
}

/// Whose bucket it is; the deployment's own services have none.
fn key(caller: &Caller) -> Option<String> {
    match &caller.via {
        Via::Management => None,
        Via::ApiToken(id) => Some(format!("token:{id}")),
        Via::OpenId => Some(format!("oidc:{}", caller.subject)),
        Via::Nothing => Some(format!("user:{}", caller.name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn caller(via: Via, subject: &str) -> Caller {
        let (subject, name, groups) =
            (subject.to_owned(), subject.to_owned(), std::collections::BTreeSet::new());
        Caller { subject, name, groups, via, is_admin: false, is_rag_admin: false, may_make_tokens: false }
    }

    #[test]
    fn a_bucket_is_emptied_and_fills_again() {
        let limits = Limits::new(60, 2, &Map::new());
        let ada = caller(Via::OpenId, "ada");
        let start = Instant::now();
        assert!((0..62).all(|_| limits.take(&ada, start).is_ok()));
        let wait = limits.take(&ada, start).unwrap_err();
        assert!((0.9..=1.0).contains(&wait.as_secs_f64()), "{wait:?}");
        assert!(limits.take(&ada, start + Duration::from_millis(1001)).is_ok());
        assert!(limits.take(&caller(Via::OpenId, "bob"), start).is_ok(), "each has a bucket of its own");
    }

    #[test]
    fn single_callers_have_figures_of_their_own_and_services_none() {
        let own = json!({ "user:ada": { "rpm": 1, "burst": 0 }, "token:id": { "rpm": 2, "burst": 0 } });
        let limits = Limits::new(60, 10, own.as_object().unwrap());
        let now = Instant::now();
        let taken = |caller: &Caller| (0..1000).take_while(|_| limits.take(caller, now).is_ok()).count();
        assert_eq!(taken(&caller(Via::OpenId, "ada")), 1);
        assert_eq!(taken(&caller(Via::ApiToken("id".to_owned()), "x")), 2);
        assert_eq!(taken(&caller(Via::OpenId, "bob")), 70);
        assert_eq!(taken(&caller(Via::Management, "m")), 1000);
    }

    #[test]
    fn buckets_are_forgotten_when_they_are_full_again() {
        let limits = Limits::new(60, 10, &Map::new());
        let now = Instant::now();
        for number in 0..KEPT {
            limits.take(&caller(Via::OpenId, &number.to_string()), now).unwrap();
        }
        limits.take(&caller(Via::OpenId, "late"), now + Duration::from_mins(2)).unwrap();
        assert_eq!(limits.buckets.lock().unwrap().len(), 1);
    }
}
