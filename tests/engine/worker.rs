//! A thread that owns a model and does one piece of work after another.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use tokio::sync::oneshot;

type Work<M> = Box<dyn FnOnce(&mut M) + Send>;

/// The way to a model's thread. A clone leads to the same thread.
pub(crate) struct Worker<M> {
    work: Sender<Work<M>>,
}

impl<M> Clone for Worker<M> {
    fn clone(&self) -> Self {
        Self { work: self.work.clone() }
    }
}

impl<M: 'static> Worker<M> {
    /// Loads the model on a thread of its own.
    pub(crate) fn start(name: &str, load: impl FnOnce() -> Result<M> + Send + 'static) -> Result<Self> {
        let (work, waiting) = channel::<Work<M>>();
        let (loaded, outcome) = channel();
        thread::Builder::new().name(name.to_owned()).spawn(move || match load() {
            Ok(mut model) => {
                let _ = loaded.send(Ok(()));
                waiting.into_iter().for_each(|work| work(&mut model));
            }
            Err(error) => drop(loaded.send(Err(error))),
        })?;
        outcome.recv().context("the thread ended while it loaded")?.with_context(|| format!("no {name}"))?;
        Ok(Self { work })
    }

    /// Does something with the model, after all that was asked before.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut M) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.hand(move |model| drop(answer.send(work(model))))?;
        answered.await.context("the model's thread has ended")?
    }

    /// Hands work over without waiting for it.
    pub(crate) fn hand(&self, work: impl FnOnce(&mut M) + Send + 'static) -> Result<()> {
        self.work.send(Box::new(work)).map_err(|_| anyhow!("the model's thread has ended"))
    }
}
