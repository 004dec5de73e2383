//! Bounds and patterns as Rust source spells them.

use std::fmt::Debug;

/// `Some(604800)` is `Some(604_800)`; fewer than six digits stand together, as clippy has it.
pub(super) fn bound<N: Copy + Debug>(bound: Option<N>) -> String {
    let plain = format!("{bound:?}");
    let Some(start) = plain.find(|c: char| c.is_ascii_digit()) else { return plain };
    let (before, rest) = plain.split_at(start);
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    if digits < 6 {
        return plain;
    }
    let mut text = before.to_owned();
    for (index, c) in rest.chars().enumerate() {
        if index > 0 && index < digits && (digits - index) % 3 == 0 {
            text.push('_');
        }
        text.push(c);
    }
    text
}

/// A pattern of the schemas in the dialect of Rust's engines. Two spellings differ: a bare `[` within a class opens a
/// nested class there, and Java's `\p{Print}` is unknown.
pub(super) fn pattern(pattern: &str) -> String {
    let mut text = String::new();
    let mut in_class = false;
    let mut escaped = false;
    for c in pattern.chars() {
        let nested = c == '[' && in_class && !escaped;
        if nested {
            text.push('\\');
        }
        in_class = match c {
            '[' if !escaped => true,
            ']' if !escaped => false,
            _ => in_class,
        };
        escaped = c == '\\' && !escaped;
        text.push(c);
    }
    text.replace("\\p{Print}", "[ -~]")
}

#[cfg(test)]
mod tests {
    use super::{bound, pattern};

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(bound(Some(43_200)), "Some(43200)");
        assert_eq!(bound(Some(604_800)), "Some(604_800)");
        assert_eq!(bound(Some(-1_048_576)), "Some(-1_048_576)");
        assert_eq!(bound(Some(100_000.5)), "Some(100_000.5)");
        assert_eq!(bound(None::<u64>), "None");
    }

    #[test]
    fn patterns_are_translated() {
        assert_eq!(pattern(r"^[a@[\]+]*$"), r"^[a@\[\]+]*$");
        assert_eq!(pattern(r"^[\[a]\[[b]$"), r"^[\[a]\[[b]$");
        assert_eq!(pattern(r"^\p{Print}+$"), "^[ -~]+$");
    }
}
