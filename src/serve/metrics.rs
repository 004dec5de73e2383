//! Counters, as Prometheus reads them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use crate::usage::Usage;

/// Upper bounds of the histograms' buckets, in milliseconds.
const BUCKETS: [f64; 14] =
    [1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 10_000.0, 30_000.0, 120_000.0];

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    models: RwLock<BTreeMap<String, Arc<Counters>>>,
    lost_lines: AtomicU64,
    lost_spans: AtomicU64,
    lost_records: AtomicU64,
}

/// What is counted of one model; of requests for none under an empty name.
#[derive(Debug, Default)]
struct Counters {
    /// By the status' first digit.
    requests: [AtomicU64; 6],
    total: Histogram,
    first_byte: Histogram,
    prompt_tokens: AtomicU64,
    completion_tokens: AtomicU64,
}

#[derive(Debug, Default)]
struct Histogram {
    buckets: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    sum_micros: AtomicU64,
}

/// A histogram among the counters.
type Part = fn(&Counters) -> &Histogram;

impl Histogram {
    fn add(&self, millis: f64) {
        if let Some(bucket) = BUCKETS.iter().position(|bound| millis <= *bound) {
            self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a time, and never negative"
        )]
        self.sum_micros.fetch_add((millis * 1000.0) as u64, Ordering::Relaxed);
    }

    #[expect(clippy::cast_precision_loss, reason = "sums are shown to the microsecond")]
    fn write(&self, text: &mut String, name: &str, model: &str) {
        let mut below = 0;
        for (bound, bucket) in BUCKETS.iter().zip(&self.buckets) {
            below += bucket.load(Ordering::Relaxed);
            let seconds = bound / 1000.0;
            let _ = writeln!(text, "{name}_bucket{{model=\"{model}\",le=\"{seconds}\"}} {below}");
        }
        let count = self.count.load(Ordering::Relaxed);
        let sum = self.sum_micros.load(Ordering::Relaxed) as f64 / 1_000_000.0;
        let _ = writeln!(text, "{name}_bucket{{model=\"{model}\",le=\"+Inf\"}} {count}");
        let _ = writeln!(text, "{name}_sum{{model=\"{model}\"}} {sum}");
        let _ = writeln!(text, "{name}_count{{model=\"{model}\"}} {count}");
    }
}

impl Metrics {
    fn of(&self, model: Option<&str>) -> Arc<Counters> {
        let name = model.unwrap_or_default();
        if let Some(counters) = self.models.read().ok().and_then(|models| models.get(name).cloned()) {
            return counters;
        }
        let Ok(mut models) = self.models.write() else { return Arc::default() };
        Arc::clone(models.entry(name.to_owned()).or_default())
    }

    /// Counts a request that has ended, and the tokens that it took.
    pub(crate) fn count(
        &self,
        model: Option<&str>,
        status: u16,
        total_ms: f64,
        first_byte_ms: Option<f64>,
        usage: Usage,
    ) {
        let counters = self.of(model);
        let class = usize::from(status / 100).min(counters.requests.len() - 1);
        counters.requests[class].fetch_add(1, Ordering::Relaxed);
        counters.total.add(total_ms);
        if let Some(millis) = first_byte_ms {
            counters.first_byte.add(millis);
        }
        counters.prompt_tokens.fetch_add(usage.prompt, Ordering::Relaxed);
        counters.completion_tokens.fetch_add(usage.completion, Ordering::Relaxed);
    }

    /// A line of the access log found no room.
    pub(crate) fn lost_line(&self) {
        self.lost_lines.fetch_add(1, Ordering::Relaxed);
    }

    /// Spans were not sent.
    pub(crate) fn lost_spans(&self, count: u64) {
        self.lost_spans.fetch_add(count, Ordering::Relaxed);
    }

    /// Usage records were not sent.
    pub(crate) fn lost_records(&self, count: u64) {
        self.lost_records.fetch_add(count, Ordering::Relaxed);
    }

    /// All of it in Prometheus' text format, version 0.0.4.
    pub fn text(&self) -> String {
        let models = self.models.read().map(|models| models.clone()).unwrap_or_default();
        let mut text = String::new();
        text.push_str("# HELP lisa_requests_total Requests that have ended, by model and class of status.\n");
        text.push_str("# TYPE lisa_requests_total counter\n");
        for (model, counters) in &models {
            for (class, count) in counters.requests.iter().enumerate().skip(1) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let model = escaped(model);
                    let _ = writeln!(
                        text,
                        "lisa_requests_total{{model=\"{model}\",status=\"{class}xx\"}} {count}"
                    );
                }
            }
        }
        text.push_str(
            "# HELP lisa_tokens_total Tokens that models counted.\n# TYPE lisa_tokens_total counter\n",
        );
        for (model, counters) in &models {
            for (kind, count) in
                [("prompt", &counters.prompt_tokens), ("completion", &counters.completion_tokens)]
            {
                let (model, count) = (escaped(model), count.load(Ordering::Relaxed));
                let _ = writeln!(text, "lisa_tokens_total{{model=\"{model}\",kind=\"{kind}\"}} {count}");
            }
        }
        let histograms: [(&str, &str, Part); 2] = [
            ("lisa_request_seconds", "From a request's first byte to its answer's last.", |counters| {
                &counters.total
            }),
            ("lisa_first_byte_seconds", "From a request's first byte to its answer's first.", |counters| {
                &counters.first_byte
            }),
        ];
        for (name, help, of) in histograms {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
            for (model, counters) in &models {
                of(counters).write(&mut text, name, &escaped(model));
            }
        }
        for (name, help, count) in [
            ("lisa_access_log_lost_total", "Lines of the access log that found no room.", &self.lost_lines),
            ("lisa_spans_lost_total", "Spans that no collector took.", &self.lost_spans),
            (
                "lisa_usage_records_lost_total",
                "Answered requests whose usage could not be written.",
                &self.lost_records,
            ),
        ] {
            let count = count.load(Ordering::Relaxed);
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {count}");
        }
        text
    }
}

/// As a label's value.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
