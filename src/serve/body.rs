//! The bodies of answers: whole ones, a model's stream as it comes or in another protocol, and a fixture's.

mod budget;
mod watchdog;

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use crate::balance::Turn;
use crate::pool::Lease;
use crate::protocol::openai::strip::Strip;
use crate::protocol::stream::{State, Stream};
use crate::record::Record;
use crate::registry::Times;
use crate::usage;

pub use budget::{Budget, Share};
use watchdog::{Alarm, Watchdog};

/// A comment of the event stream, which clients pass over.
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// Bytes that are put together before they are sent, where a model has sent more than one part already.
const TOGETHER: usize = 16 * 1024;

/// Why a body ended before its end.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A frame, or the end.
type Polled = Poll<Option<Result<Frame<Bytes>, Error>>>;

/// The body of an answer.
pub struct Body {
    inner: Inner,
    /// What becomes of the request, told when the body is dropped.
    record: Option<Record>,
}

enum Inner {
    Full(Option<Bytes>),
    Passed(Box<Passed>),
    Translated(Box<Translated>),
    Paced(Paced),
}

/// A model's answer on its way, with what it keeps busy.
pub struct Underway {
    /// The answer.
    pub body: Incoming,
    /// The connection: given back at the end, or closed.
    pub lease: Lease,
    /// Its place at the endpoint.
    pub turn: Turn,
    /// How long it may take.
    pub times: Times,
    /// When it was asked for.
    pub begun: Instant,
    /// After which silence a stream is kept open by a comment.
    pub keep_alive: Duration,
}

/// A model's answer, passed on frame by frame.
struct Passed {
    body: Incoming,
    lease: Option<Lease>,
    turn: Turn,
    usage: usage::Watch,
    is_events: bool,
    /// What takes the usage out, where the caller has not asked for it.
    strip: Option<Strip>,
    watchdog: Watchdog,
}

/// A model's stream, passed on in another protocol.
struct Translated {
    body: Incoming,
    lease: Option<Lease>,
    turn: Turn,
    stream: Stream,
    out: BytesMut,
    watchdog: Watchdog,
    is_over: bool,
    is_cut: bool,
    is_counted: bool,
}

/// Events one after the other, with pauses.
struct Paced {
    events: std::vec::IntoIter<Bytes>,
    pause: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

/// Why a body ended before its end, where the gateway ended it.
#[derive(Debug, thiserror::Error)]
#[error("the model did not go on in time")]
struct TooSlow;

impl Body {
    /// A whole body.
    pub fn full(bytes: Bytes) -> Self {
        Self { inner: Inner::Full((!bytes.is_empty()).then_some(bytes)), record: None }
    }

    /// A model's answer as it is, perhaps without what is taken out of it.
    pub fn passed(underway: Underway, is_events: bool, strip: Option<Strip>) -> Self {
        let Underway { body, lease, turn, times, begun, keep_alive } = underway;
        if body.is_end_stream() {
            lease.give_back();
            return Self::full(Bytes::new());
        }
        let watchdog = Watchdog::new(times, begun, keep_alive, is_events.then_some(KEEP_ALIVE));
        let (lease, usage) = (Some(lease), usage::Watch::default());
        let passed = Passed { body, lease, turn, usage, is_events, strip, watchdog };
        Self { inner: Inner::Passed(Box::new(passed)), record: None }
    }

    /// A model's stream in another protocol.
    pub fn translated(underway: Underway, stream: Stream) -> Self {
        let Underway { body, lease, turn, times, begun, keep_alive } = underway;
        let watchdog = Watchdog::new(times, begun, keep_alive, Some(stream.keep_alive()));
        let (lease, out) = (Some(lease), BytesMut::new());
        let translated = Translated {
            body,
            lease,
            turn,
            stream,
            out,
            watchdog,
            is_over: false,
            is_cut: false,
            is_counted: false,
        };
        Self { inner: Inner::Translated(Box::new(translated)), record: None }
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

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        let Self { inner, record } = &mut *self;
        let polled = match inner {
            Inner::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Inner::Passed(passed) => passed.poll(context, record.as_mut()),
            Inner::Translated(translated) => translated.poll(context, record.as_mut()),
            Inner::Paced(paced) => paced.poll(context),
        };
        if let (Poll::Ready(frame), Some(record)) = (&polled, record) {
            match frame {
                Some(Ok(frame)) => record.sent(frame.data_ref().map_or(0, Bytes::len), inner.is_over()),
                Some(Err(_)) => record.cut(),
                None => record.complete(),
            }
            if inner.is_cut() {
                record.cut();
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
            Inner::Passed(passed) if !passed.is_events => passed.body.size_hint(),
            Inner::Passed(_) | Inner::Translated(_) | Inner::Paced(_) => SizeHint::default(),
        }
    }
}

impl Inner {
    /// Whether nothing will follow.
    fn is_over(&self) -> bool {
        match self {
            Self::Full(bytes) => bytes.is_none(),
            Self::Passed(passed) => passed.lease.is_none(),
            Self::Translated(translated) => translated.is_over && translated.out.is_empty(),
            Self::Paced(paced) => paced.events.as_slice().is_empty(),
        }
    }

    /// Whether the model broke off, and the caller was told so within the stream.
    fn is_cut(&self) -> bool {
        matches!(self, Self::Translated(translated) if translated.is_cut)
    }
}

impl Passed {
    fn poll(&mut self, context: &mut Context<'_>, mut record: Option<&mut Record>) -> Polled {
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let frame = self.take(frame);
                    // Who sends an answer of a known length asks for no end after its last byte.
                    if self.body.is_end_stream() {
                        let rest = self.finish(record.as_deref_mut());
                        return Poll::Ready(frame.or(rest).map(Ok));
                    }
                    if frame.is_some() {
                        return Poll::Ready(frame.map(Ok));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    // The connection is of no use any more: dropped with the lease, it closes.
                    self.lease = None;
                    return Poll::Ready(Some(Err(error.into())));
                }
                Poll::Ready(None) => return Poll::Ready(self.finish(record).map(Ok)),
                Poll::Pending => {
                    return match std::task::ready!(self.watchdog.poll(context)) {
                        Alarm::Speak(comment) => {
                            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(comment)))))
                        }
                        Alarm::GiveUp => {
                            self.lease = None;
                            Poll::Ready(Some(Err(TooSlow.into())))
                        }
                    };
                }
            }
        }
    }

    /// What passes of a frame.
    fn take(&mut self, frame: Frame<Bytes>) -> Option<Frame<Bytes>> {
        let mut data = match frame.into_data() {
            Ok(data) => data,
            Err(trailers) => return Some(trailers),
        };
        self.usage.see(&data);
        self.watchdog.heard();
        self.watchdog.is_between_events = match &mut self.strip {
            Some(strip) => {
                data = strip.feed(data);
                if self.body.is_end_stream() {
                    data = [data, strip.rest()].concat().into();
                }
                strip.is_between_events()
            }
            None => data.ends_with(b"\n\n") || data.ends_with(b"\r\n\r\n"),
        };
        (!data.is_empty()).then(|| Frame::data(data))
    }

    /// The answer has come to its end; what has been held back of it passes.
    fn finish(&mut self, record: Option<&mut Record>) -> Option<Frame<Bytes>> {
        let lease = self.lease.take()?;
        lease.give_back();
        let usage = self.usage.found();
        count(&self.turn, usage);
        if let Some(record) = record {
            record.usage(usage);
        }
        let rest = self.strip.take().map(|mut strip| strip.rest())?;
        (!rest.is_empty()).then(|| Frame::data(rest))
    }
}

/// Counts what an answer took against what its endpoint may be asked.
fn count(turn: &Turn, usage: Option<usage::Usage>) {
    if let Some(usage) = usage {
        turn.endpoint().meter.count(usage.prompt + usage.completion);
    }
}

impl Translated {
    fn poll(&mut self, context: &mut Context<'_>, record: Option<&mut Record>) -> Polled {
        while !self.is_over && self.out.len() < TOGETHER {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    self.watchdog.heard();
                    if self.stream.feed(&data, &mut self.out) == State::Failed {
                        self.fail();
                    }
                }
                // What is whole is whole, whatever becomes of the connection.
                Poll::Ready(end) => {
                    let is_whole = self.stream.end(&mut self.out) == State::Done;
                    match self.lease.take().filter(|_| end.is_none()) {
                        Some(lease) if is_whole => lease.give_back(),
                        _ => self.is_cut = !is_whole,
                    }
                    self.is_over = true;
                }
                Poll::Pending if !self.out.is_empty() => break,
                Poll::Pending => match std::task::ready!(self.watchdog.poll(context)) {
                    Alarm::Speak(comment) => self.out.extend_from_slice(comment),
                    Alarm::GiveUp => {
                        self.stream.end(&mut self.out);
                        self.fail();
                    }
                },
            }
        }
        if self.is_over && !self.is_counted {
            self.is_counted = true;
            let usage = self.stream.usage();
            count(&self.turn, usage);
            if let Some(record) = record {
                record.usage(usage);
            }
        }
        let out = self.out.split().freeze();
        Poll::Ready((!out.is_empty()).then(|| Ok(Frame::data(out))))
    }

    /// The caller was told that it failed; the model's connection closes, and nothing follows.
    fn fail(&mut self) {
        self.lease = None;
        (self.is_over, self.is_cut) = (true, true);
    }
}

impl Paced {
    fn poll(&mut self, context: &mut Context<'_>) -> Polled {
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
