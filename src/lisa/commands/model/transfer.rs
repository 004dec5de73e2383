//! How far a model is on its way to the bucket: a bar on a terminal, a line per step where there is none.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lisa_staging::{Phase, Progress};

use crate::printer::{Printer, say};
use crate::progress::bytes;

/// A step, its bytes, their rate and the time that is left.
const BAR: &str = "{msg} {wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";

/// What is shown of one model after the other.
pub(super) struct Transfer {
    /// Whether anything is said.
    speaks: bool,
    is_live: bool,
    shown: Mutex<Shown>,
}

struct Shown {
    model: String,
    bar: ProgressBar,
}

impl Transfer {
    pub(super) fn new(printer: &Printer) -> Arc<Self> {
        let speaks = !printer.is_quiet() && !printer.is_json();
        let shown = Mutex::new(Shown { model: String::new(), bar: ProgressBar::hidden() });
        Arc::new(Self { speaks, is_live: speaks && printer.is_live(), shown })
    }

    /// The model that follows.
    pub(super) fn name(&self, model: &str) {
        model.clone_into(&mut self.lock().model);
    }

    /// Takes the bar off the screen.
    pub(super) fn finish(&self) {
        self.lock().bar.finish_and_clear();
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn verb(phase: Phase) -> &'static str {
    match phase {
        Phase::Download => "downloads",
        Phase::Convert => "converts",
        Phase::Check => "checks",
        Phase::Upload => "stores",
    }
}

impl Progress for Transfer {
    fn begin(&self, phase: Phase, total: u64) {
        let mut shown = self.lock();
        shown.bar.finish_and_clear();
        let told = format!("{}: {}", shown.model, verb(phase));
        if self.is_live {
            // The template is one of this file.
            let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar =
                ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr()).with_style(style);
            shown.bar = bar.with_message(told);
        } else if self.speaks {
            say(&format!("{told} {}", bytes(total)));
        }
    }

    fn add(&self, bytes: u64) {
        self.lock().bar.inc(bytes);
    }

    fn note(&self, text: &str) {
        if self.speaks {
            let shown = self.lock();
            shown.bar.suspend(|| say(&format!("{}: {text}", shown.model)));
        }
    }
}
