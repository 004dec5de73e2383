//! Answers that are remembered, as `litellm_settings.cache` asks for: the same question to the same model gets the same
//! answer, without the model.

use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use lisa_litellm::Cache as Rules;
use moka::sync::Cache as Store;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::body::Body;

/// Bytes of all answers that are remembered.
const CAPACITY: u64 = 64 * 1024 * 1024;

/// Parameters that say nothing of the answer.
const ASIDE: [&str; 6] = ["user", "cache", "metadata", "litellm_metadata", "stream", "model"];

/// Tells a caller that the answer is not new.
const AGE: HeaderName = http::header::AGE;

/// The answers of a process.
#[derive(Clone, Debug)]
pub struct Cache(Store<Key, Kept>);

/// A question: a hash of route, model and parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

#[derive(Clone, Debug)]
struct Kept {
    headers: HeaderMap,
    body: Bytes,
    since: Instant,
}

/// What a request wants of the cache.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    key: Key,
    reads: bool,
    writes: bool,
}

impl Default for Cache {
    fn default() -> Self {
        let weight = |_: &Key, kept: &Kept| u32::try_from(kept.body.len() + 512).unwrap_or(u32::MAX);
        Self(Store::builder().max_capacity(CAPACITY).weigher(weight).build())
    }
}

impl Question {
    /// What a request asks, if its answer may be remembered: `"cache": {"no-cache": true}` wants a new answer, `no-store`
    /// one that is not kept, and `use-cache` is needed where the rules remember on demand alone.
    pub fn of(rules: &Rules, route: &str, model: &str, body: &[u8], streams: bool) -> Option<Self> {
        if streams || !rules.routes.contains(&route) {
            return None;
        }
        let mut asked: Value = serde_json::from_slice(body).ok()?;
        let wish = |name: &str| asked["cache"][name] == true;
        let (no_cache, no_store, use_cache) = (wish("no-cache"), wish("no-store"), wish("use-cache"));
        if rules.opt_in && !use_cache {
            return None;
        }
        let parameters = asked.as_object_mut()?;
        for name in ASIDE {
            parameters.remove(name);
        }
        let mut hash = Sha256::new();
        for part in [route, model, &asked.to_string()] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        Some(Self { key: Key(hash.finalize().into()), reads: !no_cache, writes: !no_store })
    }

    /// Whether the answer may be kept.
    pub fn writes(&self) -> bool {
        self.writes
    }
}

impl Cache {
    /// The answer that is remembered.
    pub fn find(&self, rules: &Rules, question: &Question) -> Option<Response<Body>> {
        let kept = self.0.get(&question.key).filter(|_| question.reads)?;
        let age = kept.since.elapsed();
        if age >= rules.ttl {
            self.0.invalidate(&question.key);
            return None;
        }
        let mut answer = Response::new(Body::full(kept.body));
        *answer.headers_mut() = kept.headers;
        answer.headers_mut().insert(AGE, HeaderValue::from(age.as_secs()));
        Some(answer)
    }

    /// Remembers an answer.
    pub fn keep(&self, question: &Question, headers: &HeaderMap, body: &Bytes) {
        let (headers, body) = (headers.clone(), body.clone());
        self.0.insert(question.key, Kept { headers, body, since: Instant::now() });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rules(opt_in: bool, ttl: Duration) -> Rules {
        Rules { ttl, routes: vec!["chat/completions"], opt_in }
    }

    fn question(body: &str) -> Option<Question> {
        Question::of(&rules(false, Duration::from_mins(1)), "chat/completions", "m", body.as_bytes(), false)
    }

    #[test]
    fn equal_questions_have_equal_keys() {
        let key = |body: &str| question(body).unwrap().key;
        let plain = key(r#"{"model":"m","n":1,"temperature":0}"#);
        assert_eq!(plain, key(r#"{ "temperature":0, "n":1, "model":"m", "user":"ada" }"#));
        assert_ne!(plain, key(r#"{"model":"m","n":2,"temperature":0}"#));
        let other = Question::of(
            &rules(false, Duration::ZERO),
            "chat/completions",
            "n",
            br#"{"n":1,"temperature":0}"#,
            false,
        );
        assert_ne!(plain, other.unwrap().key);
        let none = Question::of(&rules(false, Duration::ZERO), "chat/completions", "m", b"{}", true);
        assert!(none.is_none(), "a stream");
        assert!(Question::of(&rules(false, Duration::ZERO), "embeddings", "m", b"{}", false).is_none());
        assert!(Question::of(&rules(true, Duration::ZERO), "chat/completions", "m", b"{}", false).is_none());
    }

    #[test]
    fn an_answer_is_remembered_for_its_time_and_as_the_caller_wishes() {
        let (rules, cache) = (rules(false, Duration::from_mins(1)), Cache::default());
        let asked = question("{}").unwrap();
        assert!(cache.find(&rules, &asked).is_none());
        cache.keep(&asked, &HeaderMap::new(), &Bytes::from_static(b"answer"));
        assert!(cache.find(&rules, &asked).is_some());
        let anew = question(r#"{"cache":{"no-cache":true}}"#).unwrap();
        assert!(cache.find(&rules, &anew).is_none());
        assert!(!question(r#"{"cache":{"no-store":true}}"#).unwrap().writes());
        let short = Rules { ttl: Duration::ZERO, ..rules };
        assert!(cache.find(&short, &asked).is_none(), "its time has passed");
    }
}
