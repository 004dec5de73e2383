//! The tasks that bring a model into service.

use lisa_api::models::{CreateModelRequest, Image, ModelStatus};
use lisa_deploy::status::StackStatus;
use lisa_names::{InstanceType, Region};
use lisa_workflow::model::CreateTask;

use super::{Carried, Tasks, elsewhere, engine, failure, template};
use crate::alter::{Decision, alter};
use crate::error::Error;
use crate::ports::{EcrImage, NewStack, StackView};
use crate::row::{Parts, Row};

/// Runs one of them.
pub(super) async fn run(
    tasks: &Tasks,
    task: CreateTask,
    execution: &str,
    carried: Carried,
) -> Result<Carried, Error> {
    match task {
        CreateTask::Validate => validate(tasks, carried).await,
        CreateTask::MarkCreating => mark(tasks, execution, carried).await,
        CreateTask::ResolveImage => resolve_image(tasks, carried).await,
        CreateTask::CreateStack => create_stack(tasks, execution, carried).await,
        CreateTask::PollStack => poll_stack(tasks, execution, carried).await,
        CreateTask::ProbeEngine => {
            let (request, parts) =
                (carried.creates()?, held(tasks, execution, &carried.model_id).await?.parts);
            engine::probe(tasks, carried, &request, &parts).await
        }
        CreateTask::ProbeExternal => {
            elsewhere::probe(tasks, &carried.creates()?).await?;
            Ok(carried)
        }
        CreateTask::Register => register(tasks, execution, carried).await,
        CreateTask::RecordFailure => {
            failure::record(tasks, execution, &carried).await?;
            Ok(carried)
        }
        CreateTask::ReleaseCapacity => {
            failure::release(tasks, &carried).await?;
            Ok(carried)
        }
    }
}

/// The model's row while this execution holds it.
pub(super) async fn held(tasks: &Tasks, execution: &str, id: &str) -> Result<Row, Error> {
    match tasks.world.rows.get(id).await? {
        Some(row) if row.is_held_by(execution) => Ok(row),
        Some(_) => Err(Error::Held(id.to_owned())),
        None => Err(Error::NotFound(id.to_owned())),
    }
}

/// Changes the row while this execution holds it.
pub(super) async fn change(
    tasks: &Tasks,
    execution: &str,
    id: &str,
    change: impl Fn(&mut Row) + Send + Sync,
) -> Result<(), Error> {
    let decide = |row: Option<Row>| match row {
        Some(mut row) if row.is_held_by(execution) => {
            let before = row.clone();
            change(&mut row);
            if row == before { Decision::Keep } else { Decision::write(row) }
        }
        Some(_) => Decision::Refuse(Error::Held(id.to_owned())),
        None => Decision::Refuse(Error::NotFound(id.to_owned())),
    };
    alter(&*tasks.world.rows, &*tasks.world.clock, id, decide).await.map(drop)
}

async fn validate(tasks: &Tasks, mut carried: Carried) -> Result<Carried, Error> {
    let request = carried.creates()?;
    carried.hosted = Some(request.is_hosted());
    if !request.is_hosted() {
        return elsewhere::Elsewhere::of(&request).map(|_| carried).ok_or_else(elsewhere::unreachable);
    }
    let instance = request.instance_type.as_deref().unwrap_or_default();
    if tasks.world.catalog.offers(instance).await? == Some(false) {
        return Err(not_offered(tasks, instance));
    }
    let (bucket, folder) = (&tasks.place.bucket, format!("{}/", request.model_name));
    if !tasks.world.catalog.has_objects(bucket, &folder).await? {
        return Err(Error::hopeless(
            "WeightsMissing",
            format!(
                "the bucket `{bucket}` has nothing under `{folder}`; bring the model's weights there, such as with \
                 `lisa model stage`"
            ),
        ));
    }
    Ok(carried)
}

fn not_offered(tasks: &Tasks, instance: &str) -> Error {
    let region = tasks.place.region.as_deref().and_then(|region| Region::new(region).ok());
    let others =
        InstanceType::new(instance).ok().zip(region).map(|(known, region)| known.substitutes(&region));
    let others: Vec<String> =
        others.into_iter().flatten().map(|other| format!("`{}`", other.as_str())).collect();
    let help =
        if others.is_empty() { String::new() } else { format!(". Of its size are {}", others.join(", ")) };
    Error::hopeless("InstanceTypeMissing", format!("this region does not offer `{instance}`{help}"))
}

async fn mark(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let request = carried.creates()?;
    let id = carried.model_id.clone();
    let decide = |row: Option<Row>| match row {
        None => Decision::write(Row::new(request.clone(), execution)),
        Some(row) if row.is_held_by(execution) => Decision::Keep,
        Some(_) => Decision::Refuse(Error::Exists(id.clone())),
    };
    alter(&*tasks.world.rows, &*tasks.world.clock, &id, decide).await?;
    carried.marked = true;
    Ok(carried)
}

async fn resolve_image(tasks: &Tasks, carried: Carried) -> Result<Carried, Error> {
    let request = carried.creates()?;
    let Some(image) = request.container_config.as_ref().and_then(|container| in_ecr(&container.image)) else {
        return Ok(carried);
    };
    if tasks.world.catalog.has_image(&image).await? {
        return Ok(carried);
    }
    let EcrImage { account, repository, version } = image;
    Err(Error::hopeless(
        "ImageMissing",
        format!(
            "the repository `{repository}` of account {account} has no image `{version}`; push it, such as with \
             `lisa image mirror`, or name another one"
        ),
    ))
}

/// The image as ECR knows it, where it is in ECR: `arn:…:repository/a/b`, or `123456789012.dkr.ecr.region.suffix/a/b:1`.
pub(super) fn in_ecr(image: &Image) -> Option<EcrImage> {
    match image {
        Image::Ecr { repository_arn, tag } => {
            let parts: Vec<&str> = repository_arn.split(':').collect();
            let [_, _, _, _, account, resource] = parts[..] else { return None };
            let repository = resource.strip_prefix("repository/")?.to_owned();
            let version = tag.clone().unwrap_or_else(|| "latest".to_owned());
            Some(EcrImage { account: account.to_owned(), repository, version })
        }
        Image::Registry { registry } | Image::Asset { base_image: registry, .. } => {
            let (host, rest) = registry.split_once('/')?;
            let account = host.split_once(".dkr.ecr.")?.0.to_owned();
            let (repository, version) = match rest.split_once('@') {
                Some((repository, digest)) => (repository.split(':').next().unwrap_or_default(), digest),
                None => rest.split_once(':').unwrap_or((rest, "latest")),
            };
            Some(EcrImage { account, repository: repository.to_owned(), version: version.to_owned() })
        }
        Image::Tarball { .. } => None,
    }
}

async fn create_stack(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let request = carried.creates()?;
    let config = template::config(tasks).await?;
    let stack = template::stack(tasks, &config, &request)?;
    let parts = template::parts(&config, &stack, &request);
    // Before the call: whoever takes the model away must know what to look for.
    let known = parts.clone();
    change(tasks, execution, &carried.model_id, |row| {
        row.parts = Parts { stack_id: row.parts.stack_id.clone(), ..known.clone() };
    })
    .await?;
    let new = NewStack {
        name: parts.stack.clone(),
        template: stack.template.to_json().to_string(),
        role: tasks.place.stack_role.clone(),
        tags: stack.tags.clone(),
        token: token(execution),
    };
    let id = match tasks.world.stacks.create(&new).await? {
        Some(id) => id,
        None => adopted(tasks, &parts.stack, &request).await?,
    };
    change(tasks, execution, &carried.model_id, |row| row.parts.stack_id.clone_from(&id)).await?;
    let state = carried.stack();
    state.name = parts.stack;
    state.id = id;
    Ok(carried)
}

/// A stack of the model's name that is there already: an earlier attempt's, or one that the command line made.
async fn adopted(tasks: &Tasks, name: &str, request: &CreateModelRequest) -> Result<String, Error> {
    let unfit =
        |why: String| Error::hopeless("StackExists", format!("there is a stack `{name}` already {why}"));
    let found = tasks.world.stacks.describe(name).await?;
    let Some(StackView { id, description, status, .. }) = found else {
        return Err(Error::Unavailable(format!("the stack `{name}` is just being deleted")));
    };
    if description != template::description(&request.model_id) {
        return Err(unfit("that is not this model's; choose another id".to_owned()));
    }
    match status {
        StackStatus::CreateInProgress | StackStatus::CreateComplete | StackStatus::UpdateComplete => Ok(id),
        StackStatus::DeleteInProgress => {
            Err(Error::Unavailable(format!("the stack `{name}` is just being deleted")))
        }
        status => Err(unfit(format!("with the status {status}; delete the model, then create it again"))),
    }
}

/// A token for a call of this execution: letters, digits and hyphens, at most 128.
pub(super) fn token(execution: &str) -> String {
    lisa_stacks::hex_digest(execution.as_bytes())
}

async fn poll_stack(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let stack = carried.stack().id.clone();
    let found = tasks.world.stacks.describe(&stack).await?;
    let gone = || Error::hopeless("StackFailed", "the stack has been deleted while it was made");
    let view = found.ok_or_else(gone)?;
    match view.status {
        StackStatus::CreateComplete
        | StackStatus::UpdateComplete
        | StackStatus::UpdateCompleteCleanupInProgress => {}
        StackStatus::CreateInProgress | StackStatus::UpdateInProgress => return Ok(carried),
        status => return Err(failed(tasks, &stack, status, view.reason).await?),
    }
    let output = |name: &str| view.outputs.get(name).cloned().unwrap_or_default();
    let (group, cluster, service) = (output("autoScalingGroup"), output("cluster"), output("service"));
    change(tasks, execution, &carried.model_id, |row| {
        row.parts.group.clone_from(&group);
        row.parts.service.clone_from(&service);
        if !cluster.is_empty() {
            row.parts.cluster.clone_from(&cluster);
        }
    })
    .await?;
    output("modelEndpointUrl").trim_end_matches('/').clone_into(&mut carried.engine().url);
    carried.stack().settled = true;
    Ok(carried)
}

/// Why a stack failed: its first failing event, or else what it says of itself.
async fn failed(
    tasks: &Tasks,
    stack: &str,
    status: StackStatus,
    reason: Option<String>,
) -> Result<Error, Error> {
    let event = failure::first_event(tasks, stack).await?;
    let why = event.or(reason).unwrap_or_else(|| "CloudFormation gives no reason".to_owned());
    Ok(Error::hopeless("StackFailed", format!("the stack is {status}: {why}")))
}

async fn register(tasks: &Tasks, execution: &str, carried: Carried) -> Result<Carried, Error> {
    let request = carried.creates()?;
    let engine = carried.engine.as_ref().map(|engine| engine.url.as_str()).filter(|url| !url.is_empty());
    let url = match engine {
        Some(url) => format!("{url}/v1"),
        None => request.model_url.clone().unwrap_or_default(),
    };
    change(tasks, execution, &carried.model_id, |row| {
        row.status = ModelStatus::InService;
        row.url.clone_from(&url);
        row.reason = None;
    })
    .await?;
    Ok(carried)
}
