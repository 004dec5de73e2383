//! The load: so many callers who ask one request after the other for so long, and what they saw.

use std::io;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::wire::Connection;

/// What is asked, by how many and for how long.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Plan {
    /// `127.0.0.1:8080`.
    pub(super) address: String,
    /// The path.
    pub(super) path: String,
    /// The key.
    pub(super) key: String,
    /// The body.
    pub(super) body: String,
    /// Callers.
    pub(super) callers: usize,
    /// Seconds.
    pub(super) seconds: f64,
}

/// What was seen.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Seen {
    /// Answers with a status of success, whole.
    pub(super) answers: u64,
    /// Others.
    pub(super) errors: u64,
    /// Events of streams.
    pub(super) events: u64,
    /// Seconds from the first request to the last answer.
    pub(super) seconds: f64,
    /// Microseconds of whole answers: median and 99th percentile.
    pub(super) p50: f64,
    pub(super) p99: f64,
    /// Microseconds until the first piece of a body: median.
    pub(super) first: f64,
    /// The longest pause between two pieces of a stream, in milliseconds.
    pub(super) longest_gap: f64,
}

/// What one caller saw.
#[derive(Default)]
struct Own {
    whole: Vec<f64>,
    first: Vec<f64>,
    events: u64,
    errors: u64,
    gap: f64,
}

impl Plan {
    fn request(&self) -> Vec<u8> {
        let Self { address, path, key, body, .. } = self;
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    /// Does it.
    pub(super) async fn run(&self) -> Seen {
        let begun = Instant::now();
        let end = begun + Duration::from_secs_f64(self.seconds);
        let callers: Vec<_> = (0..self.callers)
            .map(|_| {
                let plan = self.clone();
                tokio::spawn(async move { plan.ask_until(end).await })
            })
            .collect();
        let mut all = Own::default();
        for caller in callers {
            let Ok(own) = caller.await else { continue };
            all.whole.extend(own.whole);
            all.first.extend(own.first);
            all.events += own.events;
            all.errors += own.errors;
            all.gap = all.gap.max(own.gap);
        }
        all.seen(begun.elapsed())
    }

    async fn ask_until(&self, end: Instant) -> Own {
        let (request, mut own, mut open) = (self.request(), Own::default(), None);
        while Instant::now() < end {
            if open.is_none() {
                open = Connection::connect(&self.address).await.ok();
            }
            let Some(connection) = &mut open else {
                own.errors += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            if !matches!(own.ask(connection, &request).await, Ok(true)) {
                own.errors += 1;
                open = None;
            }
        }
        own
    }
}

impl Own {
    /// Asks once; `false` where the answer is none of success.
    async fn ask(&mut self, connection: &mut Connection, request: &[u8]) -> io::Result<bool> {
        let begun = Instant::now();
        connection.write(request).await?;
        let head = connection.head().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let (mut first, mut last, mut events, mut gap) = (None, begun, 0, Duration::ZERO);
        let mut ends = 0_u8;
        connection
            .pieces(&head, |piece| {
                let now = Instant::now();
                if first.is_some() {
                    gap = gap.max(now - last);
                }
                first.get_or_insert(now);
                last = now;
                for byte in piece {
                    ends = if *byte == b'\n' { ends + 1 } else { 0 };
                    if ends == 2 {
                        events += 1;
                        ends = 0;
                    }
                }
            })
            .await?;
        if head.status() != 200 {
            return Ok(false);
        }
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        self.whole.push(micros(begun.elapsed()));
        self.first.extend(first.map(|first| micros(first - begun)));
        self.events += events;
        self.gap = self.gap.max(gap.as_secs_f64() * 1e3);
        Ok(true)
    }

    fn seen(mut self, time: Duration) -> Seen {
        let at = |values: &mut Vec<f64>, share: f64| {
            values.sort_by(f64::total_cmp);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "an index"
            )]
            let index = (values.len() as f64 * share) as usize;
            values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
        };
        Seen {
            answers: self.whole.len() as u64,
            errors: self.errors,
            events: self.events,
            seconds: time.as_secs_f64(),
            p50: at(&mut self.whole, 0.5),
            p99: at(&mut self.whole, 0.99),
            first: at(&mut self.first, 0.5),
            longest_gap: self.gap,
        }
    }
}
