//! A line per event, with the time since the beginning: for logs of pipelines, and as JSON for programs.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use lisa_deploy::event::{AssetStep, Event, Observer};

use super::{Elapsed, Sink, clock, text};

/// How often a line may say that bytes went on their way.
const QUIET: Duration = Duration::from_secs(5);

/// Lines for people.
pub(crate) struct Lines {
    elapsed: Elapsed,
    sink: Sink,
    last: Mutex<Last>,
}

/// What was said last, so that it is not said twice.
#[derive(Default)]
struct Last {
    line: String,
    /// What each part answered.
    ready: BTreeMap<String, Option<u16>>,
    sending: Option<Duration>,
}

impl Lines {
    pub(crate) fn new(elapsed: Elapsed, sink: Sink) -> Self {
        Self { elapsed, sink, last: Mutex::default() }
    }
}

impl Observer for Lines {
    fn on(&self, event: Event) {
        let now = (self.elapsed)();
        let line = text::line(&event);
        let Ok(mut last) = self.last.lock() else { return };
        if matches!(event, Event::Asset { step: AssetStep::Sending { .. }, .. }) {
            if last.sending.is_some_and(|before| now.saturating_sub(before) < QUIET) {
                return;
            }
            last.sending = Some(now);
        }
        if let Event::Ready { what, status, .. } = event
            && last.ready.insert(what, status) == Some(status)
        {
            return;
        }
        if last.line != line {
            (self.sink)(&format!("{:>6}  {line}", clock(now)));
            last.line = line;
        }
    }
}

/// JSON objects for programs: `seconds` since the beginning, and the event.
pub(crate) struct JsonLines {
    elapsed: Elapsed,
    sink: Sink,
}

impl JsonLines {
    pub(crate) fn new(elapsed: Elapsed, sink: Sink) -> Self {
        Self { elapsed, sink }
    }
}

impl Observer for JsonLines {
    fn on(&self, event: Event) {
        let mut data = text::data(&event);
        let tenths = (self.elapsed)().as_secs_f64() * 10.0;
        data["seconds"] = (tenths.round() / 10.0).into();
        (self.sink)(&data.to_string());
    }
}

#[cfg(test)]
mod tests;
