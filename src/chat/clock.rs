//! The time, as sessions and their ids need it.

use jiff::Timestamp;

/// Now, in RFC 3339 and UTC with all nine digits of the second: texts that sort as times do.
pub(crate) fn now() -> String {
    format!("{:.9}", Timestamp::now())
}

/// Now, in seconds since 1970.
pub(crate) fn seconds() -> i64 {
    Timestamp::now().as_second()
}

/// A time of another program in the form of [`now`]: RFC 3339, or seconds since 1970.
pub(crate) fn parse(value: &serde_json::Value) -> Option<String> {
    let time = match value {
        serde_json::Value::String(text) => text.parse::<Timestamp>().ok()?,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds are as exact as other programs are"
        )]
        number => Timestamp::from_millisecond((number.as_f64()? * 1000.0) as i64).ok()?,
    };
    Some(format!("{time:.9}"))
}

/// A random id in the form of a UUID; none where the system has no random bytes.
pub(crate) fn new_id() -> Result<String, crate::Error> {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| crate::Error::Unreadable("the system has no random bytes".to_owned()))?;
    Ok(id_of(bytes))
}

/// An id in the form of a UUID that is made of a text: the same for the same.
pub(crate) fn id_from(text: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    id_of(bytes)
}

fn id_of(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let number = u128::from_be_bytes(bytes);
    let text = format!("{number:032x}");
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_sort_as_texts() {
        let early = parse(&json!("2024-05-01T10:00:00Z")).unwrap();
        assert_eq!(early, "2024-05-01T10:00:00.000000000Z");
        let late = parse(&json!(1_714_557_600.5)).unwrap();
        assert!(early < late && late < now(), "{late}");
        assert_eq!(parse(&json!("yesterday")), None);
    }

    #[test]
    fn ids_are_uuids() {
        assert_eq!(id_from("a"), id_from("a"));
        for id in [id_from("a"), new_id().unwrap()] {
            assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
        }
    }
}
