//! Why a command did not do what it was asked to, and which exit code that is.

use std::io;
use std::path::{Path, PathBuf};

use lisa_config::{Problems, Source};
use lisa_deploy::cause::Cause;
use lisa_deploy::doctor::Finding;
use lisa_deploy::ports::{CallError, CallErrorKind};
use lisa_policy::Report;
use lisa_stacks::SynthErrors;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::exit::Exit;

/// Everything that can stop a command, but for bugs.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line asks for something that there is not.
    Usage {
        /// What is wrong, as a fragment.
        message: String,
        /// What to do, as a sentence.
        help: Option<String>,
    },
    /// The configuration, or another input file, is invalid.
    Config {
        /// The file.
        source: Source,
        /// What is wrong with it.
        problems: Problems,
    },
    /// A valid configuration that cannot become stacks.
    Synth {
        /// The file.
        source: Source,
        /// What stands in the way.
        errors: SynthErrors,
    },
    /// An input that cannot be read as text, or does not say what it should.
    Input {
        /// What is wrong, as a fragment.
        message: String,
        /// What to do, as a sentence.
        help: Option<String>,
    },
    /// Security rules that do not hold.
    Policy {
        /// Where.
        report: Box<Report>,
    },
    /// Something outside of lisa is in the way.
    Action {
        /// What is wrong, as a fragment.
        message: String,
        /// What to do, as a sentence.
        help: Option<String>,
    },
    /// Stacks that failed, and why each did.
    Deploy {
        /// How the run ended as a whole.
        exit: Exit,
        /// The causes, the first one first.
        causes: Vec<Cause>,
    },
    /// A deployment that cannot succeed, found before its first change.
    Doctor {
        /// What was found.
        findings: Vec<Finding>,
    },
    /// A file or directory that cannot be written.
    Write {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// Standard output cannot be written.
    Output {
        /// What the operating system says.
        error: io::Error,
    },
    /// The user said no.
    Declined,
    /// The user stopped a run that can be taken up again.
    Stopped,
    /// The user, or the end of standard input, broke off.
    Interrupted,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: Some(help.into()) }
    }

    pub(crate) fn input(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Input { message: message.into(), help: Some(help.into()) }
    }

    pub(crate) fn action(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Action { message: message.into(), help: Some(help.into()) }
    }

    /// A call that failed.
    pub(crate) fn call(error: &CallError) -> Self {
        let help = match error.kind {
            CallErrorKind::Expired => {
                "Sign in again, such as with `aws sso login`, and repeat the command: it goes on where it was."
            }
            CallErrorKind::Denied => "Allow the action to the role or user that deploys.",
            _ => "Repeat the command: it goes on where it was. `lisa doctor` tells what may be in the way.",
        };
        Self::action(error.to_string(), help)
    }

    pub(crate) fn write(path: &Path, error: io::Error) -> Self {
        Self::Write { path: path.to_owned(), error }
    }

    pub(crate) fn output(error: io::Error) -> Self {
        Self::Output { error }
    }

    /// How the run ends. A reader that has seen enough and closed the pipe is no failure.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::Usage,
            Self::Config { .. } | Self::Synth { .. } | Self::Input { .. } => Exit::ConfigInvalid,
            Self::Policy { .. } => Exit::PolicyRefused,
            Self::Output { .. } if self.is_silent() => Exit::Done,
            Self::Deploy { exit, .. } => *exit,
            Self::Action { .. } | Self::Doctor { .. } | Self::Write { .. } | Self::Output { .. } => {
                Exit::NeedsAction
            }
            Self::Declined | Self::Stopped | Self::Interrupted => Exit::Interrupted,
        }
    }

    /// Whether there is nothing to say about it.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Output { error } if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The word of `--output json`.
    fn kind(&self) -> &'static str {
        match self {
            Self::Usage { .. } => "usage",
            Self::Config { .. } => "config",
            Self::Synth { .. } => "synth",
            Self::Input { .. } => "input",
            Self::Policy { .. } => "policy",
            Self::Action { .. } => "action",
            Self::Deploy { .. } => "deploy",
            Self::Doctor { .. } => "doctor",
            Self::Write { .. } | Self::Output { .. } => "write",
            Self::Declined => "declined",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
        }
    }

    /// What is wrong, as a fragment of one line.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Usage { message, .. } | Self::Input { message, .. } | Self::Action { message, .. } => {
                message.clone()
            }
            Self::Deploy { causes, .. } => {
                causes.first().map_or_else(|| "the deployment failed".to_owned(), Cause::headline)
            }
            Self::Doctor { .. } => "a deployment would fail, so nothing was changed".to_owned(),
            Self::Config { source, .. } => format!("`{}` is not valid", source.name),
            Self::Synth { source, .. } => format!("`{}` cannot be deployed as it is", source.name),
            Self::Policy { .. } => "security rules forbid it".to_owned(),
            Self::Write { path, error } => {
                format!("could not write `{}`: {}", path.display(), os_message(error))
            }
            Self::Output { error } => format!("could not write standard output: {}", os_message(error)),
            Self::Declined => "not confirmed, nothing was deployed or removed".to_owned(),
            Self::Stopped => "stopped; the same command goes on from here".to_owned(),
            Self::Interrupted => "interrupted, nothing was written".to_owned(),
        }
    }

    /// What to do about it, as a sentence.
    pub(crate) fn help(&self) -> Option<&str> {
        match self {
            Self::Usage { help, .. } | Self::Input { help, .. } | Self::Action { help, .. } => {
                help.as_deref()
            }
            Self::Deploy { causes, .. } => causes.first().map(|cause| cause.remedy.text.as_str()),
            _ => None,
        }
    }
}

/// `error, exit, message`, and what there is of `help`, `problems`, `errors` or `report`.
impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("error", self.kind())?;
        map.serialize_entry("exit", &(self.exit() as u8))?;
        map.serialize_entry("message", &self.message())?;
        if let Some(help) = self.help() {
            map.serialize_entry("help", help)?;
        }
        match self {
            Self::Config { source, problems } => {
                map.serialize_entry("file", &source.name)?;
                map.serialize_entry("problems", problems)?;
            }
            Self::Synth { source, errors } => {
                map.serialize_entry("file", &source.name)?;
                map.serialize_entry("errors", errors)?;
            }
            Self::Policy { report } => map.serialize_entry("report", report)?,
            Self::Deploy { causes, .. } => map.serialize_entry("causes", causes)?,
            Self::Doctor { findings } => map.serialize_entry("findings", findings)?,
            _ => {}
        }
        map.end()
    }
}

/// The operating system's words as a fragment: without capital and without the number.
pub(crate) fn os_message(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
