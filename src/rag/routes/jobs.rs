//! Jobs: how far they are, and how they are stopped and done again.

use axum::extract::{Path, Query, State};
use lisa_service::{Identity, Problem};
use serde::Deserialize;
use serde_json::{Value, json};

use super::paging::Paging;
use super::{Shared, shown};
use crate::access::Act;
use crate::error::Error;

type Answer = Result<axum::Json<Value>, Problem>;

/// How far back jobs are listed where nothing says, in hours: thirty days.
const HOURS: u64 = 30 * 24;

/// Which jobs are listed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Asked {
    time_limit_hours: Option<u64>,
}

/// `GET /repository/{repositoryId}/jobs`: the newest first; one's own, or everybody's for an administrator.
pub(super) async fn list(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(paging): Query<Paging>,
) -> Answer {
    let world = &state.world;
    world.repository(&caller, Act::Read, &id).await?;
    let hours = asked.time_limit_hours.unwrap_or(HOURS);
    let since = world.clock.now().saturating_sub(hours.saturating_mul(3_600_000));
    let (limit, start) = (paging.limit(20, 100)?, paging.start()?);
    let page = world.documents.jobs(&id, since, limit, start).await.map_err(Error::from)?;
    let bucket = world.objects.place();
    let is_seen = |username: &str| caller.is_admin || username == caller.subject;
    let jobs = page.records.iter().filter(|job| is_seen(&job.username)).map(|job| shown::job(job, &bucket));
    Ok(axum::Json(json!({
        "jobs": jobs.collect::<Vec<_>>(),
        "lastEvaluatedKey": page.next.as_ref().map(ToString::to_string),
        "hasNextPage": page.next.is_some(),
        "hasPreviousPage": paging.is_further(),
    })))
}

/// `GET /repository/{repositoryId}/jobs/{jobId}`.
pub(super) async fn read(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path((id, job)): Path<(String, String)>,
) -> Answer {
    let repository = state.world.repository(&caller, Act::Read, &id).await?;
    let job = state.world.job(&caller, Act::Read, &repository, &job).await?;
    Ok(axum::Json(shown::job(&job, &state.world.objects.place())))
}

/// `DELETE /repository/{repositoryId}/jobs/{jobId}`: stops it.
pub(super) async fn cancel(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path((id, job)): Path<(String, String)>,
) -> Answer {
    let repository = state.world.repository(&caller, Act::Read, &id).await?;
    let job = state.world.job(&caller, Act::Write, &repository, &job).await?;
    let job = state.world.cancel(&job).await?;
    Ok(axum::Json(shown::job(&job, &state.world.objects.place())))
}
