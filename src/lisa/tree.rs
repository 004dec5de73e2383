//! The live tree of a terminal: a row per stack and asset that something happens to, redrawn in place.

mod board;
mod rows;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use lisa_deploy::event::{Event, Observer};

use self::board::Board;
use crate::printer::say;
use crate::report::Look;

/// Times per second that elapsed times and spinners move on.
const FRAME: Duration = Duration::from_millis(125);

/// The tree.
pub(crate) struct Tree {
    drawing: Mutex<Drawing>,
    ended: AtomicBool,
}

struct Drawing {
    board: Board,
    look: Look,
    start: Instant,
    rows: Vec<ProgressBar>,
    screen: MultiProgress,
    hidden: bool,
}

impl Tree {
    /// An empty tree on standard error, which moves by itself.
    pub(crate) fn start(look: Look) -> Arc<Self> {
        let screen = MultiProgress::with_draw_target(target());
        let (board, rows, start) = (Board::default(), Vec::new(), Instant::now());
        let drawing = Mutex::new(Drawing { board, look, start, rows, screen, hidden: false });
        let tree = Arc::new(Self { drawing, ended: AtomicBool::new(false) });
        let weak = Arc::downgrade(&tree);
        thread::spawn(move || animate(&weak));
        tree
    }

    /// Takes the tree off the screen, or brings it back.
    pub(crate) fn set_hidden(&self, hidden: bool) {
        let mut drawing = self.lock();
        if hidden {
            let _ = drawing.screen.clear();
        }
        // A target of its own each time: what is written meanwhile is not to be drawn over.
        drawing.screen.set_draw_target(if hidden { ProgressDrawTarget::hidden() } else { target() });
        drawing.hidden = hidden;
        drawing.draw();
    }

    /// Takes the tree off the screen and writes its last state as plain lines.
    pub(crate) fn finish(&self) {
        if self.ended.swap(true, Ordering::SeqCst) {
            return;
        }
        let mut drawing = self.lock();
        let _ = drawing.screen.clear();
        drawing.screen.set_draw_target(ProgressDrawTarget::hidden());
        drawing.hidden = true;
        for line in rows::last(&drawing.board, drawing.start.elapsed(), drawing.look) {
            say(&line);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Drawing> {
        self.drawing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Tree {
    fn on(&self, event: Event) {
        let mut drawing = self.lock();
        let now = drawing.start.elapsed();
        if let Event::Note(note) = &event {
            let screen = drawing.screen.clone();
            screen.suspend(|| say(note));
            return;
        }
        if let Some(cause) = drawing.board.take(event, now) {
            // Now, and again at the end with the line of the configuration: a rollback may take an hour.
            let screen = drawing.screen.clone();
            screen.suspend(|| say(&cause));
        }
        drawing.draw();
    }
}

impl Drawing {
    /// Puts the present rows on the screen: as many bars as there are rows, each a row's text.
    fn draw(&mut self) {
        if self.hidden {
            return;
        }
        let width =
            terminal_size::terminal_size_of(std::io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
        let look = Look { width, ..self.look };
        let texts = rows::live(&self.board, self.start.elapsed(), look);
        while self.rows.len() > texts.len() {
            if let Some(row) = self.rows.pop() {
                row.finish_and_clear();
                self.screen.remove(&row);
            }
        }
        while self.rows.len() < texts.len() {
            let style =
                ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            self.rows.push(self.screen.add(ProgressBar::new(1).with_style(style)));
        }
        for (row, text) in self.rows.iter().zip(texts) {
            row.set_message(text);
        }
    }
}

fn target() -> ProgressDrawTarget {
    ProgressDrawTarget::stderr_with_hz(12)
}

fn animate(tree: &Weak<Tree>) {
    loop {
        thread::sleep(FRAME);
        let Some(tree) = tree.upgrade() else { return };
        if tree.ended.load(Ordering::SeqCst) {
            return;
        }
        tree.lock().draw();
    }
}
