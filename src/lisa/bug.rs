//! What happens when `lisa` itself is at fault: a short message instead of a backtrace, and exit code 70.

use std::io::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use crate::exit::Exit;

/// Runs the program; a panic in it becomes [`Exit::Bug`].
pub(crate) fn guard(program: impl FnOnce() -> Exit) -> Exit {
    panic::set_hook(Box::new(apologise));
    panic::catch_unwind(AssertUnwindSafe(program)).unwrap_or(Exit::Bug)
}

fn apologise(panic: &PanicHookInfo<'_>) {
    let what = panic.payload_as_str().unwrap_or("no reason given");
    let place = panic.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
    // A panic while standard error is gone has nobody to tell.
    let _ = writeln!(
        std::io::stderr(),
        "bug: {what}{place}\n\
         This is a fault of lisa {}, not of your configuration. Please report this line and the command you ran.",
        env!("CARGO_PKG_VERSION"),
    );
}

#[cfg(test)]
mod tests {
    use super::guard;
    use crate::exit::Exit;

    #[test]
    fn a_panic_is_exit_code_70() {
        assert_eq!(guard(|| panic!("on purpose")), Exit::Bug);
        assert_eq!(Exit::Bug as u8, 70);
    }

    #[test]
    fn without_a_panic_the_program_decides() {
        assert_eq!(guard(|| Exit::PolicyRefused), Exit::PolicyRefused);
    }
}
