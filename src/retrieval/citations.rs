//! `[n]` in an answer: each is checked while it is written, and what names no passage is left out.

use std::collections::BTreeSet;

/// Longer than any mark: what is longer is text.
const LONGEST: usize = 32;

/// The most passages that a mark `[2-9]` stands for.
const LONGEST_RANGE: usize = 20;

/// Reads an answer piece by piece.
///
/// Marks of several numbers, such as `[1, 3]` or `[2-4]`, become one for each. Code between backticks is left as it is.
#[derive(Debug)]
pub struct Citations {
    passages: usize,
    cited: BTreeSet<usize>,
    removed: usize,
    /// What may become a mark: a space that goes with it, and all from the bracket on.
    held: String,
    is_code: bool,
}

impl Citations {
    /// For an answer from so many passages.
    pub fn of(passages: usize) -> Self {
        Self { passages, cited: BTreeSet::new(), removed: 0, held: String::new(), is_code: false }
    }

    /// What can be shown after a piece.
    pub fn push(&mut self, piece: &str) -> String {
        let mut shown = String::new();
        for letter in piece.chars() {
            self.take(letter, &mut shown);
        }
        shown
    }

    /// What is left at the end.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// The passages that were cited, by number.
    pub fn cited(&self) -> impl Iterator<Item = usize> + '_ {
        self.cited.iter().copied()
    }

    /// How many numbers were left out because no passage has them.
    pub fn removed(&self) -> usize {
        self.removed
    }

    fn take(&mut self, letter: char, shown: &mut String) {
        if letter == '`' {
            self.is_code = !self.is_code;
        }
        let is_open = self.held.contains('[');
        match letter {
            _ if self.is_code || letter == '`' => {
                shown.push_str(&std::mem::take(&mut self.held));
                shown.push(letter);
            }
            ']' if is_open => self.close(shown),
            '0'..='9' | ',' | ';' | '-' | '–' | ' ' if is_open && self.held.len() < LONGEST => {
                self.held.push(letter);
            }
            '[' if self.held == " " => self.held.push(letter),
            '[' | ' ' => {
                shown.push_str(&std::mem::take(&mut self.held));
                self.held.push(letter);
            }
            _ => {
                shown.push_str(&std::mem::take(&mut self.held));
                shown.push(letter);
            }
        }
    }

    fn close(&mut self, shown: &mut String) {
        let held = std::mem::take(&mut self.held);
        let (space, inside) = held.split_once('[').unwrap_or(("", &held));
        let Some(numbers) = numbers(inside) else {
            shown.push_str(&held);
            shown.push(']');
            return;
        };
        let (known, unknown): (Vec<usize>, Vec<usize>) =
            numbers.into_iter().partition(|number| (1..=self.passages).contains(number));
        self.removed += unknown.len();
        if !known.is_empty() {
            shown.push_str(space);
        }
        for number in known {
            self.cited.insert(number);
            shown.push_str(&format_mark(number));
        }
    }
}

fn format_mark(number: usize) -> String {
    format!("[{number}]")
}

/// The numbers of a mark; `None` for what is none, such as `[]` or `[ - ]`.
fn numbers(inside: &str) -> Option<Vec<usize>> {
    let mut numbers = Vec::new();
    for part in inside.split([',', ';']) {
        match part.split_once(['-', '–']) {
            None => numbers.push(part.trim().parse().ok()?),
            Some((first, last)) => {
                let (first, last): (usize, usize) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
                let range = first..=last;
                if !(1..=LONGEST_RANGE).contains(&range.clone().count()) {
                    return None;
                }
                numbers.extend(range);
            }
        }
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Citations;

    fn read(answer: &str, passages: usize) -> (String, Vec<usize>, usize) {
        let mut citations = Citations::of(passages);
        let shown = citations.push(answer) + &citations.finish();
        let cited = citations.cited().collect();
        (shown, cited, citations.removed())
    }

    #[test]
    fn marks_are_kept_where_there_is_a_passage() {
        for (answer, shown, cited, removed) in [
            ("Oil it [1].", "Oil it [1].", &[1][..], 0),
            ("Oil it [7].", "Oil it.", &[], 1),
            ("Oil it[1, 9; 2].", "Oil it[1][2].", &[1, 2], 1),
            ("Oil it [1-3].", "Oil it [1][2][3].", &[1, 2, 3], 0),
            ("See [the list] and [] and [a1].", "See [the list] and [] and [a1].", &[], 0),
            ("Write `a[9]` or `[1]`", "Write `a[9]` or `[1]`", &[], 0),
            ("[[2]]", "[[2]]", &[2], 0),
            ("open [1", "open [1", &[], 0),
            ("a [0] b", "a b", &[], 1),
            ("[1-99999999]", "[1-99999999]", &[], 0),
        ] {
            assert_eq!(read(answer, 3), (shown.to_owned(), cited.to_vec(), removed), "{answer}");
        }
    }

    proptest! {
        /// However an answer is cut into pieces, what is shown is the same.
        #[test]
        fn pieces_make_no_difference(answer in "[\\[\\]0-9a, `;-]{0,40}", cuts in prop::collection::vec(0_usize..40, 0..6)) {
            let mut citations = Citations::of(3);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(answer.len())).collect();
            cuts.sort_unstable();
            let mut shown = String::new();
            let mut from = 0;
            for cut in cuts {
                shown += &citations.push(&answer[from..cut]);
                from = cut;
            }
            shown += &citations.push(&answer[from..]);
            shown += &citations.finish();
            prop_assert_eq!(shown, read(&answer, 3).0);
        }
    }
}
