//! A command on a terminal of its own, and somebody who sits before it: `script` of util-linux holds the other end.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Longer than anything takes that is waited for, on a crowded machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// What Ctrl-C sends.
const INTERRUPT: &str = "\x03";

/// A command that believes it is talking to a person.
#[derive(Debug)]
pub struct Terminal {
    process: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    shown: String,
    /// Where what has not been looked at begins.
    seen: usize,
}

impl Terminal {
    /// Starts a program with its arguments, variables and directory. It inherits no variable.
    pub fn start(command: &Command) -> Result<Self> {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let line: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--flush", "--command", &format!("exec {}", line.join(" "))]);
        script.arg("/dev/null").env_clear().env("PATH", "/usr/bin:/bin").env("TERM", "dumb");
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        script.current_dir(command.get_current_dir().unwrap_or_else(|| ".".as_ref()));
        script.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = script.spawn().context("could not start `script`, which util-linux has")?;
        let keyboard = process.stdin.take().context("the terminal has no keyboard")?;
        let mut out = process.stdout.take().context("the terminal has no screen")?;
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(length @ 1..) = out.read(&mut part) {
                if sender.send(part[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { process, keyboard, screen, shown: String::new(), seen: 0 })
    }

    /// Waits until a text is shown after what was waited for before; returns what is shown up to its end.
    pub fn expect(&mut self, text: &str) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.shown[self.seen..].find(text) {
                let end = self.seen + at + text.len();
                let part = self.shown[self.seen..end].to_owned();
                self.seen = end;
                return Ok(part);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(part) => self.shown.push_str(&String::from_utf8_lossy(&part)),
                Err(why) => bail!("{text:?} is not shown ({why}):\n{}", self.shown),
            }
        }
    }

    /// Types a line.
    pub fn enter(&mut self, line: &str) -> Result<()> {
        self.press(&format!("{line}\n"))
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) -> Result<()> {
        self.press(INTERRUPT)
    }

    /// Waits for the end; the exit code as a shell tells it, and all that was shown.
    pub fn ended(&mut self) -> Result<(Option<i32>, String)> {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(part) = self.screen.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.shown.push_str(&String::from_utf8_lossy(&part));
        }
        if Instant::now() >= deadline {
            bail!("it goes on:\n{}", self.shown);
        }
        Ok((self.process.wait()?.code(), self.shown.clone()))
    }

    /// Presses keys: `\x04` is what says that no more comes.
    pub fn press(&mut self, keys: &str) -> Result<()> {
        self.keyboard.write_all(keys.as_bytes())?;
        Ok(self.keyboard.flush()?)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::Terminal;

    #[test]
    fn a_program_asks_and_is_answered_or_interrupted() {
        let mut asks = Command::new("sh");
        asks.args(["-c", "test -t 0 && read -p 'name: ' name && echo \"hello $name\"; exit 3"]);
        let mut terminal = Terminal::start(&asks).unwrap();
        terminal.expect("name: ").unwrap();
        terminal.enter("Ada's").unwrap();
        terminal.expect("hello Ada's").unwrap();
        assert_eq!(terminal.ended().unwrap().0, Some(3));

        let mut terminal = Terminal::start(&asks).unwrap();
        terminal.expect("name: ").unwrap();
        terminal.interrupt().unwrap();
        let (code, shown) = terminal.ended().unwrap();
        assert_eq!(code, Some(130), "{shown}");
        assert!(!shown.contains("hello"), "{shown}");
    }
}
