//! Does jobs: one message at a time, each step of which may be done again.
//!
//! A job is claimed with a lease before anything happens. What ends in the middle — a time-out, a store that is down — is
//! taken up by the next delivery of its message, and goes on where finished parts are kept. A failure that may pass goes
//! back to the queue until the job was begun often enough; every other one ends the job with a reason for people.

mod ingest;
mod parts;
mod removal;

use std::time::Duration;

use lisa_store::Condition;
use lisa_store::documents::{Action, Job, JobError, JobStatus};

use crate::error::Error;
use crate::jobs::{Message, word};
use crate::ports::World;
use crate::reader::Unreadable;

/// How long a claim holds without a sign of life, in milliseconds: longer than the longest step.
const LEASE: u64 = 5 * 60_000;

/// How often a job is begun.
pub const ATTEMPTS: u32 = 4;

/// Seconds before the second attempt, halved; each further one waits twice as long.
const PAUSE: u64 = 5;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The job is over, or it is none; the message is done with.
    Done(Option<JobStatus>),
    /// Another message of the job is on its way.
    Continued,
    /// The message has to be delivered again: why.
    Again(String),
}

/// Why a job ends, or is interrupted.
enum Stop {
    /// Somebody asked for it, or a newer job has taken over.
    Cancelled(&'static str),
    /// The document cannot be read.
    Unreadable(Unreadable),
    /// Something did not work.
    Failed(Error),
    /// The time of this delivery is nearly over; what is done is kept.
    OutOfTime,
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Does what messages ask for.
#[derive(Clone, Debug)]
pub struct Worker {
    world: World,
    /// How long one delivery may take, in milliseconds.
    time: u64,
    /// Characters, or tokens, of a chunk where a job does not say.
    chunk_size: usize,
    chunk_overlap: usize,
}

impl Worker {
    /// A worker whose deliveries may take so long.
    pub fn new(world: World, time: Duration, chunk_size: usize, chunk_overlap: usize) -> Self {
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self { world, time, chunk_size, chunk_overlap }
    }

    /// Handles a message's body.
    pub async fn handle(&self, body: &str) -> Outcome {
        let Ok(message) = serde_json::from_str::<Message>(body) else {
            // Sending it again would change nothing; the dead letters are for what may.
            tracing::error!("a message of the queue is no job");
            return Outcome::Done(None);
        };
        match self.claim(&message).await {
            Ok(Some(job)) => self.work(job).await,
            Ok(None) => Outcome::Done(None),
            Err(Error::Conflict(reason)) => Outcome::Again(reason),
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    /// Takes a job for this worker alone; `None` if there is nothing to do.
    async fn claim(&self, message: &Message) -> Result<Option<Job>, Error> {
        let documents = &self.world.documents;
        let Some(job) = documents.job(&message.repository_id, &message.job_id).await? else {
            return Ok(None);
        };
        if job.status.is_final() {
            return Ok(None);
        }
        let now = self.world.clock.now();
        if job.lease > now {
            return Err(Error::Conflict(format!("job `{}` is under way elsewhere", job.job_id)));
        }
        let claimed = Job {
            status: job.action.in_progress(),
            attempts: job.attempts + 1,
            lease: now + LEASE,
            updated_date: now,
            ..job.clone()
        };
        let unchanged =
            Condition::equals("attempts", job.attempts).and(Condition::equals("lease", job.lease));
        match documents.put_job(&claimed, Some(unchanged)).await {
            Ok(()) => Ok(Some(claimed)),
            Err(lisa_store::Error::ConditionFailed { .. }) => {
                Err(Error::Conflict(format!("job `{}` was begun elsewhere", job.job_id)))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn work(&self, mut job: Job) -> Outcome {
        let end = self.world.clock.now().saturating_add(self.time);
        let done = match job.action {
            Action::Ingest => self.ingest(&mut job, end).await,
            Action::Delete => self.delete(&mut job).await,
            Action::DeleteCollection => self.delete_collection(&mut job, end).await,
            Action::DeleteRepository => self.delete_repository(&mut job, end).await,
        };
        let (status, error) = match done {
            Ok(()) => (job.action.completed(), None),
            Err(Stop::OutOfTime) => return self.go_on(job).await,
            Err(Stop::Cancelled(reason)) => {
                (JobStatus::IngestionCancelled, Some(("Cancelled", reason.to_owned())))
            }
            Err(Stop::Unreadable(Unreadable { kind, message })) => {
                job.error = Some(JobError { kind, message });
                return self.finish(job, None, JobStatus::IngestionFailed).await;
            }
            Err(Stop::Failed(error)) if error.is_passing() && job.attempts < ATTEMPTS => {
                return self.give_back(job, &error).await;
            }
            Err(Stop::Failed(error)) => (job.action.failed(), Some((error.kind(), error.to_string()))),
        };
        self.finish(job, error, status).await
    }

    /// Ends a job. If that cannot be written, the next delivery finds the work done.
    async fn finish(&self, job: Job, error: Option<(&str, String)>, status: JobStatus) -> Outcome {
        let error = error.map(|(kind, message)| JobError { kind: kind.to_owned(), message });
        let job =
            Job { status, lease: 0, updated_date: self.world.clock.now(), error: error.or(job.error), ..job };
        if status == JobStatus::IngestionFailed
            && let Err(error) = self.mark_failed(&job).await
        {
            return Outcome::Again(error.to_string());
        }
        match self.world.documents.put_job(&job, None).await {
            Ok(()) => {
                // What it says of a document's content stays out of the log.
                let kind = job.error.as_ref().map_or("", |error| error.kind.as_str());
                tracing::info!(job = job.job_id, status = word(status), kind, "a job is over");
                Outcome::Done(Some(status))
            }
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    /// Has a job tried again after a pause. A message of its own is quicker than the queue's patience with a failed one.
    async fn give_back(&self, job: Job, error: &Error) -> Outcome {
        let told = JobError { kind: error.kind().to_owned(), message: error.to_string() };
        let pause = Duration::from_secs(PAUSE << job.attempts.min(4));
        let job = Job { lease: 0, updated_date: self.world.clock.now(), error: Some(told), ..job };
        if let Err(second) = self.world.documents.put_job(&job, None).await {
            tracing::warn!(job = job.job_id, reason = %second, "a job's lease was not given back; it ends by itself");
        }
        tracing::warn!(job = job.job_id, reason = %error, "a job is tried again");
        match self.world.send(&job, pause).await {
            Ok(()) => Outcome::Continued,
            Err(_) => Outcome::Again(error.to_string()),
        }
    }

    /// Sends a job on that is well but takes longer than one delivery may.
    async fn go_on(&self, job: Job) -> Outcome {
        // It did not fail, so that this attempt does not count.
        let job = Job {
            lease: 0,
            attempts: job.attempts.saturating_sub(1),
            updated_date: self.world.clock.now(),
            ..job
        };
        if let Err(error) = self.world.documents.put_job(&job, None).await {
            return Outcome::Again(error.to_string());
        }
        match self.world.send(&job, Duration::ZERO).await {
            Ok(()) => Outcome::Continued,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    /// A sign of life: keeps the lease, tells how far it is, and sees whether the job is to stop.
    async fn beat(&self, job: &mut Job, end: u64) -> Result<(), Stop> {
        let now = self.world.clock.now();
        let asked = self.world.documents.job(&job.repository_id, &job.job_id).await?;
        if asked.is_none_or(|asked| asked.is_cancelled || asked.status.is_final()) {
            job.is_cancelled = true;
            return Err(Stop::Cancelled("somebody stopped it"));
        }
        (job.lease, job.updated_date) = (now + LEASE, now);
        self.world.documents.put_job(job, Some(Condition::equals("isCancelled", false))).await.map_err(
            |error| match error {
                lisa_store::Error::ConditionFailed { .. } => Stop::Cancelled("somebody stopped it"),
                error => Stop::from(error),
            },
        )?;
        if now >= end { Err(Stop::OutOfTime) } else { Ok(()) }
    }
}
