//! A model's answer, passed on as it comes: of a stream of events all that has come by now, in one part.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};

use super::watchdog::{Alarm, Watchdog};
use super::{Error, KEEP_ALIVE, Polled, TOGETHER, TooSlow, Underway, count};
use crate::balance::Turn;
use crate::pool::Coming;
use crate::protocol::openai::strip::Strip;
use crate::record::Record;
use crate::usage;

/// A model's answer, passed on.
pub(super) struct Passed {
    /// Gone once the answer is over.
    body: Option<Coming>,
    turn: Turn,
    usage: usage::Watch,
    is_events: bool,
    /// What takes the usage out, where the caller has not asked for it.
    strip: Option<Strip>,
    watchdog: Watchdog,
    /// What ended a part that is on its way.
    next: Option<Result<Frame<Bytes>, Error>>,
    /// Whether the server was given a moment to send what it has before an error ends all.
    is_flushed: bool,
}

impl Passed {
    pub(super) fn new(underway: Underway, is_events: bool, strip: Option<Strip>) -> Self {
        let Underway { body, turn, times, begun, keep_alive } = underway;
        let watchdog = Watchdog::new(times, begun, keep_alive, is_events.then_some(KEEP_ALIVE));
        let (body, usage) = (Some(body), usage::Watch::default());
        Self { body, turn, usage, is_events, strip, watchdog, next: None, is_flushed: false }
    }

    /// Whether nothing will follow.
    pub(super) fn is_over(&self) -> bool {
        self.body.is_none() && self.next.is_none()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        match &self.body {
            Some(body) if !self.is_events => body.size_hint(),
            _ => SizeHint::default(),
        }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>, mut record: Option<&mut Record>) -> Polled {
        if let Some(next) = self.next.take() {
            return self.conclude(next, context);
        }
        let first = match self.frame(context, record.as_deref_mut()) {
            Poll::Ready(first) => first,
            Poll::Pending => return self.wait(context),
        };
        self.watchdog.heard();
        match first {
            Some(Ok(first)) if self.is_events => {
                let data = first.into_data().map(|data| Frame::data(self.together(data, context, record)));
                Poll::Ready(Some(Ok(data.unwrap_or_else(|trailers| trailers))))
            }
            Some(first) => self.conclude(first, context),
            None => Poll::Ready(None),
        }
    }

    /// A frame as it is, or an error once what came before it is sent: a server that is told of one sends nothing more.
    fn conclude(&mut self, next: Result<Frame<Bytes>, Error>, context: &Context<'_>) -> Polled {
        if next.is_ok() || self.is_flushed {
            return Poll::Ready(Some(next));
        }
        (self.next, self.is_flushed) = (Some(next), true);
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// A part with what has come after it by now.
    fn together(
        &mut self,
        first: Bytes,
        context: &mut Context<'_>,
        mut record: Option<&mut Record>,
    ) -> Bytes {
        let mut all: Option<BytesMut> = None;
        while self.body.is_some() && all.as_ref().map_or(first.len(), BytesMut::len) < TOGETHER {
            let Poll::Ready(Some(next)) = self.frame(context, record.as_deref_mut()) else { break };
            match next.map(Frame::into_data) {
                Ok(Ok(data)) => {
                    all.get_or_insert_with(|| BytesMut::from(&first[..])).extend_from_slice(&data);
                }
                Ok(Err(trailers)) => self.next = Some(Ok(trailers)),
                Err(error) => self.next = Some(Err(error)),
            }
            if self.next.is_some() {
                break;
            }
        }
        all.map_or(first, BytesMut::freeze)
    }

    /// The next frame, where one has come.
    fn frame(&mut self, context: &mut Context<'_>, record: Option<&mut Record>) -> Polled {
        while let Some(body) = &mut self.body {
            match ready!(Pin::new(&mut *body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    // Who sends an answer of a known length asks for no end after its last byte.
                    let is_last = body.is_end_stream();
                    let frame = self.take(frame, is_last);
                    if is_last {
                        let rest = self.finish(record);
                        return Poll::Ready(frame.or(rest).map(Ok));
                    }
                    if frame.is_some() {
                        return Poll::Ready(frame.map(Ok));
                    }
                }
                Some(Err(error)) => {
                    // The connection is of no use any more: dropped it closes.
                    self.body = None;
                    return Poll::Ready(Some(Err(error.into())));
                }
                None => return Poll::Ready(self.finish(record).map(Ok)),
            }
        }
        Poll::Ready(None)
    }

    /// What is to be said while the model is silent.
    fn wait(&mut self, context: &mut Context<'_>) -> Polled {
        match ready!(self.watchdog.poll(context)) {
            Alarm::Speak(comment) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(comment))))),
            Alarm::GiveUp => {
                self.body = None;
                Poll::Ready(Some(Err(TooSlow.into())))
            }
        }
    }

    /// What passes of a frame.
    fn take(&mut self, frame: Frame<Bytes>, is_last: bool) -> Option<Frame<Bytes>> {
        let mut data = match frame.into_data() {
            Ok(data) => data,
            Err(trailers) => return Some(trailers),
        };
        self.usage.see(&data);
        self.watchdog.is_between_events = match &mut self.strip {
            Some(strip) => {
                data = strip.feed(data);
                if is_last {
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
        self.body.take()?.give_back();
        let usage = self.usage.found();
        count(&self.turn, usage);
        if let Some(record) = record {
            record.usage(usage);
        }
        let rest = self.strip.take().map(|mut strip| strip.rest())?;
        (!rest.is_empty()).then(|| Frame::data(rest))
    }
}
