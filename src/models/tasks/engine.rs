//! A model's engine behind its load balancer: whether it answers, and what it said before it died.

use lisa_api::models::{CreateModelRequest, InferenceContainer};

use super::{Carried, Tasks};
use crate::error::Error;
use crate::ports::TaskView;
use crate::row::Parts;

/// Tasks that may die before the engine is given up: a host that is being set up can cost one.
const DEATHS: usize = 3;

/// Lines of a log that are told.
const LINES: usize = 12;

/// Characters of a line that are told.
const LINE: usize = 300;

/// Asks the engine for its health and for what it serves; fails when its tasks keep dying.
pub(super) async fn probe(
    tasks: &Tasks,
    mut carried: Carried,
    request: &CreateModelRequest,
    parts: &Parts,
) -> Result<Carried, Error> {
    let now = tasks.world.clock.now().0;
    let engine = carried.engine();
    if engine.since == 0 {
        engine.since = now;
    }
    let (url, since) = (engine.url.clone(), engine.since);
    for path in paths(request) {
        let answer = tasks.world.models.get(&format!("{url}{path}")).await;
        let said = match answer {
            Ok(reply) if reply.is_success() => continue,
            Ok(reply) => format!("`{path}` was last answered with status {}", reply.status),
            Err(why) => format!("`{path}` was last not answered: {why}"),
        };
        carried.engine().said = said;
        refuse_to_wait(tasks, parts, since).await?;
        return Ok(carried);
    }
    carried.engine().answered = true;
    carried.engine().said.clear();
    Ok(carried)
}

/// What must answer before requests are sent: health, and the model by the engine's own word.
fn paths(request: &CreateModelRequest) -> [String; 2] {
    let health = request.load_balancer_config.as_ref().map(|config| config.health_check_config.path.clone());
    let serves = match request.inference_container {
        Some(InferenceContainer::Tgi | InferenceContainer::Tei) => "/info",
        Some(InferenceContainer::Vllm) | None => "/v1/models",
        // Its server has no list of models.
        Some(InferenceContainer::Instructor) => "/ping",
    };
    [health.unwrap_or_else(|| "/health".to_owned()), serves.to_owned()]
}

/// Fails where nothing is to be waited for: tasks die one after the other.
async fn refuse_to_wait(tasks: &Tasks, parts: &Parts, since: u64) -> Result<(), Error> {
    if parts.cluster.is_empty() {
        return Ok(());
    }
    let dead = tasks.world.fleet.tasks(&parts.cluster, true).await?;
    let deaths = dead.iter().filter(|task| task.at >= since).count();
    let service = tasks.world.fleet.service(&parts.cluster, &parts.service).await?.unwrap_or_default();
    let failed = service.deployments.iter().find(|one| one.is_primary && one.state == "FAILED");
    let why = match failed {
        Some(deployment) => format!("the engine could not be started: {}", deployment.reason),
        None if deaths >= DEATHS => format!("the engine died {deaths} times"),
        None => return Ok(()),
    };
    let words = last_words(tasks, parts).await?.map(|words| format!("\n{words}")).unwrap_or_default();
    Err(Error::hopeless("EngineFailed", format!("{why}{words}")))
}

/// What the last task of a cluster that died said and died of, or what one that runs says; `None` where there is none.
pub(super) async fn last_words(tasks: &Tasks, parts: &Parts) -> Result<Option<String>, Error> {
    if parts.cluster.is_empty() {
        return Ok(None);
    }
    let mut found = tasks.world.fleet.tasks(&parts.cluster, true).await?;
    if found.is_empty() {
        found = tasks.world.fleet.tasks(&parts.cluster, false).await?;
    }
    let Some(last) = found.into_iter().max_by_key(|task| task.at) else { return Ok(None) };
    let (mut told, container) = end_of(&last);
    let stream = format!("{container}/{container}/{}", last.id);
    let lines = tasks.world.fleet.words(&parts.logs, &stream).await?;
    let telling: Vec<&String> = lines.iter().filter(|line| !line.trim().is_empty()).collect();
    if !telling.is_empty() {
        told.push(format!("the last lines of `{container}`:"));
        told.extend(telling[telling.len().saturating_sub(LINES)..].iter().map(|line| cut(line)));
    }
    Ok((!told.is_empty()).then(|| told.join("\n")))
}

/// Why a task ended, and the container whose words tell more: the one that went wrong, else the engine.
fn end_of(task: &TaskView) -> (Vec<String>, String) {
    let bad =
        task.containers.iter().find(|one| one.exit.is_some_and(|code| code != 0) || !one.reason.is_empty());
    let mut told = Vec::new();
    if !task.reason.is_empty() {
        told.push(task.reason.clone());
    }
    let name = bad.map_or(lisa_stacks::model::ENGINE, |container| container.name.as_str());
    if let Some(container) = bad {
        let code = container.exit.map(|code| format!(" with code {code}")).unwrap_or_default();
        let why = Some(&container.reason).filter(|why| !why.is_empty()).map(|why| format!(": {why}"));
        told.push(format!("container `{name}` ended{code}{}", why.unwrap_or_default()));
    }
    (told, name.to_owned())
}

fn cut(line: &str) -> String {
    line.trim_end().chars().take(LINE).collect()
}
