//! Floors: how many questions that nothing answers find nothing, and how many others lose their answer.

use anyhow::Result;
use lisa_retrieval::{Settings, floor, passages};

use super::{Found, Level, judged};
use crate::engine::EMBEDDER;
use crate::say;

/// Floors that are tried, in hundredths.
const TRIED: [u8; 12] = [24, 26, 28, 30, 32, 34, 36, 38, 40, 45, 50, 55];

/// Of questions that something answers, the part that may find nothing at the recommended floor; of the others, the part
/// that has to. What was measured first is 0.017 and 0.312.
const MOST_LOST: f64 = 0.03;
const LEAST_REJECTED: f64 = 0.25;

/// Prints, and returns how many goals are missed.
pub(super) fn measure(answerable: &[Found], unanswerable: &[Found]) -> Result<usize> {
    say(&format!(
        "{:<34} unanswerable rejected   answerable rejected   answer lost from the first five",
        "floor (cosine)"
    ))?;
    for hundredths in TRIED {
        let floor = f32::from(hundredths) / 100.0;
        let rejected = share(unanswerable, |found| is_rejected(found, floor));
        let lost = share(answerable, |found| is_rejected(found, floor));
        let answers = share(answerable, |found| has_answer(found, None) && !has_answer(found, Some(floor)));
        say(&format!("{floor:<34.2} {rejected:<23.3} {lost:<21.3} {answers:.3}"))?;
    }
    let recommended = floor::recommended(EMBEDDER).unwrap_or(-1.0);
    let lost = share(answerable, |found| is_rejected(found, recommended));
    let rejected = share(unanswerable, |found| is_rejected(found, recommended));
    say(&format!("  recommended: {recommended:.2}"))?;
    Ok(usize::from(lost > MOST_LOST) + usize::from(rejected < LEAST_REJECTED))
}

fn settings(floor: Option<f32>) -> Settings {
    Settings { floor, passages: 5, ..Settings::default() }
}

fn is_rejected(found: &Found, floor: f32) -> bool {
    passages::passages(found.hits.clone(), &settings(Some(floor))).is_empty()
}

fn has_answer(found: &Found, floor: Option<f32>) -> bool {
    let passages = passages::passages(found.hits.clone(), &settings(floor));
    judged(&passages, &found.question, Level::Answer).hit_at_5 > 0.5
}

#[expect(clippy::cast_precision_loss, reason = "questions are few")]
fn share(all: &[Found], is: impl Fn(&Found) -> bool) -> f64 {
    all.iter().filter(|found| is(found)).count() as f64 / all.len().max(1) as f64
}
