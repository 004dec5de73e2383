//! The services of the REST API over the folder's stores: the routers of a deployment, in another world.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use lisa_api::routes::Service;
use lisa_api::tables;
use lisa_auth::Authenticator;
use lisa_models::local::Runner;
use lisa_models::{Management, Tasks};
use lisa_rag::Sizes;
use lisa_rag::embed::http::{Fixed, HttpEmbedder};
use lisa_rag::local::{Local, Watch};
use lisa_rag::reader::Apart;
use lisa_rag::served::HttpModels;
use lisa_service::settings::LogLevel;
use lisa_service::{App, Common};
use lisa_signed::Wire;
use lisa_store::Database;
use lisa_store::documents::Repository;

use crate::Failure;
use crate::keys;
use crate::rest::Rest;

/// The repository that is there from the start.
const DOCUMENTS: &str = "documents";

/// What the services are made of.
pub(crate) struct Parts<'a> {
    pub(crate) database: &'a Database,
    pub(crate) folder: &'a Path,
    pub(crate) address: SocketAddr,
    pub(crate) authenticator: Authenticator,
    pub(crate) wire: Wire,
    /// The key of this process, by which its services call its gateway.
    pub(crate) own: String,
    /// The model that documents are embedded with.
    pub(crate) embedding_model: String,
    /// A folder to keep the repository like.
    pub(crate) documents: Option<&'a Path>,
}

/// Makes the services, and starts what works in their background.
pub(crate) async fn make(parts: Parts<'_>) -> Result<Rest, Failure> {
    let common = Common {
        deployment: "local".to_owned(),
        stage: "local".to_owned(),
        prefix: "/local".to_owned(),
        log_level: LogLevel::Warning,
        cors_origins: Vec::new(),
    };
    let models = lisa_models::Shared { management: management(&parts).await?, base: String::new() };
    let models = lisa_models::app(&common, models);
    let chat = lisa_chat::app(&common, lisa_chat::State::embedded(parts.database).await?);
    let local = library(&parts)?;
    let rag = lisa_rag::app(&common, Sizes::default(), local.world.clone());
    let files = lisa_rag::local::routes(Arc::clone(&local.objects));
    if let Some(folder) = parts.documents {
        let folder =
            std::fs::canonicalize(folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
        let watch = Watch {
            world: local.world.clone(),
            folder,
            repository: repository(&parts.embedding_model),
            user: keys::user().subject,
        };
        tokio::spawn(watch.run());
    }
    let worker = lisa_rag::worker(Sizes::default(), local.world.clone());
    tokio::spawn(local.work(worker));
    let authenticator = Arc::new(parts.authenticator);
    let router = |app: App| app.admitting(Arc::clone(&authenticator)).into_router();
    Ok(Rest::over(files)
        .with(Service::Models, router(models))
        .with(Service::Chat, router(chat))
        .with(Service::Rag, router(rag)))
}

/// Models that are answered elsewhere, by workflows that run in this process.
async fn management(parts: &Parts<'_>) -> Result<Management, Failure> {
    let runner = Runner::new(lisa_models::local::real_time);
    let rows = Arc::new(parts.database.table(&tables::MODELS)?);
    let world = lisa_models::local::world(rows, &runner, parts.wire.clone());
    runner.with_tasks(Tasks::new(world.clone(), lisa_models::local::place()));
    runner.recover().await?;
    Ok(Management::new(world))
}

/// The world of documents: a repository of this folder, embedded by the gateway beside it.
fn library(parts: &Parts<'_>) -> Result<Local, Failure> {
    let base = format!("http://{}/v2/serve", parts.address);
    let token = Arc::new(Fixed(Some(parts.own.clone())));
    Ok(Local::open(lisa_rag::local::Options {
        folder: parts.folder.to_owned(),
        url: format!("http://{}", parts.address),
        repositories: vec![repository(&parts.embedding_model)],
        embedder: Arc::new(HttpEmbedder::new(&base, token).map_err(|error| error.to_string())?),
        models: Arc::new(HttpModels::new(&base).map_err(|error| error.to_string())?),
        reader: Arc::new(Apart::new(std::env::current_exe()?)),
    })?)
}

fn repository(model: &str) -> Repository {
    Repository {
        repository_id: DOCUMENTS.to_owned(),
        repository_name: Some("Documents".to_owned()),
        kind: "embedded".to_owned(),
        embedding_model_id: Some(model.to_owned()),
        ..Repository::default()
    }
}
