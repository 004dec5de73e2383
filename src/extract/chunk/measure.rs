//! What the size of a chunk is counted in.

use serde::{Deserialize, Serialize};

/// What sizes are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Characters, as upstream counts.
    #[default]
    Characters,
    /// Tokens of the embedding model.
    Tokens,
}

/// Counts a text. The count of two texts one after the other is at most the sum of theirs, or close to it.
pub trait Measure: Send + Sync {
    /// How large the text is.
    fn count(&self, text: &str) -> usize;
}

/// Counts characters: Unicode scalar values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Characters;

impl Measure for Characters {
    fn count(&self, text: &str) -> usize {
        text.chars().count()
    }
}

/// Estimates tokens where the model's own tokenizer is not known.
///
/// A word of letters is a token for each five letters it begins, a number one for each three digits, a character of a
/// script without spaces one, any other sign one. That is on the safe side for English in WordPiece and byte-pair
/// vocabularies, which need about 1.3 tokens for a word, and exact for Chinese in BERT's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Estimate;

impl Measure for Estimate {
    fn count(&self, text: &str) -> usize {
        let mut tokens = 0;
        let (mut letters, mut digits) = (0_usize, 0_usize);
        for character in text.chars() {
            let (is_letter, is_digit) = match character {
                'a'..='z' | 'A'..='Z' => (true, false),
                '0'..='9' => (false, true),
                character if character.is_ascii() => (false, false),
                character => (character.is_alphabetic() && !stands_alone(character), false),
            };
            if !is_letter {
                tokens += letters.div_ceil(5);
                letters = 0;
            }
            if !is_digit {
                tokens += digits.div_ceil(3);
                digits = 0;
            }
            letters += usize::from(is_letter);
            digits += usize::from(is_digit);
            tokens += usize::from(!is_letter && !is_digit && !character.is_whitespace());
        }
        tokens + letters.div_ceil(5) + digits.div_ceil(3)
    }
}

/// Characters of scripts that are written without spaces, most of which are a token each.
fn stands_alone(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
