//! The bodies of answers: whole ones, a model's stream as it comes, and a fixture's.

use std::cell::Cell;
use std::future::Future as _;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use crate::balance::Turn;
use crate::pool::Lease;
use crate::record::Record;
use crate::usage;

/// A comment of the event stream, which clients pass over.
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// Why a body ended before its end.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The body of an answer.
pub struct Body {
    inner: Inner,
    /// What becomes of the request, told when the body is dropped.
    record: Option<Record>,
}

enum Inner {
    Full(Option<Bytes>),
    Passed(Box<Passed>),
    Paced(Paced),
}

/// A model's answer, passed on frame by frame.
struct Passed {
    body: Incoming,
    /// Gives the connection back at the end, or closes it.
    lease: Option<Lease>,
    turn: Turn,
    usage: usage::Watch,
    /// Set for event streams.
    silence: Option<Silence>,
}

/// When a silent model is to be spoken for.
struct Silence {
    timer: Pin<Box<Sleep>>,
    /// How long a model may be silent: load balancers end connections that are silent for a minute.
    pause: Duration,
    /// Whether what was sent last ended an event, so that a comment breaks none.
    between_events: bool,
}

/// Events one after the other, with pauses.
struct Paced {
    events: std::vec::IntoIter<Bytes>,
    pause: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Body {
    /// A whole body.
    pub fn full(bytes: Bytes) -> Self {
        Self { inner: Inner::Full((!bytes.is_empty()).then_some(bytes)), record: None }
    }

    /// A model's answer; one of events is kept open by comments after such a `pause`.
    pub fn passed(body: Incoming, lease: Lease, turn: Turn, pause: Option<Duration>) -> Self {
        if body.is_end_stream() {
            lease.give_back();
            return Self::full(Bytes::new());
        }
        let silence = pause.map(|pause| Silence {
            timer: Box::pin(tokio::time::sleep(pause)),
            pause,
            between_events: true,
        });
        let usage = usage::Watch::default();
        let passed = Passed { body, lease: Some(lease), turn, usage, silence };
        Self { inner: Inner::Passed(Box::new(passed)), record: None }
    }

    /// Events, each after a pause.
    pub fn paced(events: Vec<Bytes>, pause: Duration) -> Self {
        Self { inner: Inner::Paced(Paced { events: events.into_iter(), pause, timer: None }), record: None }
    }

    /// With what is to be recorded of the request.
    pub fn recorded(mut self, mut record: Record) -> Self {
        if self.is_end_stream() {
            record.complete();
        }
        self.record = Some(record);
        self
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Self { inner, record } = &mut *self;
        let polled = match inner {
            Inner::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Inner::Passed(passed) => passed.poll(context, record.as_mut()),
            Inner::Paced(paced) => paced.poll(context),
        };
        let is_over = inner.is_over();
        if let (Poll::Ready(frame), Some(record)) = (&polled, record) {
            match frame {
                Some(Ok(frame)) => record.sent(frame.data_ref().map_or(0, Bytes::len), is_over),
                Some(Err(_)) => record.cut(),
                None => record.complete(),
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_over()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Inner::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Inner::Passed(passed) if passed.silence.is_none() => passed.body.size_hint(),
            Inner::Passed(_) | Inner::Paced(_) => SizeHint::default(),
        }
    }
}

impl Inner {
    /// Whether nothing will follow.
    fn is_over(&self) -> bool {
        match self {
            Self::Full(bytes) => bytes.is_none(),
            Self::Passed(passed) => passed.lease.is_none(),
            Self::Paced(paced) => paced.events.as_slice().is_empty(),
        }
    }
}

impl Passed {
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        record: Option<&mut Record>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    self.usage.see(data);
                    if let Some(silence) = &mut self.silence {
                        silence.between_events = data.ends_with(b"\n\n") || data.ends_with(b"\r\n\r\n");
                        silence.timer.as_mut().reset(Instant::now() + silence.pause);
                    }
                }
                // Who sends an answer of a known length asks for no end after its last byte.
                if self.body.is_end_stream() {
                    self.finish(record);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                // The connection is of no use any more: dropped with the lease, it closes.
                self.lease = None;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                self.finish(record);
                Poll::Ready(None)
            }
            Poll::Pending => self.poll_silence(context),
        }
    }

    /// The answer has come to its end.
    fn finish(&mut self, record: Option<&mut Record>) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
        let usage = self.usage.found();
        if let Some(usage) = usage {
            self.turn.endpoint().meter.count(usage.prompt + usage.completion);
        }
        if let Some(record) = record {
            record.usage(usage);
        }
    }

    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(silence) = &mut self.silence else { return Poll::Pending };
        while silence.timer.as_mut().poll(context).is_ready() {
            silence.timer.as_mut().reset(Instant::now() + silence.pause);
            if silence.between_events {
                return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(KEEP_ALIVE)))));
            }
        }
        Poll::Pending
    }
}

impl Paced {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(timer) = &mut self.timer {
            std::task::ready!(timer.as_mut().poll(context));
            self.timer = None;
        }
        let Some(event) = self.events.next() else { return Poll::Ready(None) };
        if !self.pause.is_zero() {
            self.timer = Some(Box::pin(tokio::time::sleep(self.pause)));
        }
        Poll::Ready(Some(Ok(Frame::data(event))))
    }
}

/// Bytes of requests that the process holds, and may.
#[derive(Clone, Debug)]
pub struct Budget {
    held: Rc<Cell<usize>>,
    limit: usize,
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(limit: usize) -> Self {
        Self { held: Rc::default(), limit }
    }

    /// Takes so many bytes of it, if they are left.
    pub fn take(&self, bytes: usize) -> Option<Share> {
        let held = self.held.get().checked_add(bytes).filter(|held| *held <= self.limit)?;
        self.held.set(held);
        Some(Share { budget: self.clone(), bytes })
    }
}

/// A part of a budget, given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    bytes: usize,
}

impl Share {
    /// Makes the share larger, if there is so much left.
    pub fn grow(&mut self, bytes: usize) -> bool {
        let Some(more) = self.budget.take(bytes) else { return false };
        self.bytes += more.bytes;
        std::mem::forget(more);
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.held.set(self.budget.held.get().saturating_sub(self.bytes));
    }
}
