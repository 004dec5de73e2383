//! Heads and page numbers that pages repeat: lines at the upper or lower edge that are the same on many pages, or that differ
//! by a number which rises as the pages do. A number that does anything else is content.

use std::collections::BTreeMap;

use super::lines::Line;

/// Pages on which a line must stand, and the part of all pages.
const REPEATS: usize = 3;
const PART: usize = 5;

/// Letters of a page number with what stands around it: `- 3 -`, `Page 3 of 4`. A document of two pages has no other
/// furniture.
const NUMBER: usize = 12;

/// The part of the printed height, above and below, that furniture stands in.
const MARGIN: f64 = 0.06;

/// Lines of a page, shown first or last, that may be furniture: the two ends of a running head, and the page's number.
const ENDS: usize = 3;

/// Removes it. It is shown before everything else or after it, whichever edge it stands at. What is printed at least as
/// large as `large`, in points, is a heading.
pub(super) fn remove(pages: &mut [Vec<Line>], large: f64) {
    let edges = Edges::of(pages, large);
    let seen = Seen::on(pages, &edges);
    let count = pages.iter().filter(|page| !page.is_empty()).count();
    for page in pages {
        let last = page.len().saturating_sub(ENDS);
        let is_furniture =
            |line: &Line| edges.of_line(line).is_some_and(|edge| seen.repeat(edge, line, count));
        let kept =
            page.iter().enumerate().filter(|(at, line)| (ENDS..last).contains(at) || !is_furniture(line));
        let kept: Vec<Line> = kept.map(|(_, line)| line.clone()).collect();
        // A page of nothing but such lines says what it says by them.
        if !kept.is_empty() {
            *page = kept;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    Upper,
    Lower,
}

/// Where the edges are, over all pages.
#[derive(Clone, Copy, Debug)]
struct Edges {
    upper: f64,
    lower: f64,
    large: f64,
}

impl Edges {
    fn of(pages: &[Vec<Line>], large: f64) -> Self {
        let bases = || pages.iter().flatten().map(|line| line.base);
        let (top, bottom) = (bases().fold(f64::MAX, f64::min), bases().fold(f64::MIN, f64::max));
        let margin = MARGIN * (bottom - top);
        Self { upper: top + margin, lower: bottom - margin, large }
    }

    fn of_line(&self, line: &Line) -> Option<Edge> {
        if line.size >= self.large {
            return None;
        }
        if line.base <= self.upper {
            return Some(Edge::Upper);
        }
        (line.base >= self.lower).then_some(Edge::Lower)
    }
}

/// A line's page, counted from zero, and its numbers.
type Occurrence = (usize, Vec<u64>);

/// What stands at the edges.
#[derive(Debug, Default)]
struct Seen {
    /// On how many pages, word for word.
    texts: BTreeMap<(Edge, String), usize>,
    /// The pages by what a line is without its numbers, each with the numbers.
    shapes: BTreeMap<(Edge, String), Vec<Occurrence>>,
}

impl Seen {
    fn on(pages: &[Vec<Line>], edges: &Edges) -> Self {
        let mut seen = Self::default();
        for (number, page) in pages.iter().enumerate() {
            let mut of_page: BTreeMap<(Edge, String), Vec<Vec<u64>>> = BTreeMap::new();
            let mut texts: Vec<(Edge, String)> = Vec::new();
            for line in ends(page) {
                let Some(edge) = edges.of_line(line) else { continue };
                let (shape, numbers) = shape(&line.text);
                of_page.entry((edge, shape)).or_default().push(numbers);
                texts.push((edge, line.text.clone()));
            }
            texts.sort();
            texts.dedup();
            for text in texts {
                *seen.texts.entry(text).or_default() += 1;
            }
            for (shape, mut numbers) in of_page {
                // Several of one shape are rows of a table.
                if let (1, Some(numbers)) = (numbers.len(), numbers.pop()) {
                    seen.shapes.entry(shape).or_default().push((number, numbers));
                }
            }
        }
        seen
    }

    /// Whether a line is repeated on so many pages of `count`.
    fn repeat(&self, edge: Edge, line: &Line, count: usize) -> bool {
        let times = self.texts.get(&(edge, line.text.clone())).copied().unwrap_or_default();
        if times >= REPEATS && times * PART >= count {
            return true;
        }
        let (shape, _) = shape(&line.text);
        let is_short = shape.len() <= NUMBER;
        let Some(pages) = self.shapes.get(&(edge, shape)) else { return false };
        counts_pages(pages) && (pages.len() >= REPEATS || count == 2 && is_short)
    }
}

/// Whether one of the numbers rises as the pages do and the others stay, but for a few steps such as a new chapter.
fn counts_pages(pages: &[Occurrence]) -> bool {
    let steps = pages.windows(2).filter(|pair| {
        let [(page, numbers), (next_page, next)] = pair else { return false };
        let moved: Vec<_> = numbers.iter().zip(next).filter(|(number, next)| number != next).collect();
        let distance = (next_page - page) as u64;
        matches!(moved.as_slice(), [(number, next)] if number.checked_add(distance) == Some(**next))
    });
    pages.len() > 1 && steps.count() * 4 >= (pages.len() - 1) * 3
}

/// The lines of a page that are shown first and last.
fn ends(page: &[Line]) -> impl Iterator<Item = &Line> {
    let first = page.len().min(ENDS);
    page[..first].iter().chain(&page[first.max(page.len().saturating_sub(ENDS))..])
}

/// A text with `#` for each of its numbers, and the numbers. A line that is a small Roman number alone is one, too.
fn shape(text: &str) -> (String, Vec<u64>) {
    if let Some(number) = roman(text) {
        return ("#".to_owned(), vec![number]);
    }
    let (mut shape, mut numbers) = (String::new(), Vec::new());
    let mut is_within = false;
    for character in text.chars() {
        match character.to_digit(10).map(u64::from) {
            Some(digit) if is_within => {
                if let Some(number) = numbers.last_mut() {
                    *number = u64::saturating_add(u64::saturating_mul(*number, 10), digit);
                }
            }
            Some(digit) => {
                shape.push('#');
                numbers.push(digit);
            }
            None => shape.push(character),
        }
        is_within = character.is_ascii_digit();
    }
    (shape, numbers)
}

/// `xiv` as 14.
fn roman(text: &str) -> Option<u64> {
    let values: Option<Vec<u64>> = text
        .chars()
        .map(|letter| match letter {
            'i' => Some(1),
            'v' => Some(5),
            'x' => Some(10),
            'l' => Some(50),
            _ => None,
        })
        .collect();
    let values = values.filter(|values| (1..=6).contains(&values.len()))?;
    let all: u64 = values.iter().sum();
    // What stands before something larger is taken off.
    let less: u64 = values.windows(2).filter(|pair| pair[0] < pair[1]).map(|pair| pair[0]).sum();
    all.checked_sub(2 * less)
}

#[cfg(test)]
mod tests {
    use super::{counts_pages, roman, shape};

    #[test]
    fn a_number_that_rises_as_the_pages_do_counts_them() {
        for (numbers, counts) in [
            (&[[3, 10], [4, 10], [5, 10]], true),
            (&[[1, 3], [2, 3], [9, 3]], false),
            (&[[120, 0], [85, 0], [86, 1]], false),
            (&[[7, 7], [7, 7], [7, 7]], false),
        ] {
            let pages: Vec<_> = numbers.iter().map(|numbers| numbers.to_vec()).enumerate().collect();
            assert_eq!(counts_pages(&pages), counts, "{numbers:?}");
        }
        assert!(counts_pages(&[(0, vec![2]), (2, vec![4])]), "every other page");
        assert!(!counts_pages(&[(0, vec![2])]));
    }

    #[test]
    fn numbers_are_read_where_they_stand() {
        assert_eq!(shape("Page 3 of 14"), ("Page # of #".to_owned(), vec![3, 14]));
        assert_eq!(shape("xiv"), ("#".to_owned(), vec![14]));
        assert_eq!(roman("ix"), Some(9));
        assert_eq!(roman("lvi").zip(roman("xl")), Some((56, 40)));
        assert_eq!(roman("six"), None);
    }
}
