//! From hits to passages: one list, without repetitions, above a floor.

use std::collections::HashSet;

use lisa_vectors::fusion::Fusion;
use lisa_vectors::{Chunk, Hit};
use serde::Serialize;

/// How hits become passages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How many chunks the text index and the vectors give each.
    pub candidates: usize,
    /// How both lists become one.
    pub fusion: Fusion,
    /// Passages at most.
    pub passages: usize,
    /// The least cosine to the question that the nearest passage has, or else nothing is found; `None` takes any. Where one
    /// is near enough the others stay: a passage that is found by its words alone is often far by its embedding, and
    /// right. What is near differs from one embedding model to the next.
    pub floor: Option<f32>,
    /// The share of its runs of three words that a passage may have in common with a better one, which says it already.
    pub repetition: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { candidates: 200, fusion: Fusion::default(), passages: 8, floor: None, repetition: 0.7 }
    }
}

/// A passage for a question.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Passage {
    /// What an answer calls it, counted from one.
    pub number: usize,
    /// Where it is from, and its text.
    #[serde(flatten)]
    pub chunk: Chunk,
    /// By which it stands where it does: fused, or the reranker's.
    pub score: f32,
    /// The cosine of the angle between its embedding and the question's, where the store says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f32>,
}

/// The passages among the hits, best first. None is a finding: nothing was near enough.
pub fn passages(hits: Vec<Hit>, settings: &Settings) -> Vec<Passage> {
    let ranked = ranked(hits, settings);
    chosen(ranked, settings)
}

/// Everything, best first, before it is cut and rid of repetitions: what a reranker may see. Nothing if nothing reaches the
/// floor.
pub fn ranked(hits: Vec<Hit>, settings: &Settings) -> Vec<Passage> {
    // A store says how near its nearest hits are; one that says it of none is believed.
    let nearest = hits.iter().filter_map(|hit| hit.similarity).max_by(f32::total_cmp);
    if settings.floor.zip(nearest).is_some_and(|(floor, nearest)| nearest < floor) {
        return Vec::new();
    }
    let fused = settings.fusion.fuse(hits);
    let passages = (1..).zip(fused).map(|(number, (score, hit))| {
        let Hit { chunk, similarity, .. } = hit;
        Passage { number, chunk, score, similarity }
    });
    passages.collect()
}

/// The first passages that do not say the same again, numbered anew.
pub fn chosen(ranked: Vec<Passage>, settings: &Settings) -> Vec<Passage> {
    let mut chosen: Vec<Passage> = Vec::new();
    let mut said: Vec<HashSet<u64>> = Vec::new();
    for passage in ranked {
        if chosen.len() == settings.passages {
            break;
        }
        let runs = runs(&passage.chunk.text);
        if said.iter().all(|other| shared(&runs, other) < settings.repetition) {
            let number = chosen.len() + 1;
            chosen.push(Passage { number, ..passage });
            said.push(runs);
        }
    }
    chosen
}

/// Every three words that follow each other, hashed.
fn runs(text: &str) -> HashSet<u64> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let hashed = |words: &[String]| {
        let mut hasher = DefaultHasher::new();
        words.hash(&mut hasher);
        hasher.finish()
    };
    if words.len() < 3 { [hashed(&words)].into() } else { words.windows(3).map(hashed).collect() }
}

/// The share of the smaller set that the other has too.
#[expect(clippy::cast_precision_loss, reason = "runs of words of a passage are few")]
fn shared(left: &HashSet<u64>, right: &HashSet<u64>) -> f32 {
    let smaller = left.len().min(right.len()).max(1);
    left.intersection(right).count() as f32 / smaller as f32
}

#[cfg(test)]
pub(crate) mod tests {
    use lisa_vectors::{Chunk, Hit, Rank, Span};

    use super::{Passage, Settings, passages};

    pub(crate) fn chunk(id: &str, text: &str) -> Chunk {
        Chunk {
            id: id.to_owned(),
            document_id: "d".to_owned(),
            repository_id: "r".to_owned(),
            collection_id: "c".to_owned(),
            source: "handbook.pdf".to_owned(),
            headings: Vec::new(),
            pages: None,
            span: Span { start: 0, end: 1 },
            text: text.to_owned(),
            metadata: [].into(),
        }
    }

    pub(crate) fn passage(number: usize, text: &str) -> Passage {
        Passage { number, chunk: chunk(&number.to_string(), text), score: 1.0, similarity: Some(0.5) }
    }

    fn hit(id: &str, text: &str, places: (Option<usize>, Option<usize>), similarity: f32) -> Hit {
        let rank = |place: Option<usize>| place.map(|place| Rank { place, score: similarity });
        let (by_text, by_vector) = places;
        Hit {
            chunk: chunk(id, text),
            text: rank(by_text),
            vector: rank(by_vector),
            similarity: Some(similarity),
        }
    }

    fn ids(passages: &[Passage]) -> Vec<&str> {
        passages.iter().map(|passage| passage.chunk.id.as_str()).collect()
    }

    #[test]
    fn what_both_found_comes_first_and_repetitions_are_left_out() {
        let hits = vec![
            hit("text", "the pump is oiled once a week", (Some(1), None), 0.4),
            hit("again", "The pump is oiled once a week.", (Some(3), None), 0.4),
            hit("both", "valves are closed at night by hand", (Some(2), Some(2)), 0.6),
            hit("near", "lamps stay on", (None, Some(1)), 0.7),
        ];
        let found = passages(hits, &Settings::default());
        assert_eq!(ids(&found), ["both", "near", "text"]);
        assert_eq!(found.iter().map(|passage| passage.number).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn below_the_floor_nothing_is_found() {
        let hits = vec![hit("far", "lamps stay on", (Some(1), Some(1)), 0.2)];
        let settings = Settings { floor: Some(0.3), ..Settings::default() };
        assert!(passages(hits.clone(), &settings).is_empty());
        assert_eq!(passages(hits.clone(), &Settings::default()).len(), 1);
        let near = hit("near", "valves are closed", (None, Some(2)), 0.3);
        let both = [hits, vec![near]].concat();
        assert_eq!(ids(&passages(both, &settings)), ["far", "near"], "one that is near lets the others stay");
        let unsaid = |text| Hit { similarity: None, ..hit("unsaid", text, (Some(2), None), 0.0) };
        let hits = vec![hit("far", "lamps stay on", (None, Some(1)), 0.2), unsaid("a word in common")];
        assert!(passages(hits, &settings).is_empty(), "what is not said lifts no floor");
        assert_eq!(
            passages(vec![unsaid("a word")], &settings).len(),
            1,
            "where nothing is said it is believed"
        );
    }
}
