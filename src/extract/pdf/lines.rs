//! Characters with their places to lines, in the order in which they are shown.
//!
//! A page shows its text in reading order nearly always; who sorts by place mixes columns. So characters go on with a
//! line as long as they stand on its baseline and not far behind its end.

use super::matrix::Matrix;

/// A gap of more than this part of the type's size parts words.
const SPACE: f64 = 0.17;

/// A step back of more than this part of the type's size begins a line.
const BACK: f64 = 1.0;

/// How far a character may stand above or below the line's base, in parts of the larger type's size: superscripts do.
const OFF_BASE: f64 = 0.55;

/// Where the characters of a string stand.
pub(super) struct Run {
    page: Matrix,
    /// The direction of reading, of length 1.
    along: (f64, f64),
    /// The type's size on the page.
    size: f64,
    is_horizontal: bool,
}

impl Run {
    /// `None` for text so small, or so large, that nobody can read it.
    pub(super) fn new(page: Matrix, size: f64, is_horizontal: bool) -> Option<Self> {
        let (right, up) = page.axes();
        let (ahead, across) = if is_horizontal { (right, up) } else { ((-up.0, -up.1), right) };
        let length = ahead.0.hypot(ahead.1);
        let size = (size * across.0.hypot(across.1)).abs();
        let is_readable =
            length.is_finite() && length > 1e-9 && size.is_finite() && (0.1..10_000.0).contains(&size);
        is_readable.then(|| Self { page, along: (ahead.0 / length, ahead.1 / length), size, is_horizontal })
    }
}

/// A line of text.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) text: String,
    /// Where it begins and ends in the direction of reading, in points.
    pub(super) start: f64,
    pub(super) end: f64,
    /// Its baseline, across the direction of reading: larger is further down.
    pub(super) base: f64,
    /// The size of its type in points: that of most characters.
    pub(super) size: f64,
    /// The direction of reading.
    pub(super) along: (f64, f64),
    /// Characters of `size`.
    weight: usize,
    last_start: f64,
}

impl Line {
    /// Whether it reads from left to right, not upwards or downwards.
    pub(super) fn is_upright(&self) -> bool {
        self.along.0 > 0.99
    }
}

/// Builds lines.
#[derive(Default)]
pub(super) struct Builder {
    lines: Vec<Line>,
    open: Option<Line>,
}

impl Builder {
    /// Adds a character that stands from `from` to `to` of its string's direction.
    pub(super) fn add(&mut self, run: &Run, text: &str, from: f64, to: f64, rise: f64) {
        let place =
            |at: f64| if run.is_horizontal { run.page.apply(at, rise) } else { run.page.apply(0.0, at) };
        let (along_x, along_y) = run.along;
        let project = |(x, y): (f64, f64)| (x * along_x + y * along_y, y * along_x - x * along_y);
        let ((first, base), (last, _)) = (project(place(from)), project(place(to)));
        let (start, end) = (first.min(last), first.max(last));
        if !(start.is_finite() && end.is_finite() && base.is_finite()) {
            return;
        }
        if let Some(line) = &mut self.open
            && line.goes_on(run, start, base)
        {
            line.push(run, text, start, end);
            return;
        }
        self.end_line();
        if text.trim().is_empty() {
            return;
        }
        self.open = Some(Line {
            text: text.to_owned(),
            start,
            end,
            base,
            size: run.size,
            along: run.along,
            weight: 1,
            last_start: start,
        });
    }

    fn end_line(&mut self) {
        if let Some(mut line) = self.open.take() {
            line.text.truncate(line.text.trim_end().len());
            line.text = in_reading_order(line.text);
            self.lines.push(line);
        }
    }

    pub(super) fn finish(mut self) -> Vec<Line> {
        self.end_line();
        self.lines
    }
}

impl Line {
    fn goes_on(&self, run: &Run, start: f64, base: f64) -> bool {
        let larger = self.size.max(run.size);
        let turn = self.along.0 * run.along.0 + self.along.1 * run.along.1;
        turn > 0.99 && (base - self.base).abs() < OFF_BASE * larger && start > self.end - BACK * larger
    }

    fn push(&mut self, run: &Run, text: &str, start: f64, end: f64) {
        // Bold type is made by showing a character twice.
        if (start - self.last_start).abs() < 0.12 * run.size && !text.is_empty() && self.text.ends_with(text)
        {
            return;
        }
        let gap = start - self.end;
        let is_apart = gap > SPACE * self.size.min(run.size);
        if is_apart && !self.text.ends_with(' ') && !text.starts_with(' ') {
            self.text.push(' ');
        }
        if text != " " || !self.text.ends_with(' ') {
            self.text.push_str(text);
        }
        if (self.size - run.size).abs() < 0.01 {
            self.weight += 1;
        } else if self.weight > 0 {
            self.weight -= 1;
        } else {
            (self.size, self.weight) = (run.size, 1);
        }
        self.last_start = start;
        self.end = self.end.max(end);
        self.start = self.start.min(start);
    }
}

/// Letters of scripts that are read from right to left are shown from left to right here; turns them round.
fn in_reading_order(text: String) -> String {
    let is_rtl = |character: char| matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    if !text.chars().any(is_rtl) {
        return text;
    }
    let mut result = String::with_capacity(text.len());
    let mut characters: Vec<char> = text.chars().collect();
    let mostly = characters.iter().filter(|character| is_rtl(**character)).count() * 2 > characters.len();
    if mostly {
        characters.reverse();
    }
    let turns = |character: char| mostly != is_rtl(character);
    let mut at = 0;
    // In a line that was turned, numbers and Latin words have to be turned back; in one that was not, the others.
    while at < characters.len() {
        let start = at;
        while at < characters.len() && turns(characters[at]) && !characters[at].is_whitespace() {
            at += 1;
        }
        result.extend(characters[start..at].iter().rev());
        if at < characters.len() {
            result.push(characters[at]);
            at += 1;
        }
    }
    result
}
