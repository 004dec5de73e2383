//! The bodies of answers: whole ones, a model's stream as it comes or in another protocol, and a fixture's.

mod budget;
mod passed;
mod translated;
mod watchdog;

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::balance::Turn;
use crate::pool::Coming;
use crate::protocol::openai::strip::Strip;
use crate::protocol::stream::Stream;
use crate::record::Record;
use crate::registry::Times;
use crate::usage;

pub use budget::{Budget, Share};
use passed::Passed;
use translated::Translated;

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
    record: Option<Box<Record>>,
}

enum Inner {
    Full(Option<Bytes>),
    Passed(Box<Passed>),
    Translated(Box<Translated>),
    Paced(Paced),
}

/// A model's answer on its way, with what it keeps busy.
pub struct Underway {
    /// The answer, with the connection that it comes on.
    pub body: Coming,
    /// Its place at the endpoint.
    pub turn: Turn,
    /// How long it may take.
    pub times: Times,
    /// When it was asked for.
    pub begun: Instant,
    /// After which silence a stream is kept open by a comment.
    pub keep_alive: Duration,
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
        if underway.body.is_end_stream() {
            underway.body.give_back();
            return Self::full(Bytes::new());
        }
        Self { inner: Inner::Passed(Box::new(Passed::new(underway, is_events, strip))), record: None }
    }

    /// A model's stream in another protocol.
    pub fn translated(underway: Underway, stream: Stream) -> Self {
        Self { inner: Inner::Translated(Box::new(Translated::new(underway, stream))), record: None }
    }

    /// Events, each after a pause.
    pub fn paced(events: Vec<Bytes>, pause: Duration) -> Self {
        Self { inner: Inner::Paced(Paced { events: events.into_iter(), pause, timer: None }), record: None }
    }

    /// With what is to be recorded of the request.
    pub fn recorded(mut self, mut record: Box<Record>) -> Self {
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
            Inner::Passed(passed) => passed.poll(context, record.as_deref_mut()),
            Inner::Translated(translated) => translated.poll(context, record.as_deref_mut()),
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
            Inner::Passed(passed) => passed.size_hint(),
            Inner::Translated(_) | Inner::Paced(_) => SizeHint::default(),
        }
    }
}

impl Inner {
    /// Whether nothing will follow.
    fn is_over(&self) -> bool {
        match self {
            Self::Full(bytes) => bytes.is_none(),
            Self::Passed(passed) => passed.is_over(),
            Self::Translated(translated) => translated.is_over(),
            Self::Paced(paced) => paced.events.as_slice().is_empty(),
        }
    }

    /// Whether the model broke off, and the caller was told so within the stream.
    fn is_cut(&self) -> bool {
        matches!(self, Self::Translated(translated) if translated.is_cut())
    }
}

/// Counts what an answer took against what its endpoint may be asked.
fn count(turn: &Turn, usage: Option<usage::Usage>) {
    if let Some(usage) = usage {
        turn.endpoint().meter.count(usage.prompt + usage.completion);
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
