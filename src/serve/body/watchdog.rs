//! Watches over an answer on its way: speaks for a model that is silent, and ends what takes too long.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::registry::Times;

/// Watches over an answer. It costs a look at the clock for each part of it, and a timer only where the model lets wait.
pub(crate) struct Watchdog {
    timer: Option<Pin<Box<Sleep>>>,
    silence: Duration,
    keep_alive: Duration,
    /// When the answer has to be at its end.
    end: Option<Instant>,
    /// When the model was last heard of.
    heard: Instant,
    /// When the caller was last told something.
    told: Instant,
    /// What a silent model is spoken for by; nothing where the answer is no stream of events.
    comment: Option<&'static [u8]>,
    /// Whether what was sent last ended an event, so that a comment breaks none.
    pub(crate) is_between_events: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// This is to be sent.
    Speak(&'static [u8]),
    /// The model has been silent for too long, or its answer has taken too long.
    GiveUp,
}

impl Watchdog {
    pub(crate) fn new(
        times: Times,
        begun: Instant,
        keep_alive: Duration,
        comment: Option<&'static [u8]>,
    ) -> Self {
        let end = times.total.map(|total| begun + total);
        let now = Instant::now();
        let silence = times.silence;
        Self {
            timer: None,
            silence,
            keep_alive,
            end,
            heard: now,
            told: now,
            comment,
            is_between_events: true,
        }
    }

    /// The model was heard of.
    pub(crate) fn heard(&mut self) {
        self.heard = Instant::now();
        self.told = self.heard;
    }

    /// Whether something is to be done while the model is silent.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Alarm> {
        loop {
            let next = self.next();
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(next)));
            std::task::ready!(timer.as_mut().poll(context));
            let now = Instant::now();
            if now >= self.heard + self.silence || self.end.is_some_and(|end| now >= end) {
                return Poll::Ready(Alarm::GiveUp);
            }
            let is_due = now >= self.told + self.keep_alive;
            if is_due {
                self.told = now;
            }
            let next = self.next();
            if let Some(timer) = &mut self.timer {
                timer.as_mut().reset(next);
            }
            if let Some(comment) = self.comment.filter(|_| is_due && self.is_between_events) {
                return Poll::Ready(Alarm::Speak(comment));
            }
        }
    }

    /// When there may be something to do.
    fn next(&self) -> Instant {
        let silent = self.heard + self.silence;
        let speak = self.comment.map(|_| self.told + self.keep_alive);
        [speak, self.end].into_iter().flatten().fold(silent, Instant::min)
    }
}
