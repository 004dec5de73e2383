//! Serves on a socket until SIGTERM or Ctrl-C; requests under way are finished first.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::app::App;
use crate::error::StartError;
use crate::program::{Program, Threads};

/// How long a service may take to end: requests under way, and with threads of its own all that is to be done after them.
/// ECS kills a task 30 seconds after it has told it to stop.
pub const DRAIN: Duration = Duration::from_secs(25);

/// Serves until it is told to stop.
pub(super) async fn serve(program: Program, app: App, address: SocketAddr) -> Result<(), StartError> {
    let listen = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let mut stop = Stop::new().map_err(|source| StartError::System { what: "listen for signals", source })?;
    let health = app.health();
    tracing::info!(%address, version = program.version, "{} listens", program.name);
    let (told, tell) = oneshot::channel();
    let server = axum::serve(listener, app.into_router()).with_graceful_shutdown(async move {
        let signal = stop.wait().await;
        health.drain();
        tracing::info!(signal, "finishes the requests under way");
        let _ = told.send(());
    });
    let drained = async {
        // An error says that the server has ended by itself; then there is nothing to wait for.
        if tell.await.is_ok() {
            tokio::time::sleep(DRAIN).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = server => ended.map_err(|source| StartError::System { what: "serve", source }),
        () = drained => {
            tracing::warn!("requests were cut off after {} seconds", DRAIN.as_secs());
            Ok(())
        }
    }
}

/// Lets a service with threads of its own serve until it is told to stop.
pub(super) async fn host(
    program: Program,
    threads: Box<dyn Threads>,
    address: SocketAddr,
) -> Result<(), StartError> {
    let mut stop = Stop::new().map_err(|source| StartError::System { what: "listen for signals", source })?;
    let running = threads.start(address).map_err(|source| StartError::Listen { address, source })?;
    tracing::info!(address = %running.address, version = program.version, "{} listens", program.name);
    let signal = stop.wait().await;
    tracing::info!(signal, "finishes the requests under way");
    let ended = tokio::time::timeout(DRAIN, tokio::task::spawn_blocking(running.stop)).await;
    if ended.is_err() {
        tracing::warn!("requests were cut off after {} seconds", DRAIN.as_secs());
    }
    Ok(())
}

/// The signals that end a service. As the first process of a container it gets none that it has not asked for.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The signal that came first.
    async fn wait(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
