//! The nearest of several names to a mistyped one.

use std::cmp::Reverse;

/// The candidate with the smallest edit distance, if that distance is small enough to be a slip of the hand.
pub(crate) fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let longest = 64;
    if text.len() > longest {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (distance(text, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= candidate.len() / 3)
        // Of two equally near the longer: characters are dropped more often than added.
        .min_by_key(|&(distance, candidate)| (distance, Reverse(candidate.len()), candidate))
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not_offered() {
        let regions = ["us-east-1", "us-gov-west-1", "eu-west-1"];
        assert_eq!(nearest("us-esat-1", regions), Some("us-east-1"));
        assert_eq!(nearest("us-gov-west1", regions), Some("us-gov-west-1"));
        assert_eq!(nearest("mars", regions), None);
    }

    #[test]
    fn distances_are_levenshteins() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
