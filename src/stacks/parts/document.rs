//! Documents for programs, kept in Systems Manager parameters: a function's whole environment holds no more than 4 KB,
//! and so does one parameter.

use lisa_cfn::aws::ssm::{self, parameter::Type};

use crate::builder::StackBuilder;

/// What a standard parameter holds, in bytes.
const LIMIT: usize = 4096;

/// Adds as many parameters as the text needs, one as a rule; returns their names in the order in which their values
/// make the text. `config_path` is the key of the configuration that the text comes from, where it is one.
pub fn document(
    stack: &mut StackBuilder<'_>,
    (id, key): (&str, &str),
    what: &str,
    text: &str,
    config_path: Option<&str>,
) -> Vec<String> {
    let pieces = pieces(text, LIMIT);
    let several = pieces.len() > 1;
    let mut names = Vec::new();
    for (index, piece) in pieces.into_iter().enumerate() {
        let number = index + 1;
        let (id, key) = if several {
            (format!("{id}{number}Parameter"), format!("{key}/{number}"))
        } else {
            (format!("{id}Parameter"), key.to_owned())
        };
        let name = stack.naming().parameter(&key);
        let parameter = ssm::Parameter::new(Type::STRING, piece).name(name.clone()).description(what);
        let parameter = stack.add(id, parameter);
        if let Some(path) = config_path {
            stack.template.options(&parameter).set_by("Value", path);
        }
        names.push(name);
    }
    names
}

/// `text` cut into pieces of at most `limit` bytes, never within a character.
fn pieces(text: &str, limit: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > limit {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(limit));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn a_short_text_is_one_piece() {
        assert_eq!(pieces("{}", 4096), ["{}"]);
    }

    #[test]
    fn pieces_make_the_text_and_keep_to_the_limit() {
        let text = "äöü€".repeat(2000);
        let pieces = pieces(&text, 4096);
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.len() <= 4096 && !piece.is_empty()));
        assert_eq!(pieces.concat(), text);
    }
}
