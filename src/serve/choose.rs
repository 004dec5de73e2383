//! Which endpoint of a model is asked: the less busy of two, or as its strategy says; none that has just failed, none whose
//! terms leave no room, none that is for other requests.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use lisa_litellm::{Fails, Strategy};
use serde::Deserialize;

use crate::registry::{Endpoint, Model};

/// How endpoints of a model are chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// By what.
    pub strategy: Strategy,
    /// How much slower than the fastest an endpoint may be, as a share of its time.
    pub latency_buffer: f64,
    /// For how long a measured latency counts.
    pub latency_ttl: Duration,
    /// Whether endpoints are passed over whose window is too small.
    pub checks_window: bool,
    /// Whether endpoints are told apart by tags.
    pub filters_tags: bool,
    /// Whether one of a request's tags is enough.
    pub any_tag: bool,
    /// Failures in a row after which an endpoint is left alone, by kind.
    pub allowed_fails: Fails,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            strategy: Strategy::Unset,
            latency_buffer: 0.0,
            latency_ttl: Duration::from_hours(1),
            checks_window: false,
            filters_tags: false,
            any_tag: true,
            allowed_fails: Fails::new(),
        }
    }
}

/// What a request needs of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its tags.
    pub tags: Vec<String>,
    /// Tokens of its prompt, estimated.
    pub tokens: u64,
}

impl Wanted {
    /// Reads what a model's choice looks at, and nothing of a request where it looks at nothing.
    pub fn of(choice: &Choice, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut wanted = Self::default();
        if choice.checks_window {
            wanted.tokens = body.len() as u64 / BYTES_OF_A_TOKEN;
        }
        if choice.filters_tags {
            let listed = headers.get(TAGS).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let listed = listed.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
            // A body that has tags of another kind has none.
            let Tagged { tags, metadata } = serde_json::from_slice(body).unwrap_or_default();
            wanted.tags = listed.chain(tags).chain(metadata.tags).collect();
        }
        wanted
    }
}

/// Where LiteLLM's callers name tags: in a header, or in the body.
const TAGS: &str = "x-litellm-tags";

/// A token of English text has about so many bytes: enough to tell what fits from what does not.
const BYTES_OF_A_TOKEN: u64 = 4;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tagged {
    tags: Vec<String>,
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    tags: Vec<String>,
}

/// Requests without a tag of their own are for endpoints with this one, as LiteLLM has it.
const DEFAULT_TAG: &str = "default";

/// The endpoint to ask, of those that are not in `tried`. One that is left alone is taken only where there is no other: it
/// may have recovered.
pub fn choose<'a>(
    model: &'a Model,
    wanted: &Wanted,
    tried: &[u64],
    random: u64,
) -> Option<&'a Arc<Endpoint>> {
    let fits = |endpoint: &&Arc<Endpoint>| {
        !tried.contains(&endpoint.id)
            && endpoint.meter.has_room(&endpoint.terms, endpoint.health.outstanding())
            && is_for(&model.choice, endpoint, wanted)
    };
    let mut candidates: Candidates<'a> = model.endpoints.iter().filter(fits).collect();
    if candidates.len() > 1 {
        let (left_alone, open) = candidates.iter().partition(|endpoint| endpoint.health.is_ejected());
        candidates = if Vec::is_empty(&open) { left_alone } else { open };
        let order = candidates.iter().map(|endpoint| endpoint.terms.order).min()?;
        candidates.retain(|endpoint| endpoint.terms.order == order);
    }
    let has_weights = || candidates.iter().any(|endpoint| endpoint.terms.weight.is_some());
    match model.choice.strategy {
        Strategy::Unset if has_weights() => by_weight(&candidates, random),
        Strategy::Unset | Strategy::LeastBusy => less_busy(&candidates, random),
        Strategy::Shuffle => by_weight(&candidates, random),
        Strategy::Latency => by_latency(&model.choice, &candidates, random),
        Strategy::Usage => least(&candidates, random, |endpoint| as_number(endpoint.meter.tokens())),
        Strategy::Cost => least(&candidates, random, |endpoint| endpoint.terms.cost),
    }
}

/// Endpoints that may be asked.
type Candidates<'a> = Vec<&'a Arc<Endpoint>>;

/// Whether another endpoint would answer if its terms left room; and how long that takes.
pub fn wait(model: &Model, wanted: &Wanted) -> Option<Duration> {
    let full = model.endpoints.iter().filter(|endpoint| {
        is_for(&model.choice, endpoint, wanted)
            && !endpoint.meter.has_room(&endpoint.terms, endpoint.health.outstanding())
    });
    full.map(|endpoint| {
        let by_minute = endpoint.meter.has_room(&endpoint.terms, 0);
        if by_minute { Duration::from_secs(1) } else { endpoint.meter.wait() }
    })
    .min()
}

fn is_for(choice: &Choice, endpoint: &Endpoint, wanted: &Wanted) -> bool {
    let terms = &endpoint.terms;
    if choice.checks_window && terms.window.is_some_and(|window| wanted.tokens > window) {
        return false;
    }
    if !choice.filters_tags {
        return true;
    }
    let has = |tag: &String| terms.tags.contains(tag);
    match (wanted.tags.is_empty(), choice.any_tag) {
        (true, _) => terms.tags.is_empty() || terms.tags.iter().any(|tag| tag == DEFAULT_TAG),
        (false, true) => wanted.tags.iter().any(has),
        (false, false) => wanted.tags.iter().all(has),
    }
}

/// Of two at random the one with fewer requests outstanding.
fn less_busy<'a>(candidates: &[&'a Arc<Endpoint>], random: u64) -> Option<&'a Arc<Endpoint>> {
    let count = candidates.len().max(1) as u64;
    let pick = |random: u64| candidates.get(usize::try_from(random % count).unwrap_or_default());
    let (one, other) = (pick(random)?, pick(random >> 32)?);
    Some(if other.health.outstanding() < one.health.outstanding() { other } else { one })
}

/// By weight; by rpm or tpm where no endpoint has one, and all alike where none has any of them.
fn by_weight<'a>(candidates: &[&'a Arc<Endpoint>], random: u64) -> Option<&'a Arc<Endpoint>> {
    let figures: [fn(&Endpoint) -> Option<f64>; 3] = [
        |endpoint| endpoint.terms.weight,
        |endpoint| endpoint.terms.rpm.map(as_number),
        |endpoint| endpoint.terms.tpm.map(as_number),
    ];
    let is_known =
        |figure: &fn(&Endpoint) -> Option<f64>| candidates.iter().any(|endpoint| figure(endpoint).is_some());
    let figure = figures.into_iter().find(is_known);
    let weight = |endpoint: &Endpoint| figure.map_or(1.0, |figure| figure(endpoint).unwrap_or_default());
    let total: f64 = candidates.iter().map(|endpoint| weight(endpoint)).sum();
    let mut left = share(random) * total;
    let drawn = candidates.iter().find(|endpoint| {
        left -= weight(endpoint);
        left < 0.0
    });
    // Weights that are all zero, or rounding at the very end.
    drawn.or_else(|| candidates.last()).copied()
}

/// One of those that began to answer about as soon as the fastest; those that were not measured of late come first, so that
/// they are.
fn by_latency<'a>(
    choice: &Choice,
    candidates: &[&'a Arc<Endpoint>],
    random: u64,
) -> Option<&'a Arc<Endpoint>> {
    let latency =
        |endpoint: &Endpoint| endpoint.meter.latency(choice.latency_ttl).unwrap_or_default().as_secs_f64();
    fewest(candidates, random, latency, 1.0 + choice.latency_buffer)
}

/// One of those with the least figure.
fn least<'a>(
    candidates: &[&'a Arc<Endpoint>],
    random: u64,
    figure: impl Fn(&Endpoint) -> f64,
) -> Option<&'a Arc<Endpoint>> {
    fewest(candidates, random, figure, 1.0)
}

/// The less busy of those whose figure is at most so many times the least.
fn fewest<'a>(
    candidates: &[&'a Arc<Endpoint>],
    random: u64,
    figure: impl Fn(&Endpoint) -> f64,
    times: f64,
) -> Option<&'a Arc<Endpoint>> {
    let figures: Vec<f64> = candidates.iter().map(|endpoint| figure(endpoint)).collect();
    let limit = figures.iter().copied().fold(f64::INFINITY, f64::min) * times;
    let of_least = candidates.iter().zip(&figures).filter(|(_, figure)| **figure <= limit);
    let of_least: Candidates<'a> = of_least.map(|(endpoint, _)| *endpoint).collect();
    less_busy(&of_least, random)
}

#[expect(clippy::cast_precision_loss, reason = "figures are compared, not added up")]
fn as_number(count: u64) -> f64 {
    count as f64
}

/// A number from zero to one.
#[expect(clippy::cast_precision_loss, reason = "53 bits are what a number of this kind holds")]
fn share(random: u64) -> f64 {
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::balance::{CoolDown, Turn};
    use crate::fixture::Fixture;
    use crate::registry::Target;
    use crate::terms::Terms;

    fn model(strategy: Strategy, terms: Vec<Terms>) -> Model {
        let endpoint =
            |(id, terms)| Arc::new(Endpoint { terms, ..Endpoint::new(id, Target::Fixture(Fixture::Chat)) });
        let endpoints = (0..).zip(terms).map(endpoint).collect();
        Model { endpoints, choice: Choice { strategy, ..Choice::default() }, ..Model::default() }
    }

    fn plain(count: usize) -> Model {
        model(Strategy::Unset, vec![Terms::default(); count])
    }

    /// A sequence of numbers that look random and are the same in every run.
    fn numbers() -> impl Iterator<Item = u64> {
        std::iter::successors(Some(0x9e37_79b9_7f4a_7c15_u64), |seed| {
            let mut next = seed ^ (seed << 13);
            next ^= next >> 7;
            Some(next ^ (next << 17))
        })
    }

    fn ask(model: &Model, tried: &[u64], random: u64) -> Option<u64> {
        choose(model, &Wanted::default(), tried, random).map(|endpoint| endpoint.id)
    }

    /// How often each endpoint is chosen in 4,000 times.
    fn shares(model: &Model) -> BTreeMap<u64, u32> {
        let mut chosen = BTreeMap::new();
        for random in numbers().take(4000) {
            *chosen.entry(ask(model, &[], random).unwrap()).or_default() += 1;
        }
        chosen
    }

    #[test]
    fn the_busy_are_spared() {
        let model = plain(4);
        let _turns: Vec<Turn> = (0..10).map(|_| Turn::take(&model.endpoints[0])).collect();
        let mut chosen = shares(&model);
        let busy = chosen.remove(&0).unwrap_or_default();
        assert!(busy < 400, "taken only where both picks fall on it: {busy}");
        assert!(chosen.values().all(|count| (900..1600).contains(count)), "{chosen:?}");
    }

    #[test]
    fn who_fails_is_left_alone_and_asked_when_there_is_no_other() {
        let model = plain(2);
        for _ in 0..CoolDown::default().failures {
            model.endpoints[0].health.failed(None);
        }
        assert!(numbers().take(100).all(|random| ask(&model, &[], random) == Some(1)));
        assert_eq!(ask(&model, &[1], 0), Some(0));
        assert_eq!(ask(&model, &[0, 1], 0), None);
        model.endpoints[1].health.failed(Some(Duration::from_secs(30)));
        assert!(model.endpoints[1].health.is_ejected(), "as long as it asks for, at once");
    }

    #[test]
    fn weights_are_shares() {
        let weights = |weights: [f64; 3]| {
            let terms = weights.map(|weight| Terms { weight: Some(weight), ..Terms::default() });
            shares(&model(Strategy::Shuffle, terms.to_vec()))
        };
        let chosen = weights([3.0, 1.0, 0.0]);
        assert!((2800..3200).contains(&chosen[&0]) && (800..1200).contains(&chosen[&1]), "{chosen:?}");
        assert!(!chosen.contains_key(&2));
        let by_rpm = [30, 10].map(|rpm| Terms { rpm: Some(rpm), ..Terms::default() });
        let chosen = shares(&model(Strategy::Shuffle, by_rpm.to_vec()));
        assert!((2800..3200).contains(&chosen[&0]), "{chosen:?}");
        let even = shares(&model(Strategy::Shuffle, vec![Terms::default(); 2]));
        assert!((1800..2200).contains(&even[&0]), "{even:?}");
    }

    #[test]
    fn the_fastest_the_least_used_and_the_cheapest() {
        let slow = model(Strategy::Latency, vec![Terms::default(); 3]);
        slow.endpoints[0].meter.began(Duration::from_millis(300));
        slow.endpoints[1].meter.began(Duration::from_millis(100));
        assert_eq!(shares(&slow).into_keys().collect::<Vec<_>>(), [2], "who was not measured is measured");
        slow.endpoints[2].meter.began(Duration::from_millis(105));
        assert_eq!(shares(&slow).into_keys().collect::<Vec<_>>(), [1]);
        let choice = Choice { latency_buffer: 0.1, ..slow.choice.clone() };
        let buffered = Model { endpoints: slow.endpoints.clone(), choice, ..Model::default() };
        assert_eq!(shares(&buffered).into_keys().collect::<Vec<_>>(), [1, 2]);

        let used = model(Strategy::Usage, vec![Terms::default(); 2]);
        used.endpoints[0].meter.count(5);
        assert_eq!(shares(&used).into_keys().collect::<Vec<_>>(), [1]);
        let costs = [0.2, 0.1].map(|cost| Terms { cost, ..Terms::default() });
        assert_eq!(shares(&model(Strategy::Cost, costs.to_vec())).into_keys().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_lower_order_comes_first_and_limits_hold() {
        let orders = [2, 1].map(|order| Terms { order, rpm: Some(1), ..Terms::default() });
        let model = model(Strategy::Unset, orders.to_vec());
        assert_eq!(ask(&model, &[], 7), Some(1));
        model.endpoints[1].meter.ask();
        assert_eq!(ask(&model, &[], 7), Some(0), "the next order when the first is full");
        model.endpoints[0].meter.ask();
        assert_eq!(ask(&model, &[], 7), None);
        assert!(wait(&model, &Wanted::default()).is_some_and(|wait| wait <= Duration::from_mins(1)));
    }

    #[test]
    fn tags_and_windows_tell_endpoints_apart() {
        let tagged = |tags: &[&str]| Terms {
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            window: Some(100),
            ..Terms::default()
        };
        let mut model = model(Strategy::Unset, vec![tagged(&["paid", "eu"]), tagged(&[])]);
        (model.choice.filters_tags, model.choice.checks_window) = (true, true);
        let ask = |model: &Model, tags: &[&str], tokens: u64| {
            let wanted = Wanted { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), tokens };
            choose(model, &wanted, &[], 3).map(|endpoint| endpoint.id)
        };
        assert_eq!(ask(&model, &[], 0), Some(1));
        assert_eq!(ask(&model, &["paid"], 0), Some(0));
        assert_eq!(ask(&model, &["paid", "us"], 0), Some(0));
        model.choice.any_tag = false;
        assert_eq!(ask(&model, &["paid", "us"], 0), None);
        assert_eq!(ask(&model, &["paid", "eu"], 0), Some(0));
        assert_eq!(ask(&model, &["paid", "eu"], 101), None, "too long for its window");
    }
}
