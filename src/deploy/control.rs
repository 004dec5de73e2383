//! What a run is told from outside while it goes on: to run, to detach, to cancel.

use tokio::sync::watch;

/// What a run is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    #[default]
    Run,
    /// Leave what is under way to CloudFormation and end; a later run finds it.
    Detach,
    /// Stop what this run has begun: an update is rolled back, a creation is deleted. What cannot be stopped is
    /// waited for; what has not begun does not begin.
    Cancel,
}

/// The place where a run looks for what it is told. Clones see the same.
pub type Told = watch::Receiver<Control>;

/// A channel to a run: [`watch::Sender::send_replace`] tells it, at any time and any number of times.
pub fn channel() -> (watch::Sender<Control>, Told) {
    watch::channel(Control::Run)
}

/// Waits until the run is told something else than before. Never ends where nobody can tell any more.
pub(crate) async fn changed(told: &mut Told) -> Control {
    if told.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    *told.borrow_and_update()
}
