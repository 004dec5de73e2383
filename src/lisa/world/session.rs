//! A command at work on an account.

use std::sync::Arc;

use lisa_aws::Connection;
use lisa_deploy::control::{Control, Told};
use lisa_deploy::engine::Engine;
use lisa_deploy::event::{Event, Observer};
use lisa_deploy::ports::World;

use super::terminal::Terminal;
use crate::failure::Failure;
use crate::input::Input;
use crate::printer::Printer;
use crate::progress::Progress;

/// What a command was given, where it works, how it is told and what it tells.
pub(crate) struct Session<'a> {
    pub(crate) input: &'a Input,
    pub(crate) printer: &'a Printer,
    pub(crate) connection: Connection,
    pub(crate) progress: Arc<Progress>,
    pub(crate) observer: Arc<dyn Observer>,
    terminal: Arc<Terminal>,
    told: Told,
}

impl<'a> Session<'a> {
    /// Connects, and listens for signals from then on.
    pub(crate) async fn open(input: &'a Input, printer: &'a Printer) -> Result<Self, Failure> {
        let connection = super::connect(&input.config).await?;
        let progress = Arc::new(Progress::new(printer));
        let terminal = Arc::new(Terminal::new(progress.clone()));
        let (told, observer) = (terminal.clone().listen()?, progress.observer());
        Ok(Self { input, printer, connection, progress, observer, terminal, told })
    }

    /// The engine over this account.
    pub(crate) fn engine(&self) -> Engine<'_> {
        Engine::new(&self.connection.world, &*self.observer, self.told.clone())
    }

    /// The ports.
    pub(crate) fn world(&self) -> &World {
        &self.connection.world
    }

    /// Says something while the progress is shown.
    pub(crate) fn note(&self, note: impl Into<String>) {
        self.observer.on(Event::Note(note.into()));
    }

    /// Asks for a line of text; Ctrl-C declines.
    pub(crate) async fn ask(&self, question: &str) -> Result<String, Failure> {
        super::require_terminal(self.printer)?;
        self.terminal.ask(question).await.ok_or(Failure::Declined)
    }

    /// Does what the engine has no part in; it ends at once when the run is told to stop, in whichever way.
    pub(crate) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut told = self.told.clone();
        tokio::select! {
            result = work => result,
            Ok(_) = told.wait_for(|control| *control != Control::Run) => Err(Failure::Stopped),
        }
    }
}
