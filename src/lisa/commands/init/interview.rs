//! Questions and answers, a line each: works in a terminal, over a slow connection and from a pipe.

use std::io::{self, BufRead, IsTerminal, Write};
use std::str::FromStr;

use clap::ValueEnum;
use lisa_names::NameError;

use crate::failure::Failure;

/// A conversation: questions to standard error, answers from standard input.
pub(in crate::commands) struct Interview {
    /// Whether the terminal itself shows what is typed; what comes from a pipe leaves no line break behind.
    echoes: bool,
}

impl Interview {
    pub(in crate::commands) fn new() -> Self {
        Self { echoes: io::stdin().is_terminal() }
    }

    /// A name of a kind that is checked at once.
    pub(in crate::commands) fn word<T>(
        &mut self,
        question: &str,
        default: Option<&str>,
        given: Option<&str>,
    ) -> Result<T, Failure>
    where
        T: FromStr<Err = NameError>,
    {
        self.until(question, default, given, |text| text.parse().map_err(|error| in_words(&error)))
    }

    /// A name, or nothing.
    pub(in crate::commands) fn maybe<T>(
        &mut self,
        question: &str,
        given: Option<&str>,
    ) -> Result<Option<T>, Failure>
    where
        T: FromStr<Err = NameError>,
    {
        self.until(question, Some(""), given, |text| {
            let some = Some(text).filter(|text| !text.is_empty());
            some.map(|text| text.parse().map_err(|error| in_words(&error))).transpose()
        })
    }

    /// Any text; without a default it may not be empty.
    pub(in crate::commands) fn text(
        &mut self,
        question: &str,
        default: Option<&str>,
        given: Option<&str>,
    ) -> Result<String, Failure> {
        self.until(question, default, given, |text| Ok(text.to_owned()))
    }

    /// Any number of words.
    pub(in crate::commands) fn list(
        &mut self,
        question: &str,
        given: &[String],
    ) -> Result<Vec<String>, Failure> {
        if !given.is_empty() {
            return Ok(given.to_vec());
        }
        let parts =
            |text: &str| text.split([' ', ',']).filter(|part| !part.is_empty()).map(str::to_owned).collect();
        self.until(question, Some(""), None, |text| Ok(parts(text)))
    }

    /// One of several words.
    pub(in crate::commands) fn choice<T: ValueEnum>(
        &mut self,
        question: &str,
        default: &T,
    ) -> Result<T, Failure> {
        let name = |value: &T| {
            value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
        };
        let names: Vec<String> = T::value_variants().iter().map(name).collect();
        let question = format!("{question} ({})", names.join(", "));
        self.until(&question, Some(&name(default)), None, |text| {
            T::from_str(text, true).map_err(|_| format!("`{text}` is not a choice: {}", names.join(", ")))
        })
    }

    /// Asks until the answer is right. What a flag has given is not asked, but it is checked.
    pub(in crate::commands) fn until<T>(
        &mut self,
        question: &str,
        default: Option<&str>,
        given: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Failure> {
        if let Some(text) = given {
            return read(text).map_err(|message| Failure::Usage { message, help: None });
        }
        loop {
            let answer = self.ask(question, default)?;
            let text = if answer.is_empty() { default } else { Some(answer.as_str()) };
            match text.map(&read) {
                Some(Ok(value)) => return Ok(value),
                Some(Err(message)) => self.say(&format!("  {message}\n"))?,
                None => self.say("  this one is needed\n")?,
            }
        }
    }

    fn ask(&self, question: &str, default: Option<&str>) -> Result<String, Failure> {
        match default.filter(|default| !default.is_empty()) {
            Some(default) => self.say(&format!("{question} [{default}]: "))?,
            None => self.say(&format!("{question}: "))?,
        }
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        if !self.echoes {
            self.say("\n")?;
        }
        match read {
            Ok(1..) => Ok(line.trim().to_owned()),
            // The end of the input is how a terminal says that the user wants out.
            Ok(0) => Err(Failure::Interrupted),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(Failure::Interrupted),
            Err(_) => {
                Err(Failure::input("an answer is not UTF-8 text", "Use a terminal in the encoding UTF-8."))
            }
        }
    }

    /// Shows a text between two questions.
    #[expect(clippy::unused_self, reason = "a conversation is with somebody")]
    pub(in crate::commands) fn say(&self, text: &str) -> Result<(), Failure> {
        let mut stderr = io::stderr().lock();
        stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()).map_err(Failure::output)
    }
}

/// An error with its help, in one line.
pub(in crate::commands) fn in_words(error: &NameError) -> String {
    error.help().map_or_else(|| error.to_string(), |help| format!("{error}. {help}"))
}
