//! The access log: lines of JSON on standard output, gathered for a moment and written by a thread of its own, which costs
//! a busy gateway one wake-up for hundreds of lines.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Serialize;

/// How long lines are gathered.
const GATHERED: Duration = Duration::from_millis(5);

/// Bytes that a line mostly has.
const LINE: usize = 512;

/// Bytes that wait to be written at most.
const MOST: usize = 4 << 20;

/// Where lines go. A full one loses lines; it never holds up a request. What waits is written when the last clone is
/// dropped.
#[derive(Clone, Debug)]
pub struct Log(Option<Arc<Writer>>);

/// Lines that wait, and who writes them.
#[derive(Debug)]
struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    is_over: bool,
}

impl Log {
    /// A log on standard output.
    pub fn stdout() -> Self {
        Self::to(std::io::stdout())
    }

    /// A log that keeps nothing.
    pub const fn none() -> Self {
        Self(None)
    }

    fn to(out: impl std::io::Write + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("access-log".to_owned());
        let thread = thread.spawn(move || of_thread.write(out));
        Self(thread.ok().map(|thread| Arc::new(Writer { shared, thread: Some(thread) })))
    }

    /// Writes a line; `false` where it is lost.
    pub fn write(&self, line: &impl Serialize) -> bool {
        let Some(writer) = &self.0 else { return true };
        let mut text = Vec::with_capacity(LINE);
        if serde_json::to_writer(&mut text, line).is_err() {
            return false;
        }
        text.push(b'\n');
        let mut waiting = writer.shared.lock();
        if waiting.lines.len() + text.len() > MOST {
            return false;
        }
        let is_first = waiting.lines.is_empty();
        waiting.lines.append(&mut text);
        drop(waiting);
        if is_first {
            writer.shared.came.notify_one();
        }
        true
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what comes until it is over.
    fn write(&self, mut out: impl std::io::Write) {
        let mut lines = Vec::new();
        loop {
            let mut waiting = self.lock();
            while waiting.lines.is_empty() && !waiting.is_over {
                waiting = self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
            if !waiting.is_over {
                drop(waiting);
                std::thread::sleep(GATHERED);
                waiting = self.lock();
            }
            std::mem::swap(&mut lines, &mut waiting.lines);
            let is_over = waiting.is_over;
            drop(waiting);
            // A log that nobody reads any more stops no request.
            let _ = out.write_all(&lines).and_then(|()| out.flush());
            lines.clear();
            if is_over {
                return;
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.came.notify_one();
        if let Some(thread) = self.thread.take() {
            // It ends by itself; a panic in it was printed.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::{Log, MOST};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_written_once_and_whole_before_the_log_ends() {
        let kept = Kept::default();
        let log = Log::to(kept.clone());
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let log = log.clone();
                scope.spawn(move || (0..500).for_each(|line| assert!(log.write(&json!([thread, line])))));
            }
        });
        drop(log);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let mut lines: Vec<(u32, u32)> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.sort_unstable();
        let expected: Vec<(u32, u32)> =
            (0..4).flat_map(|thread| (0..500).map(move |line| (thread, line))).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_log_that_is_full_loses_lines_and_holds_up_nobody() {
        let kept = Kept::default();
        let held = kept.0.lock().unwrap();
        let log = Log::to(kept.clone());
        let line = "x".repeat(MOST / 4);
        let taken = (0..20).filter(|_| log.write(&line)).count();
        assert!((3..20).contains(&taken), "{taken} lines were taken");
        drop(held);
    }
}
