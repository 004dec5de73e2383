//! A model's stream, passed on in another protocol.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use http_body::{Body as _, Frame};

use super::watchdog::{Alarm, Watchdog};
use super::{Polled, TOGETHER, Underway, count};
use crate::balance::Turn;
use crate::pool::Coming;
use crate::protocol::stream::{State, Stream};
use crate::record::Record;

/// A model's stream, passed on in another protocol.
pub(super) struct Translated {
    /// Gone once the answer is over.
    body: Option<Coming>,
    turn: Turn,
    stream: Stream,
    out: BytesMut,
    watchdog: Watchdog,
    is_cut: bool,
    is_counted: bool,
}

impl Translated {
    pub(super) fn new(underway: Underway, stream: Stream) -> Self {
        let Underway { body, turn, times, begun, keep_alive } = underway;
        let watchdog = Watchdog::new(times, begun, keep_alive, Some(stream.keep_alive()));
        let (body, out) = (Some(body), BytesMut::new());
        Self { body, turn, stream, out, watchdog, is_cut: false, is_counted: false }
    }

    /// Whether nothing will follow.
    pub(super) fn is_over(&self) -> bool {
        self.body.is_none() && self.out.is_empty()
    }

    /// Whether the model broke off, and the caller was told so within the stream.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>, record: Option<&mut Record>) -> Polled {
        while let Some(body) = &mut self.body
            && self.out.len() < TOGETHER
        {
            match Pin::new(body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    self.watchdog.heard();
                    if self.stream.feed(&data, &mut self.out) == State::Failed {
                        self.fail();
                    }
                }
                Poll::Ready(end) => self.end(end.is_none()),
                Poll::Pending if !self.out.is_empty() => break,
                Poll::Pending => match ready!(self.watchdog.poll(context)) {
                    Alarm::Speak(comment) => self.out.extend_from_slice(comment),
                    Alarm::GiveUp => {
                        self.stream.end(&mut self.out);
                        self.fail();
                    }
                },
            }
        }
        if self.body.is_none() && !self.is_counted {
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

    /// Nothing more comes. What is whole is whole, whatever becomes of the connection.
    fn end(&mut self, is_sound: bool) {
        let is_whole = self.stream.end(&mut self.out) == State::Done;
        match self.body.take() {
            Some(body) if is_sound && is_whole => body.give_back(),
            _ => self.is_cut = !is_whole,
        }
    }

    /// The caller was told that it failed; the model's connection closes, and nothing follows.
    fn fail(&mut self) {
        (self.body, self.is_cut) = (None, true);
    }
}
