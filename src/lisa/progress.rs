//! What is shown while a build, a deployment or a removal goes on: a live tree on a terminal, a line per event where
//! there is none, a JSON object per line for programs.

mod lines;
mod text;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lisa_deploy::event::{Event, Observer};

pub(crate) use lines::{JsonLines, Lines};
pub(crate) use text::{asset, bytes, clock};

use crate::printer::Printer;
use crate::tree::Tree;

/// Shows what happens, in the form that flags and terminal ask for.
pub(crate) struct Progress {
    observer: Arc<dyn Observer>,
    tree: Option<Arc<Tree>>,
}

impl Progress {
    /// The form that suits `printer`.
    pub(crate) fn new(printer: &Printer) -> Self {
        if printer.is_json() {
            return Self { observer: Arc::new(JsonLines::new(since_now(), to_stderr())), tree: None };
        }
        if printer.is_quiet() {
            return Self { observer: Arc::new(Silence), tree: None };
        }
        if printer.is_live() {
            let tree = Tree::start(printer.look());
            return Self { observer: tree.clone(), tree: Some(tree) };
        }
        Self { observer: Arc::new(Lines::new(since_now(), to_stderr())), tree: None }
    }

    /// Who is to be told.
    pub(crate) fn observer(&self) -> Arc<dyn Observer> {
        self.observer.clone()
    }

    /// Takes the live part off the screen, so that a question can be asked.
    pub(crate) fn hide(&self) {
        self.tree.iter().for_each(|tree| tree.set_hidden(true));
    }

    /// Brings the live part back.
    pub(crate) fn show(&self) {
        self.tree.iter().for_each(|tree| tree.set_hidden(false));
    }

    /// Ends the live part and leaves what came of each stack and asset.
    pub(crate) fn finish(&self) {
        if let Some(tree) = &self.tree {
            tree.finish();
        }
    }
}

/// Time since the progress began.
pub(crate) type Elapsed = Box<dyn Fn() -> Duration + Send + Sync>;

/// Takes a line.
pub(crate) type Sink = Box<dyn Fn(&str) + Send + Sync>;

fn since_now() -> Elapsed {
    let start = Instant::now();
    Box::new(move || start.elapsed())
}

fn to_stderr() -> Sink {
    Box::new(|line| crate::printer::say(&line))
}

/// Says nothing.
struct Silence;

impl Observer for Silence {
    fn on(&self, _: Event) {}
}
