//! Lines to paragraphs and headings, without the heads and page numbers that every page repeats.

use std::collections::BTreeMap;

use super::furniture;
use super::lines::Line;
use crate::document::{Kind, Region};
use crate::error::ExtractError;
use crate::writer::Writer;

/// Type that is larger than the text's by this part is a heading's.
const HEADING: f64 = 1.12;

/// Lines of a heading, and characters.
const HEADING_LINES: usize = 3;
const HEADING_LENGTH: usize = 200;

/// Kinds of headings that are told apart.
const LEVELS: usize = 6;

/// Distance of lines of one paragraph, in parts of the type's size.
const LEADING: f64 = 1.75;

/// Writes the pages.
pub(super) fn write(mut pages: Vec<Vec<Line>>, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let large = heading_size(body_size(&pages));
    furniture::remove(&mut pages, large);
    let body = body_size(&pages);
    let pages: Vec<Vec<Paragraph>> = pages.iter().map(|lines| paragraphs(lines)).collect();
    let levels = levels(&pages, body);
    for (number, page) in (1..).zip(&pages) {
        writer.page(number)?;
        for paragraph in page {
            let text = paragraph.text();
            let region = paragraph.region();
            match paragraph.level(body, &levels) {
                Some(level) => writer.heading_at(level, &text, region)?,
                None => writer.block_at(Kind::Paragraph, &text, region)?,
            }
        }
    }
    Ok(())
}

/// The size of most of the text, in tenths of a point.
fn body_size(pages: &[Vec<Line>]) -> i64 {
    let mut sizes: BTreeMap<i64, usize> = BTreeMap::new();
    for line in pages.iter().flatten() {
        *sizes.entry(tenths(line.size)).or_default() += line.text.len();
    }
    sizes.into_iter().max_by_key(|(_, length)| *length).map_or(0, |(size, _)| size)
}

#[expect(clippy::cast_possible_truncation, reason = "`as` keeps to the bounds, which no page reaches")]
fn tenths(points: f64) -> i64 {
    (points * 10.0).round() as i64
}

/// The least size of a heading's type in points, by that of the text in tenths of a point.
#[expect(clippy::cast_precision_loss, reason = "sizes of type are small")]
fn heading_size(body: i64) -> f64 {
    body as f64 / 10.0 * HEADING
}

/// The level of each size of headings.
fn levels(pages: &[Vec<Paragraph>], body: i64) -> BTreeMap<i64, u8> {
    let headings = pages.iter().flatten().filter(|paragraph| paragraph.may_be_heading(body));
    let mut sizes: Vec<i64> = headings.map(|heading| tenths(heading.size)).collect();
    sizes.sort_unstable_by_key(|size| -size);
    sizes.dedup_by(|next, last| (*last - *next) * 20 < *last);
    let levels = sizes.iter().zip(1..);
    levels
        .map(|(size, level): (&i64, u8)| (*size, level.min(u8::try_from(LEVELS).unwrap_or(u8::MAX))))
        .collect()
}

/// Lines that belong together.
#[derive(Debug)]
struct Paragraph<'a> {
    lines: Vec<&'a Line>,
    size: f64,
    /// Where its lines begin and end.
    start: f64,
    end: f64,
}

fn paragraphs(lines: &[Line]) -> Vec<Paragraph<'_>> {
    let mut paragraphs: Vec<Paragraph<'_>> = Vec::new();
    for line in lines {
        match paragraphs.last_mut().map(|last| (last.follow(line), last)) {
            Some((Follow::On, last)) => last.push(line),
            Some((Follow::WithLast, last)) => {
                // The line before began the paragraph: it stood further off than this one does.
                let before = last.lines.pop();
                paragraphs.push(Paragraph::of(before.unwrap_or(line)));
                if let Some(last) = paragraphs.last_mut().filter(|_| before.is_some()) {
                    last.push(line);
                }
            }
            _ => paragraphs.push(Paragraph::of(line)),
        }
    }
    paragraphs
}

/// How a line stands to the paragraph before it.
enum Follow {
    /// It goes on.
    On,
    /// It goes on with the last line of it, and both are a new one.
    WithLast,
    /// It begins a new one.
    Apart,
}

impl<'a> Paragraph<'a> {
    fn of(line: &'a Line) -> Self {
        Self { lines: vec![line], size: line.size, start: line.start, end: line.end }
    }

    fn follow(&self, line: &Line) -> Follow {
        let Some(last) = self.lines.last() else { return Follow::Apart };
        let turn = last.along.0 * line.along.0 + last.along.1 * line.along.1;
        let step = line.base - last.base;
        if turn < 0.99 {
            return Follow::Apart;
        }
        if step.abs() < 0.3 * self.size && line.start >= last.end - 1.0 {
            return Follow::On;
        }
        let is_alike = (line.size - last.size).abs() < 0.08 * self.size;
        let overlaps = line.start < self.end && line.end > self.start;
        if !(is_alike && overlaps && step > 0.0 && step < LEADING * self.size) {
            return Follow::Apart;
        }
        // Lines of one paragraph have one distance; the first two say which.
        let usual = match self.lines.as_slice() {
            [.., before, last] => last.base - before.base,
            _ => return Follow::On,
        };
        match step - usual {
            more if more > 0.25 * self.size => Follow::Apart,
            less if less < -0.25 * self.size => Follow::WithLast,
            _ => Follow::On,
        }
    }

    fn push(&mut self, line: &'a Line) {
        self.start = self.start.min(line.start);
        self.end = self.end.max(line.end);
        self.lines.push(line);
    }

    fn may_be_heading(&self, body: i64) -> bool {
        let length: usize = self.lines.iter().map(|line| line.text.len()).sum();
        let has_words =
            self.lines.iter().any(|line| line.text.chars().filter(|text| text.is_alphabetic()).count() > 1);
        // A line of a table of contents is none of its own.
        let has_dots =
            self.lines.iter().any(|line| line.text.contains(".....") || line.text.contains(". . . ."));
        self.size >= heading_size(body)
            && self.lines.len() <= HEADING_LINES
            && length <= HEADING_LENGTH
            && has_words
            && !has_dots
    }

    fn level(&self, body: i64, levels: &BTreeMap<i64, u8>) -> Option<u8> {
        if !self.may_be_heading(body) {
            return None;
        }
        // A size that is nearly another one has that one's level.
        levels.range(tenths(self.size)..).next().map(|(_, level)| *level)
    }

    /// Lines that reach the margin go on, unless the next is an item of a list; those that end before it were ended on
    /// purpose. A word that a hyphen cuts at a line's end is one word.
    fn text(&self) -> String {
        let mut text = String::new();
        let mut lines = self.lines.iter().peekable();
        while let Some(line) = lines.next() {
            text.push_str(&line.text);
            let Some(next) = lines.peek() else { break };
            let goes_on = next.text.chars().next().is_some_and(char::is_lowercase);
            let cut = text.strip_suffix(['-', '\u{2010}']).filter(|text| text.ends_with(char::is_alphabetic));
            match cut.map(str::len) {
                Some(length) if goes_on => text.truncate(length),
                _ if begins_item(&next.text) => text.push('\n'),
                _ if self.end - line.end < 0.15 * (self.end - self.start).max(1.0) => text.push(' '),
                _ => text.push('\n'),
            }
        }
        text
    }

    #[expect(clippy::cast_possible_truncation, reason = "`as` keeps to the bounds, which no page reaches")]
    fn region(&self) -> Option<Region> {
        let upright = self.lines.iter().filter(|line| line.is_upright());
        let regions = upright.map(|line| Region {
            left: line.start.floor() as i32,
            top: (line.base - 0.8 * line.size).floor() as i32,
            width: (line.end - line.start).ceil() as i32,
            height: (1.1 * line.size).ceil() as i32,
        });
        regions.reduce(Region::union)
    }
}

/// Whether a line begins with a bullet or with a number of at most two digits and a sign: `3. Turn`, `b) Turn`.
fn begins_item(line: &str) -> bool {
    let Some((mark, _)) = line.split_once(' ') else { return false };
    let is_number = |number: &str| {
        let is_short = (1..=2).contains(&number.len());
        is_short && (number.bytes().all(|byte| byte.is_ascii_digit()) || number.len() == 1)
    };
    let mark_of = mark.strip_suffix(['.', ')']).filter(|number| number.is_ascii());
    matches!(mark, "\u{2022}" | "\u{2013}" | "\u{25e6}" | "\u{25aa}") || mark_of.is_some_and(is_number)
}
