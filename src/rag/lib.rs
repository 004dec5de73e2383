//! Repositories, documents and search: the repository API, and the worker that ingests documents.
//!
//! Both are functions of one package, told apart by their handler. What they need of the world is behind [`ports`]; [`aws`]
//! and [`local`] are the two worlds there are.
//!
//! * [`config`]: what they read from the environment;
//! * [`access`]: who may do what with which object;
//! * [`library`]: finds what a request names;
//! * [`jobs`]: makes jobs, [`worker`] does them, [`ingest`] takes them from the queue;
//! * [`reader`]: documents to chunks, [`embed`]: chunks to vectors, [`served`]: passages to answers;
//! * `routes`: the API.

pub mod access;
pub mod aws;
pub mod config;
pub mod embed;
mod error;
pub mod ingest;
pub mod jobs;
pub mod library;
pub mod local;
pub mod names;
pub mod ports;
pub mod reader;
mod routes;
pub mod served;
pub mod worker;

use std::time::Duration;

use lisa_api::routes::Service;
use lisa_service::{App, Common, Environment, StartError, Work};

pub use config::{Config, Sizes};
pub use error::Error;
use ports::World;
use worker::Worker;

/// The handler of the worker's function, as the `rag` stack sets it.
const INGEST: &str = "rag-ingest";

/// How long the worker's function may take with one message: less than Lambda's 900 seconds by the longest step.
const DELIVERY: Duration = Duration::from_mins(10);

/// Makes the API or the worker for an environment.
pub async fn start(environment: &Environment) -> Result<Work, StartError> {
    let config = Config::read(environment)?;
    let world = aws::world(&config).await?;
    Ok(match environment.handler() {
        Some(INGEST) => Work::Events(ingest::events(worker(config.sizes, world))),
        _ => Work::Http(app(&config.common, config.sizes, world)),
    })
}

/// The repository API in a world.
pub fn app(common: &Common, sizes: Sizes, world: World) -> App {
    let state = routes::State { world, chunk_size: sizes.chunk, chunk_overlap: sizes.overlap };
    App::new(common, routes::router(state)).table(Service::Rag)
}

/// The worker of a world.
pub fn worker(sizes: Sizes, world: World) -> Worker {
    Worker::new(world, DELIVERY, sizes.chunk, sizes.overlap)
}

#[cfg(test)]
mod tests;
