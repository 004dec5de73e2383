//! The person at the terminal: questions that are asked of them, and what their Ctrl-C means.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lisa_deploy::control::{self, Control, Told};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch::Sender;
use tokio::task::spawn_blocking;

use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::Progress;

const STOP: &str = "
stop?  c  cancel: roll back what this run has begun
       d  detach: let AWS go on, and run the command again to watch
       n  no, go on
c, d or n: ";

/// Fails where nobody can be asked.
pub(crate) fn require(printer: &Printer) -> Result<(), Failure> {
    if printer.is_json() || !io::stdin().is_terminal() {
        return Err(Failure::usage(
            "this has to be confirmed, and there is no terminal to ask on",
            "Look at what would be done first, then pass `--yes`.",
        ));
    }
    Ok(())
}

/// The terminal of a run.
pub(super) struct Terminal {
    progress: Arc<Progress>,
    /// Whether a question stands that Ctrl-C answers.
    asking: AtomicBool,
}

impl Terminal {
    pub(super) fn new(progress: Arc<Progress>) -> Self {
        Self { progress, asking: AtomicBool::new(false) }
    }

    /// Asks for a line of text; `None` where the person breaks off or is gone.
    pub(super) async fn ask(&self, question: &str) -> Option<String> {
        let (mut interrupts, mut terminations) = signals().ok()?;
        self.asking.store(true, Ordering::SeqCst);
        let line = tokio::select! {
            line = self.line(question) => line,
            _ = interrupts.recv() => None,
            _ = terminations.recv() => None,
        };
        self.asking.store(false, Ordering::SeqCst);
        line
    }

    /// Asks while the progress is out of the way. The thread that waits for the answer is left behind when nobody
    /// waits for it any more.
    async fn line(&self, question: &str) -> Option<String> {
        self.progress.hide();
        let question = question.to_owned();
        let line = spawn_blocking(move || {
            // A terminal that is gone has no answer either.
            let _ = write!(io::stderr(), "{question}");
            let mut line = String::new();
            let read = io::stdin().read_line(&mut line).ok()?;
            (read > 0).then(|| line.trim().to_owned())
        });
        let line = line.await.ok().flatten();
        self.progress.show();
        line
    }

    /// Listens for signals and tells the run: Ctrl-C asks what is meant, a second one detaches, and so does everything
    /// where nobody can be asked.
    pub(super) fn listen(self: Arc<Self>) -> Result<Told, Failure> {
        let heard = signals().map_err(|error| {
            Failure::action(format!("could not listen for signals: {error}"), "Try again.")
        })?;
        let (sender, told) = control::channel();
        tokio::spawn(self.obey(sender, heard));
        Ok(told)
    }

    async fn obey(
        self: Arc<Self>,
        sender: Sender<Control>,
        (mut interrupts, mut terminations): (Signal, Signal),
    ) {
        let person = io::stdin().is_terminal() && io::stderr().is_terminal();
        loop {
            let interrupted = tokio::select! {
                _ = interrupts.recv() => true,
                _ = terminations.recv() => false,
            };
            if interrupted && self.asking.load(Ordering::SeqCst) {
                continue;
            }
            let may_ask = interrupted && person && *sender.borrow() == Control::Run;
            let control = if may_ask {
                tokio::select! {
                    answer = self.line(STOP) => meaning(answer.as_deref()),
                    _ = interrupts.recv() => Control::Detach,
                    _ = terminations.recv() => Control::Detach,
                }
            } else {
                Control::Detach
            };
            sender.send_replace(control);
        }
    }
}

fn signals() -> io::Result<(Signal, Signal)> {
    Ok((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
}

/// What an answer to [`STOP`] means; no answer detaches, which does no harm.
fn meaning(answer: Option<&str>) -> Control {
    match answer.map(str::to_ascii_lowercase).as_deref() {
        Some("c" | "cancel") => Control::Cancel,
        Some("d" | "detach") | None => Control::Detach,
        Some(_) => Control::Run,
    }
}
