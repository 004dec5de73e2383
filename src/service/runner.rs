//! Runs a service's work where it was started: in Lambda if Lambda's interface is there, else on a socket.

mod lambda;
mod listener;
pub(crate) mod probe;

use std::net::SocketAddr;

use tokio::runtime::{Builder, Runtime};

use crate::error::StartError;
use crate::program::{Program, Work};
use crate::settings::Environment;

pub use listener::DRAIN;

/// Runs until the work is over.
pub(crate) fn run(
    program: Program,
    address: SocketAddr,
    environment: Environment,
    start: impl AsyncFnOnce(Environment) -> Result<Work, StartError>,
) -> Result<(), StartError> {
    let in_lambda = environment.is_lambda();
    let threads = environment.get("THREADS").and_then(|threads| threads.parse().ok());
    let runtime = runtime(in_lambda, threads)
        .map_err(|source| StartError::System { what: "start the runtime", source })?;
    runtime.block_on(async {
        let work = start(environment).await?;
        match work {
            Work::Http(app) if in_lambda => lambda::http(app).await,
            Work::Events(events) if in_lambda => lambda::events(events).await,
            Work::Http(app) => listener::serve(program, app, address).await,
            Work::Events(_) => Err(StartError::EventsOnly(program.name)),
            Work::Threads(_) | Work::Job(_) if in_lambda => Err(StartError::NotInLambda(program.name)),
            Work::Threads(threads) => listener::host(program, threads, address).await,
            Work::Job(job) => job.0.await.map_err(StartError::Failed),
        }
    })
}

/// Lambda gives a function one request at a time and a part of a processor: further threads would only cost start-up.
fn runtime(in_lambda: bool, threads: Option<usize>) -> std::io::Result<Runtime> {
    let mut builder = if in_lambda { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    if let Some(threads) = threads.filter(|threads| *threads > 0 && !in_lambda) {
        builder.worker_threads(threads);
    }
    builder.enable_all().build()
}
