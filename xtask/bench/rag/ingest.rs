//! Whether ingesting leaves an embedding model idle: a folder of documents into an empty repository, embedded by an endpoint
//! that takes one batch after the other, as a model on one processor does.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use lisa_rag::Sizes;
use lisa_rag::embed::http::{Fixed, HttpEmbedder};
use lisa_rag::local::{Local, Options, Watch};
use lisa_rag::ports::World;
use lisa_rag::reader::Here;
use lisa_rag::served::HttpModels;
use lisa_store::documents::{JobStatus, Repository};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::say;

const DOCUMENTS: u32 = 60;
const SECTIONS: u32 = 200;
const DIMENSION: usize = 384;
const REPOSITORY: &str = "documents";

/// How long the model works on one text.
const TEXT: Duration = Duration::from_millis(1);

/// The least share of the endpoint's own rate.
const GOAL: f64 = 0.95;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_mins(3);

/// A model that is never at work on two batches.
#[derive(Default)]
struct Model {
    turn: Mutex<()>,
    texts: AtomicU64,
    /// Microseconds that it was at work.
    busy: AtomicU64,
}

/// Measures, and returns how many goals are missed.
pub(crate) async fn measure() -> Result<usize> {
    let model = Arc::new(Model::default());
    let url = serve(Arc::clone(&model))?;
    let folder = tempfile::tempdir()?;
    let (documents, data) = (folder.path().join("documents"), folder.path().join("data"));
    std::fs::create_dir(&documents)?;
    write(&documents)?;
    let local = Local::open(Options {
        folder: data,
        url: url.clone(),
        repositories: vec![repository()],
        embedder: Arc::new(HttpEmbedder::new(&url, Arc::new(Fixed(None)))?),
        models: Arc::new(HttpModels::new(&url)?),
        reader: Arc::new(Here),
    })?;
    let world = local.world.clone();
    let worker = lisa_rag::worker(Sizes::default(), world.clone());
    let watch =
        Watch { world: world.clone(), folder: documents, repository: repository(), user: "ada".to_owned() };
    let begun = Instant::now();
    tokio::spawn(watch.run());
    tokio::spawn(local.work(worker));
    until_ingested(&world).await?;
    let whole = begun.elapsed().as_secs_f64();
    let (texts, busy) = (model.texts.load(Ordering::Relaxed), model.busy.load(Ordering::Relaxed));
    let busy = Duration::from_micros(busy).as_secs_f64();
    let share = busy / whole;
    say(&format!(
        "ingest of {DOCUMENTS} documents, {texts} chunks in {whole:.1} s: {share:.3} of the endpoint's own rate, goal {GOAL}"
    ))?;
    Ok(usize::from(share < GOAL))
}

/// Starts the endpoint on a thread of its own, whose clock nobody else holds up.
fn serve(model: Arc<Model>) -> Result<String> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            let router = Router::new().route("/embeddings", post(embed)).with_state(model);
            // It ends with the process.
            drop(axum::serve(listener, router).await);
        });
    });
    Ok(url)
}

async fn embed(State(model): State<Arc<Model>>, Json(body): Json<Value>) -> Json<Value> {
    let count = body["input"].as_array().map_or(0, Vec::len);
    let turn = model.turn.lock().await;
    let begun = Instant::now();
    tokio::time::sleep(TEXT * u32::try_from(count).unwrap_or(u32::MAX)).await;
    let busy = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    drop(turn);
    model.busy.fetch_add(busy, Ordering::Relaxed);
    let before = model.texts.fetch_add(count as u64, Ordering::Relaxed);
    let vector =
        |number: u64| (0..DIMENSION as u64).map(|at| (number * 31 + at * 17) % 101).collect::<Vec<_>>();
    let data: Vec<Value> = (0..count as u64)
        .map(|index| json!({ "object": "embedding", "index": index, "embedding": vector(before + index) }))
        .collect();
    Json(
        json!({ "object": "list", "data": data, "model": "m", "usage": { "prompt_tokens": 0, "total_tokens": 0 } }),
    )
}

fn repository() -> Repository {
    Repository {
        repository_id: REPOSITORY.to_owned(),
        kind: "embedded".to_owned(),
        embedding_model_id: Some("m".to_owned()),
        ..Repository::default()
    }
}

/// Writes documents of which every section is a chunk.
fn write(folder: &Path) -> Result<()> {
    for document in 0..DOCUMENTS {
        let mut text = format!("# Document {document}\n\n");
        for section in 0..SECTIONS {
            write!(text, "## Section {section}\n\n")?;
            for sentence in 0..6 {
                write!(
                    text,
                    "Sentence {sentence} of section {section} says what document {document} has to say. "
                )?;
            }
            text.push_str("\n\n");
        }
        std::fs::write(folder.join(format!("{document:03}.md")), text)?;
    }
    Ok(())
}

/// Waits until every document's job has ended well.
async fn until_ingested(world: &World) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let jobs = world.documents.jobs(REPOSITORY, 0, 2 * DOCUMENTS, None).await?.records;
        if let Some(job) = jobs.iter().find(|job| job.status == JobStatus::IngestionFailed) {
            bail!("a document was not ingested: {:?}", job.error);
        }
        if jobs.len() == DOCUMENTS as usize && jobs.iter().all(|job| job.status.is_final()) {
            return Ok(());
        }
    }
    bail!("not all documents were ingested in time")
}
