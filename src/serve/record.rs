//! What is recorded of a request: one line of the access log and the counters, written when its answer has ended. No
//! body, no credential.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use serde::Serialize;

use crate::bill::{Bills, Used};
use crate::log::Log;
use crate::metrics::Metrics;
use crate::trace::{Place, Span, Tracer};
use crate::usage::Usage;

/// Bytes of a path that are recorded.
const LONGEST_PATH: usize = 200;

/// What is recorded of a request. It is written when it is dropped, so that no way out is forgotten.
pub struct Record {
    line: Line,
    metrics: Arc<Metrics>,
    log: Log,
    begun: Instant,
    /// What ends with the request.
    held: Vec<Box<dyn std::any::Any>>,
    /// Where its span stands, and who sends it.
    trace: Option<(Tracer, Place, SystemTime)>,
    bills: Bills,
}

/// A line of the access log.
#[derive(Clone, Debug, Default, Serialize)]
struct Line {
    request: String,
    method: String,
    path: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_ms: Option<f64>,
    total_ms: f64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens: Option<u64>,
    end: End,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum End {
    /// The caller went away before it.
    #[default]
    Gone,
    /// The model broke off.
    Cut,
    /// At its end.
    Complete,
}

impl Record {
    /// Of a request that has just come.
    pub fn begin(
        request: &str,
        method: &http::Method,
        path: &str,
        metrics: &Arc<Metrics>,
        log: &Log,
    ) -> Self {
        let line = Line {
            request: request.to_owned(),
            method: method.as_str().to_owned(),
            path: path[..path.floor_char_boundary(LONGEST_PATH)].to_owned(),
            ..Line::default()
        };
        let (held, trace, bills) = Default::default();
        let (metrics, log) = (Arc::clone(metrics), log.clone());
        Self { line, metrics, log, begun: Instant::now(), held, trace, bills }
    }

    /// Its span is sent, too.
    pub fn trace(&mut self, tracer: &Tracer, place: Place) {
        self.line.trace = Some(place.trace_id());
        self.trace = Some((tracer.clone(), place, SystemTime::now()));
    }

    /// What it used is told there.
    pub fn bill(&mut self, bills: &Bills) {
        self.bills = bills.clone();
    }

    /// Keeps something until the request has ended.
    pub fn hold(&mut self, what: impl std::any::Any) {
        self.held.push(Box::new(what));
    }

    /// Who is calling.
    pub fn caller(&mut self, subject: &str) {
        self.line.caller = Some(subject.to_owned());
    }

    /// The model that is asked.
    pub fn model(&mut self, name: &str) {
        self.line.model = Some(name.to_owned());
    }

    /// The answer's status.
    pub fn status(&mut self, status: http::StatusCode) {
        self.line.status = status.as_u16();
    }

    /// So many bytes of the answer were sent, perhaps the last.
    pub fn sent(&mut self, bytes: usize, is_last: bool) {
        if self.line.first_byte_ms.is_none() {
            self.line.first_byte_ms = Some(self.millis());
        }
        self.line.bytes += bytes as u64;
        if is_last {
            self.complete();
        }
    }

    /// Tokens that the model counted. What is known of them stays where an answer, as it passes, does not tell.
    pub fn usage(&mut self, usage: Option<Usage>) {
        let Some(usage) = usage else { return };
        self.line.prompt_tokens = Some(usage.prompt);
        self.line.completion_tokens = Some(usage.completion);
    }

    /// The model broke off.
    pub fn cut(&mut self) {
        self.line.end = End::Cut;
    }

    /// The answer was sent whole.
    pub fn complete(&mut self) {
        self.line.end = End::Complete;
    }

    fn tell_usage(&self) {
        let Line { status, caller, model, prompt_tokens, completion_tokens, .. } = &self.line;
        let (Some(caller), Some(model), 200..300) = (caller, model, *status) else { return };
        if !self.bills.is_on() {
            return;
        }
        let used = Used {
            user: caller.clone(),
            model: model.clone(),
            prompt_tokens: prompt_tokens.unwrap_or_default(),
            completion_tokens: completion_tokens.unwrap_or_default(),
        };
        if !self.bills.take(used) {
            self.metrics.lost_records(1);
        }
    }

    fn send_span(&self) {
        let Some((tracer, place, begun)) = &self.trace else { return };
        let Line { method, path, status, model, first_byte_ms, prompt_tokens, completion_tokens, .. } =
            &self.line;
        let span = Span {
            place: *place,
            begun: *begun,
            ended: *begun + self.begun.elapsed(),
            method: method.clone(),
            path: path.clone(),
            status: *status,
            model: model.clone(),
            first_byte_ms: *first_byte_ms,
            prompt_tokens: *prompt_tokens,
            completion_tokens: *completion_tokens,
        };
        if !tracer.send(span) {
            self.metrics.lost_spans(1);
        }
    }

    fn millis(&self) -> f64 {
        let micros = u32::try_from(self.begun.elapsed().as_micros()).unwrap_or(u32::MAX);
        f64::from(micros) / 1000.0
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.line.total_ms = self.millis();
        let Line { status, model, first_byte_ms, prompt_tokens, completion_tokens, .. } = &self.line;
        let [prompt, completion] = [prompt_tokens, completion_tokens].map(|count| count.unwrap_or_default());
        let usage = Usage { prompt, completion };
        self.metrics.count(model.as_deref(), *status, self.line.total_ms, *first_byte_ms, usage);
        self.tell_usage();
        self.send_span();
        if !self.log.write(&self.line) {
            self.metrics.lost_line();
        }
    }
}
