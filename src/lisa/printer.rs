//! The one way to speak: results go to standard output, everything else to standard error.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use serde::Serialize;

use crate::cli::{Globals, Output};
use crate::failure::Failure;
use crate::report::{self, Look};

/// Where words and data go, and in which form.
pub(crate) struct Printer {
    output: Output,
    quiet: bool,
    look: Look,
    live: bool,
}

/// The width of a page when there is no terminal to ask.
const PAGE: usize = 80;
/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 110;

impl Printer {
    /// A printer that does what the flags, the terminal and `NO_COLOR` ask for.
    pub(crate) fn new(globals: &Globals) -> Self {
        let stderr = io::stderr();
        let colour = AutoStream::choice(&stderr) != anstream::ColorChoice::Never;
        let columns = terminal_size::terminal_size_of(&stderr).map(|(width, _)| usize::from(width.0));
        let width = columns.unwrap_or(PAGE).clamp(40, WIDEST);
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let live = stderr.is_terminal() && !dumb;
        Self { output: globals.output, quiet: globals.quiet, look: Look { colour, width }, live }
    }

    /// Whether results are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Whether only results and errors are said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether what is said can be redrawn: standard error is a terminal that understands how.
    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    /// How drawings look.
    pub(crate) fn look(&self) -> Look {
        self.look
    }

    /// The result that was asked for, as words or as data.
    pub(crate) fn answer<T: Display + Serialize>(&self, answer: &T) -> Result<(), Failure> {
        match self.output {
            Output::Human => self.text(&answer.to_string()),
            Output::Json => self.text(&json(answer)),
        }
    }

    /// The result of a command whose work is elsewhere, such as in files: a remark for people, data for programs.
    pub(crate) fn confirm<T: Display + Serialize>(&self, answer: &T) -> Result<(), Failure> {
        match self.output {
            Output::Human => {
                self.note(answer);
                Ok(())
            }
            Output::Json => self.text(&json(answer)),
        }
    }

    /// Text to standard output as it is; a newline is added where it has none.
    #[expect(clippy::unused_self, reason = "only who holds a printer may speak")]
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        let newline = if text.ends_with('\n') { "" } else { "\n" };
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.write_all(newline.as_bytes()));
        written.and_then(|()| stdout.flush()).map_err(Failure::output)
    }

    /// A remark for people.
    pub(crate) fn note(&self, note: &impl Display) {
        if !self.quiet && !self.is_json() {
            say(note);
        }
    }

    /// Warnings about the configuration: drawn for people, one JSON object per line for programs.
    pub(crate) fn warnings(&self, warnings: &report::Warnings<'_>) {
        if self.quiet {
            return;
        }
        match self.output {
            Output::Human => say(&warnings.drawn(self.look)),
            Output::Json => warnings.problems.iter().for_each(|problem| say(&compact(problem))),
        }
    }

    /// Why the command failed: drawn for people on standard error, data for programs on standard output.
    pub(crate) fn failure(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        match self.output {
            Output::Human => say(&report::drawn(failure, self.look)),
            // When standard output is gone too, the exit code is all that is left to say.
            Output::Json => drop(self.text(&json(failure))),
        }
    }
}

/// Writes a line to standard error, without colour where that is not wanted.
pub(crate) fn say(what: &impl Display) {
    // Standard error that is gone leaves nobody to tell.
    let _ = writeln!(AutoStream::auto(io::stderr()).lock(), "{what}");
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|error| unserialized(&error))
}

fn compact(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| unserialized(&error))
}

/// Results have string keys and finite numbers, so this is for results that are yet to be written.
fn unserialized(error: &serde_json::Error) -> String {
    format!("{{\"error\":\"{}\"}}", error.to_string().escape_default())
}

/// A number with its noun: `1 error`, `2 errors`.
pub(crate) struct Count(pub(crate) usize, pub(crate) &'static str);

impl Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, noun) = self;
        write!(f, "{number} {noun}{}", if *number == 1 { "" } else { "s" })
    }
}
