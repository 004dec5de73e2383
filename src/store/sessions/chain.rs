//! Ids of messages: made of what a message says and of the message that it follows.
//!
//! The same conversation has the same ids wherever it is put, so that writing it twice changes nothing, and a stored
//! message tells that everything before it is stored as well.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Bytes of the hash that an id keeps.
const BYTES: usize = 16;

/// The deepest message that there may be.
pub const DEEPEST: usize = 999_999;

/// The id of a message: its depth, from 1, and a hash. Ids of one session sort parents before children.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// An id from its text; none of a text that no id has.
    pub fn parse(text: &str) -> Option<Self> {
        let (depth, hash) = text.split_at_checked(6)?;
        let hash = hash.strip_prefix('-')?;
        let is_depth = depth.bytes().all(|byte| byte.is_ascii_digit());
        let is_hash = URL_SAFE_NO_PAD.decode(hash).is_ok_and(|hash| hash.len() == BYTES);
        (is_depth && is_hash).then(|| Self(text.to_owned()))
    }

    /// How many messages its branch has, this one included.
    pub fn depth(&self) -> usize {
        self.0.get(..6).and_then(|depth| depth.parse().ok()).unwrap_or_default()
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a message that follows `parent`. Where the session is encrypted, `key` keeps the hash from telling whoever
/// guesses a message that it is there.
pub fn follow(parent: Option<&MessageId>, text: &str, key: Option<&hmac::Key>) -> MessageId {
    let before = parent.map_or("", MessageId::as_str);
    let whole = format!("{before}\n{text}");
    let hash = match key {
        Some(key) => hmac::sign(key, whole.as_bytes()).as_ref().to_vec(),
        None => digest(&SHA256, whole.as_bytes()).as_ref().to_vec(),
    };
    let depth = parent.map_or(0, MessageId::depth) + 1;
    MessageId(format!("{depth:06}-{}", URL_SAFE_NO_PAD.encode(&hash[..BYTES])))
}

/// A message as the one text that stands for it, whatever the order of its fields was.
pub fn canonical(message: &Map<String, Value>) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Array(values) => values.iter().map(sorted).collect(),
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by_key(|(name, _)| name.as_str());
                fields
                    .into_iter()
                    .map(|(name, value)| (name.clone(), sorted(value)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            other => other.clone(),
        }
    }
    sorted(&Value::Object(message.clone())).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_of_what_was_said_and_of_what_came_before() {
        let first = follow(None, "a", None);
        let second = follow(Some(&first), "a", None);
        assert_eq!((first.depth(), second.depth()), (1, 2));
        assert_eq!(follow(Some(&first), "a", None), second);
        assert_ne!(follow(Some(&first), "b", None), second);
        assert!(first < second);
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"k");
        assert_ne!(follow(None, "a", Some(&key)), first);
        assert_eq!(MessageId::parse(second.as_str()), Some(second));
        for wrong in
            ["", "000001", "00000a-AAAAAAAAAAAAAAAAAAAAAA", "000001-A", "000001-AAAAAAAAAAAAAAAAAAAA#/"]
        {
            assert_eq!(MessageId::parse(wrong), None, "{wrong}");
        }
    }
}
