//! Exit codes: the only place that knows their numbers.

use std::fmt;
use std::process::ExitCode;

/// How a run of `lisa` ended. The numbers are an interface: scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// What was asked for is done.
    Done = 0,
    /// The command line asks for something that there is not.
    Usage = 2,
    /// The configuration is not valid, or cannot become stacks in its region.
    ConfigInvalid = 3,
    /// A security rule forbids it.
    PolicyRefused = 4,
    /// A deployment failed, and everything is as it was before.
    RolledBack = 5,
    /// Something outside lisa failed, and a person has to act.
    NeedsAction = 6,
    /// There are changes to deploy; only where the command was asked to tell.
    ChangesPending = 7,
    /// A fault of lisa itself.
    Bug = 70,
    /// Stopped by the user.
    Interrupted = 130,
}

impl Exit {
    /// Every code, in order.
    pub(crate) const ALL: [Self; 9] = [
        Self::Done,
        Self::Usage,
        Self::ConfigInvalid,
        Self::PolicyRefused,
        Self::RolledBack,
        Self::NeedsAction,
        Self::ChangesPending,
        Self::Bug,
        Self::Interrupted,
    ];

    /// What the code says, in a few words.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Usage => "the command line is not understood",
            Self::ConfigInvalid => "the configuration is invalid",
            Self::PolicyRefused => "a security rule forbids it",
            Self::RolledBack => "the deployment failed and was rolled back",
            Self::NeedsAction => "it failed, and you have to act",
            Self::ChangesPending => "changes are pending (when asked)",
            Self::Bug => "a bug in lisa",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The table of `lisa --help`: number and meaning, a line each.
pub(crate) struct Table;

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut codes = Exit::ALL.iter().peekable();
        while let Some(code) = codes.next() {
            write!(f, "  {:>3}  {}", *code as u8, code.meaning())?;
            if codes.peek().is_some() {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}
