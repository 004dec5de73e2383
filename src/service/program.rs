//! A service as a program: arguments, settings, then work until it is told to stop.

use std::io::{IsTerminal as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::process::ExitCode;

use crate::app::App;
use crate::arguments::{self, Asked, Flag, Given, PORT};
use crate::error::StartError;
use crate::events::Events;
use crate::runner;
use crate::settings::{Environment, LogLevel};
use crate::{logging, panics};

/// What a program says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// `lisa-chat`.
    pub name: &'static str,
    /// The version of its package.
    pub version: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
}

/// What a service does.
#[derive(Debug)]
pub enum Work {
    /// Answers HTTP requests, on a socket or through API Gateway.
    Http(App),
    /// Handles events, in Lambda alone.
    Events(Events),
    /// Serves on a socket with threads of its own.
    Threads(Box<dyn Threads>),
    /// Does one thing and ends.
    Job(Job),
}

/// Work that ends by itself. Its error is one sentence for people.
pub struct Job(pub(crate) Pin<Box<dyn Future<Output = Result<(), String>>>>);

impl Job {
    /// Work that a future does.
    pub fn new(work: impl Future<Output = Result<(), String>> + 'static) -> Self {
        Self(Box::pin(work))
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job")
    }
}

/// A service with threads of its own.
pub trait Threads: std::fmt::Debug {
    /// Starts to serve on an address.
    fn start(self: Box<Self>, address: SocketAddr) -> std::io::Result<Running>;
}

/// A service that is running.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Takes no more requests, and returns when those under way have ended.
    pub stop: Box<dyn FnOnce() + Send>,
}

/// Runs a service: the whole of its `main`. `start` reads the environment and makes the work.
pub fn run(program: Program, start: impl AsyncFnOnce(Environment) -> Result<Work, StartError>) -> ExitCode {
    run_with(program, &[], async |environment, _| start(environment).await)
}

/// As [`run`], for a service with arguments of its own.
pub fn run_with(
    program: Program,
    flags: &[Flag],
    start: impl AsyncFnOnce(Environment, Given) -> Result<Work, StartError>,
) -> ExitCode {
    let usual = |address: Option<SocketAddr>| address.unwrap_or((Ipv4Addr::UNSPECIFIED, PORT).into());
    match arguments::parse(std::env::args().skip(1), flags) {
        Ok(Asked::Help) => say(&arguments::help(&program, flags)),
        Ok(Asked::Version) => say(&format!("{} {}\n", program.name, program.version)),
        Ok(Asked::HealthCheck(address)) => match runner::probe::ask(usual(address)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => complain(&program, &reason, 1),
        },
        Ok(Asked::Serve(given)) => {
            let environment = Environment::of_process();
            let level = environment.get("LOG_LEVEL").and_then(|level| level.parse().ok());
            logging::start(level.unwrap_or(LogLevel::Info));
            panics::log();
            let address = usual(given.listen);
            let start = async |environment| start(environment, given).await;
            match runner::run(program, address, environment, start) {
                Ok(()) => ExitCode::SUCCESS,
                // A line of JSON is for whoever gathers logs.
                Err(error) if std::io::stderr().is_terminal() => complain(&program, &error.with_causes(), 1),
                Err(error) => {
                    tracing::error!(reason = error.with_causes(), "{} stops", program.name);
                    ExitCode::FAILURE
                }
            }
        }
        Err(wrong) => complain(&program, &wrong, 2),
    }
}

/// Writes to standard output. Whoever closed it has seen enough.
fn say(text: &str) -> ExitCode {
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn complain(program: &Program, text: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{}: {text}", program.name);
    ExitCode::from(code)
}
