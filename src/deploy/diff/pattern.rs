//! Texts with wildcards and references, such as ARNs and actions: whether one surely stands for all that another does.

use std::fmt;

use serde_json::Value;

use super::intrinsic::{Piece, pieces};
use super::moved::{Moved, Reference, references};
use super::show::shown;

/// A text in which `*` is any text, `?` any one letter, and a reference one text that is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    tokens: Vec<Token>,
    shown: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    Letter(char),
    Any,
    One,
    /// A value that is known when deployed; the same reference is the same value.
    Unknown(String),
    /// A value that is not the same before and after: it is like nothing but any text.
    Moved(String),
}

/// How letters are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// As they are.
    Sensitive,
    /// Small and capital ones alike, as IAM's actions.
    Ignored,
}

impl Pattern {
    /// The pattern of a value in normal form.
    pub(super) fn of(value: &Value, case: Case, moved: &Moved) -> Self {
        let mut tokens = Vec::new();
        match value {
            Value::String(text) => literal(text, case, &mut tokens),
            Value::Object(object) => match object.get("Fn::Sub").and_then(Value::as_str) {
                Some(text) => pieces(text).into_iter().for_each(|piece| match piece {
                    Piece::Text(text) => literal(&text, case, &mut tokens),
                    Piece::Name(name) => tokens.push(unknown(name, moved)),
                }),
                None => tokens.push(opaque(value, moved)),
            },
            other => tokens.push(opaque(other, moved)),
        }
        Self { tokens, shown: shown(value) }
    }

    /// `*`.
    pub(super) fn any() -> Self {
        Self { tokens: vec![Token::Any], shown: "*".to_owned() }
    }

    /// The same with a word before it, which is compared as well.
    pub(super) fn prefixed(mut self, prefix: &str) -> Self {
        let mut tokens: Vec<Token> = prefix.chars().map(Token::Letter).collect();
        tokens.append(&mut self.tokens);
        Self { tokens, shown: self.shown }
    }

    /// The same with other words for people.
    pub(super) fn called(mut self, shown: impl Into<String>) -> Self {
        self.shown = shown.into();
        self
    }

    /// Whether it stands for every text.
    pub(super) fn is_any(&self) -> bool {
        !self.tokens.is_empty() && self.tokens.iter().all(|token| *token == Token::Any)
    }

    /// Whether it surely stands for every text that `other` stands for.
    pub(super) fn covers(&self, other: &Self) -> bool {
        covers(&self.tokens, &other.tokens)
    }

    /// Whether it surely is the same text, wildcards and all.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.tokens == other.tokens && !self.tokens.iter().any(|token| matches!(token, Token::Moved(_)))
    }

    /// Whether there may be a text that both stand for.
    pub(super) fn may_meet(&self, other: &Self) -> bool {
        may_meet(&self.tokens, &other.tokens)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

fn literal(text: &str, case: Case, tokens: &mut Vec<Token>) {
    let fold = |letter: char| if case == Case::Ignored { letter.to_ascii_lowercase() } else { letter };
    tokens.extend(text.chars().map(|letter| match letter {
        '*' => Token::Any,
        '?' => Token::One,
        letter => Token::Letter(fold(letter)),
    }));
}

fn unknown(name: &str, moved: &Moved) -> Token {
    let reference = match name.split_once('.') {
        Some((resource, attribute)) => Reference::Attribute(resource.to_owned(), attribute.to_owned()),
        None => Reference::Name(name.to_owned()),
    };
    if moved.has(&reference) { Token::Moved(name.to_owned()) } else { Token::Unknown(name.to_owned()) }
}

fn opaque(value: &Value, moved: &Moved) -> Token {
    let text = shown(value);
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(&text).to_owned();
    let is_other = references(value).iter().any(|reference| moved.has(reference));
    if is_other { Token::Moved(name) } else { Token::Unknown(name) }
}

/// By a table of which prefix of `wide` covers which prefix of `narrow`: long patterns take no longer than their product.
fn covers(wide: &[Token], narrow: &[Token]) -> bool {
    let mut row: Vec<bool> = vec![false; narrow.len() + 1];
    row[0] = true;
    for token in wide {
        let mut next = vec![false; narrow.len() + 1];
        next[0] = row[0] && *token == Token::Any;
        for (index, other) in narrow.iter().enumerate() {
            next[index + 1] = match token {
                Token::Any => row[index + 1] || next[index],
                Token::One => row[index] && matches!(other, Token::Letter(_) | Token::One),
                Token::Moved(_) => false,
                token => row[index] && token == other,
            };
        }
        row = next;
    }
    row.last().copied().unwrap_or(false)
}

/// As [`covers`], for texts that both may stand for; a reference may stand for any text.
fn may_meet(one: &[Token], other: &[Token]) -> bool {
    let is_open = |token: &Token| matches!(token, Token::Any | Token::Unknown(_) | Token::Moved(_));
    let mut row: Vec<bool> = vec![true];
    row.extend(other.iter().scan(true, |all, token| {
        *all = *all && is_open(token);
        Some(*all)
    }));
    for token in one {
        let mut next = vec![row[0] && is_open(token)];
        for (index, against) in other.iter().enumerate() {
            let meets = if is_open(token) || is_open(against) {
                row[index + 1] || next[index] || row[index]
            } else {
                row[index] && (token == against || *token == Token::One || *against == Token::One)
            };
            next.push(meets);
        }
        row = next;
    }
    row.last().copied().unwrap_or(false)
}
