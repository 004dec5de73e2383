//! The one way in which a task speaks: whole lines on standard output.

use std::fmt::Display;
use std::io::Write as _;

/// Prints one line. A closed pipe is no error: whoever reads has seen enough.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}
