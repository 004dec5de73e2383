//! `lisa-engine`: serves two real small models in OpenAI's protocol, for tests that want true answers and true figures.
//!
//! It listens on a free port of loopback, prints the URL on its first line, and ends when its standard input does.

mod api;
mod chat;
mod embedder;
mod worker;

use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::api::Engine;
use crate::chat::Chat;
use crate::embedder::Embedder;
use crate::worker::Worker;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let usage = "usage: lisa-engine EMBEDDER_FOLDER CHAT_MODEL.gguf";
    let (embedder, chat) = (arguments.next().context(usage)?, arguments.next().context(usage)?);
    let engine = Engine {
        embedder: Worker::start("embedder", move || Embedder::load(&embedder))?,
        chat: Worker::start("chat", move || Chat::load(&chat))?,
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(engine))
}

async fn serve(engine: Engine) -> Result<()> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut out = std::io::stdout();
    writeln!(out, "http://{}", listener.local_addr()?)?;
    out.flush()?;
    // Whoever started it holds the other end: it cannot outlive a test that was killed.
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(ended);
    });
    tokio::select! {
        served = async { axum::serve(listener, api::router(engine)).await } => Ok(served?),
        _ = end => Ok(()),
    }
}
