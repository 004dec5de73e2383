//! The patterns of `.dockerignore`: Go's, with `**` for any number of directories.

/// A pattern, part by part.
#[derive(Clone, Debug)]
pub(super) struct Glob(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    /// This character.
    Char(char),
    /// `?`: any character of a name.
    AnyChar,
    /// `[…]`: a character of these ranges, or of none of them.
    Class { negated: bool, ranges: Vec<(char, char)> },
    /// `*`: any characters of a name.
    AnyName,
    /// `**` before something: nothing, or directories with the slash after them.
    AnyDirectories,
    /// `**` at the end: anything.
    Anything,
}

impl Glob {
    /// Reads a pattern; `None` where a class or an escape is not finished.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut letters = pattern.chars().peekable();
        let mut parts = Vec::new();
        while let Some(letter) = letters.next() {
            parts.push(match letter {
                '*' if letters.next_if_eq(&'*').is_some() => {
                    letters.next_if_eq(&'/');
                    if letters.peek().is_none() { Part::Anything } else { Part::AnyDirectories }
                }
                '*' => Part::AnyName,
                '?' => Part::AnyChar,
                '[' => class(&mut letters)?,
                '\\' => Part::Char(letters.next()?),
                letter => Part::Char(letter),
            });
        }
        Some(Self(parts))
    }

    /// Whether it matches the whole path.
    ///
    /// Every place that the parts so far can end at is kept, so the time is bounded by the lengths' product.
    pub(super) fn matches(&self, path: &str) -> bool {
        let letters: Vec<char> = path.chars().collect();
        let mut ends = vec![false; letters.len() + 1];
        ends[0] = true;
        for part in &self.0 {
            ends = part.after(&ends, &letters);
        }
        ends[letters.len()]
    }
}

impl Part {
    /// Where the path can be at after this part, from where it can be at before.
    fn after(&self, before: &[bool], letters: &[char]) -> Vec<bool> {
        let mut after = vec![false; before.len()];
        let mut reached = false;
        for at in 0..before.len() {
            let last = at.checked_sub(1).map(|last| (last, letters[last]));
            after[at] = match self {
                Self::Char(_) | Self::AnyChar | Self::Class { .. } => {
                    last.is_some_and(|(from, letter)| before[from] && self.takes(letter))
                }
                Self::AnyName => {
                    before[at] || last.is_some_and(|(from, letter)| after[from] && letter != '/')
                }
                Self::AnyDirectories => {
                    before[at] || reached && last.is_some_and(|(_, letter)| letter == '/')
                }
                Self::Anything => before[at] || reached,
            };
            reached |= before[at];
        }
        after
    }

    /// Whether this part, which stands for one character, stands for this one.
    fn takes(&self, letter: char) -> bool {
        match self {
            Self::Char(own) => *own == letter,
            Self::AnyChar => letter != '/',
            Self::Class { negated, ranges } => {
                *negated != ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter))
            }
            Self::AnyName | Self::AnyDirectories | Self::Anything => false,
        }
    }
}

/// What follows a `[`: at least one character or range, up to the `]`.
fn class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Part> {
    let negated = letters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && letters.next_if_eq(&']').is_some() {
            return Some(Part::Class { negated, ranges });
        }
        let low = bound(letters)?;
        let high = if letters.next_if_eq(&'-').is_some() { bound(letters)? } else { low };
        ranges.push((low, high));
    }
}

/// A bound of a range: `-` and `]` only behind a backslash.
fn bound(letters: &mut impl Iterator<Item = char>) -> Option<char> {
    match letters.next()? {
        '-' | ']' => None,
        '\\' => letters.next(),
        letter => Some(letter),
    }
}
