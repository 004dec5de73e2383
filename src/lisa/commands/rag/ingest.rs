//! `lisa rag ingest`: a folder's documents into a repository, and what became of each.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::Method;
use serde::Serialize;
use serde_json::{Value, json};

use super::Place;
use super::client::Client;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::{Failure, os_message};
use crate::printer::Printer;
use crate::world;

/// File name extensions of documents.
const DOCUMENTS: [&str; 19] = [
    "csv", "docx", "htm", "html", "json", "jsonl", "log", "markdown", "md", "pdf", "pptx", "rtf", "tsv",
    "txt", "xhtml", "xlsx", "xml", "yaml", "yml",
];

/// The largest upload that the service takes.
const LARGEST: u64 = 50 << 20;

/// Documents that are uploaded at once, and jobs that one request begins.
const AT_ONCE: usize = 8;
const TOGETHER: usize = 50;

/// Between two looks at jobs that are not over.
const PAUSE: Duration = Duration::from_secs(2);

const EXAMPLES: &str = "Examples:
  lisa rag ingest handbooks/ --repository main
  lisa rag ingest handbooks/ --repository main --collection hr --url http://127.0.0.1:8080
  lisa rag ingest notes.md --repository main --chunking fixed --chunk-size 800 --chunk-overlap 80";

/// Put a folder's documents into a repository
///
/// Documents that have not changed are not embedded again. Ends when every one is found, or has failed with a reason.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Ingest {
    /// Folder, with all below it, or a file
    path: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Collection; that of the repository's embedding model without
    #[arg(long, value_name = "ID", conflicts_with = "model")]
    collection: Option<String>,
    /// Embedding model, whose own collection the documents go into
    #[arg(long, value_name = "ID")]
    model: Option<String>,
    /// Where documents are cut
    #[arg(long, value_name = "HOW", value_enum)]
    chunking: Option<Chunking>,
    /// Characters of a chunk
    #[arg(long, value_name = "NUMBER", requires = "chunking")]
    chunk_size: Option<usize>,
    /// Characters that neighbouring chunks share
    #[arg(long, value_name = "NUMBER", requires = "chunking")]
    chunk_overlap: Option<usize>,
    /// Tag of every document; may be repeated
    #[arg(long = "tag", value_name = "TEXT")]
    tags: Vec<String>,
    /// Do not wait until the documents can be found
    #[arg(long)]
    no_wait: bool,
}

/// Where documents are cut.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Chunking {
    /// At headings, tables, pages and sentences.
    Structure,
    /// Wherever a chunk is full.
    Fixed,
    /// Nowhere.
    None,
}

/// The name that a document is uploaded under, and its file.
type Named = (String, PathBuf);

/// What became of the documents.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// Documents that were sent.
    documents: usize,
    /// Documents that can be found now.
    ingested: usize,
    /// Of these, documents that had not changed.
    unchanged: usize,
    /// Texts that were embedded.
    embedded: u64,
    /// Files that are no documents, or too large.
    skipped: Vec<PathBuf>,
    /// Why the others failed, by their paths.
    failed: BTreeMap<String, String>,
    /// Jobs that were not waited for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    begun: Vec<String>,
}

impl Ingest {
    pub(super) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let (files, skipped) = self.files()?;
        if files.is_empty() {
            return Err(Failure::input(
                format!("`{}` holds no document", self.path.display()),
                format!("Documents are files that end in {}.", DOCUMENTS.join(", ")),
            ));
        }
        let report = world::run(async {
            let client = Client::connect(&self.place, globals, printer).await?;
            self.send(&client, files, skipped, printer).await
        })?;
        printer.answer(&report)?;
        if report.failed.is_empty() {
            return Ok(Exit::Done);
        }
        Err(Failure::action(
            format!("{} of {} documents were not ingested", report.failed.len(), report.documents),
            "Each of them says why; run it again when that is put right: the others are not embedded again.",
        ))
    }

    /// Documents by the names that they are uploaded under, and files that are none.
    fn files(&self) -> Result<(Vec<Named>, Vec<PathBuf>), Failure> {
        let mut found = Vec::new();
        list(&self.path, &mut found)?;
        let root = if self.path.is_dir() {
            self.path.as_path()
        } else {
            self.path.parent().unwrap_or(Path::new(""))
        };
        let (mut files, mut skipped) = (Vec::new(), Vec::new());
        for (path, size) in found {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            let name = path.strip_prefix(root).unwrap_or(&path).to_str().map(|name| name.replace('\\', "/"));
            let is_document = DOCUMENTS.contains(&extension.to_ascii_lowercase().as_str()) && size <= LARGEST;
            match name.filter(|_| is_document) {
                Some(name) => files.push((name, path)),
                None => skipped.push(path),
            }
        }
        Ok((files, skipped))
    }

    async fn send(
        &self,
        client: &Client,
        files: Vec<Named>,
        skipped: Vec<PathBuf>,
        printer: &Printer,
    ) -> Result<Report, Failure> {
        let mut report = Report { documents: files.len(), skipped, ..Report::default() };
        printer.note(&format!("uploading {} documents", files.len()));
        let upload = async |(name, path): Named| -> Result<(String, String), Failure> {
            let content = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            let form = client.ask(Method::POST, "/presigned-url", Some(&Value::String(name.clone()))).await?;
            let form = &form["response"];
            client.upload(form, Bytes::from(content)).await?;
            Ok((form["fields"]["key"].as_str().unwrap_or_default().to_owned(), name))
        };
        let uploaded: Vec<(String, String)> =
            stream::iter(files).map(upload).buffered(AT_ONCE).try_collect().await?;
        let mut jobs = BTreeMap::new();
        for part in uploaded.chunks(TOGETHER) {
            let path = format!("/{}/bulk", self.place.repository);
            let begun = client.ask(Method::POST, &path, Some(&self.order(part))).await?;
            let ids = begun["jobs"].as_array().into_iter().flatten().filter_map(|job| job["jobId"].as_str());
            jobs.extend(ids.map(str::to_owned).zip(part.iter().map(|(_, name)| name.clone())));
        }
        if self.no_wait {
            report.begun = jobs.into_keys().collect();
            return Ok(report);
        }
        printer.note(&format!("waiting for {} jobs", jobs.len()));
        self.wait(client, jobs, &mut report).await?;
        Ok(report)
    }

    fn order(&self, documents: &[(String, String)]) -> Value {
        let keys: Vec<&str> = documents.iter().map(|(key, _)| key.as_str()).collect();
        let mut order = json!({ "keys": keys });
        if let Some(collection) = &self.collection {
            order["collectionId"] = json!(collection);
        }
        if let Some(model) = &self.model {
            order["embeddingModel"] = json!({ "modelName": model });
        }
        if let Some(chunking) = self.chunking {
            let kind = match chunking {
                Chunking::Structure => "structure",
                Chunking::Fixed => "fixed",
                Chunking::None => "none",
            };
            order["chunkingStrategy"] = json!({ "type": kind });
            if let Some(size) = self.chunk_size {
                order["chunkingStrategy"]["size"] = json!(size);
            }
            if let Some(overlap) = self.chunk_overlap {
                order["chunkingStrategy"]["overlap"] = json!(overlap);
            }
        }
        if !self.tags.is_empty() {
            order["metadata"] = json!({ "tags": self.tags });
        }
        order
    }

    /// Waits until every job is over.
    async fn wait(
        &self,
        client: &Client,
        mut jobs: BTreeMap<String, String>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        loop {
            let look = async |id: String| -> Result<(String, Value), Failure> {
                let path = format!("/{}/jobs/{id}", self.place.repository);
                Ok((id, client.ask(Method::GET, &path, None).await?))
            };
            let ids: Vec<String> = jobs.keys().cloned().collect();
            let seen: Vec<(String, Value)> =
                stream::iter(ids).map(look).buffered(AT_ONCE).try_collect().await?;
            for (id, job) in seen {
                let status = job["status"].as_str().unwrap_or_default();
                let (is_done, is_over) = (
                    status == "INGESTION_COMPLETED",
                    !status.ends_with("PENDING") && !status.ends_with("IN_PROGRESS"),
                );
                let Some(name) = jobs.get(&id).filter(|_| is_over).cloned() else { continue };
                jobs.remove(&id);
                if is_done {
                    let embedded = job["embedded"].as_u64().unwrap_or_default();
                    report.ingested += 1;
                    report.unchanged += usize::from(embedded == 0);
                    report.embedded += embedded;
                } else {
                    let reason = job["error"]["message"].as_str().unwrap_or(status);
                    report.failed.insert(name, reason.to_owned());
                }
            }
            if jobs.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// All files of a folder and of those below it, in order; hidden ones are left alone, and links are not followed.
fn list(path: &Path, found: &mut Vec<(PathBuf, u64)>) -> Result<(), Failure> {
    let about = fs::symlink_metadata(path).map_err(|error| unreadable(path, &error))?;
    if about.is_file() {
        found.push((path.to_owned(), about.len()));
        return Ok(());
    }
    if !about.is_dir() {
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        let is_hidden =
            entry.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('.'));
        if !is_hidden {
            list(&entry, found)?;
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::input(
        format!("could not read `{}`: {}", path.display(), os_message(error)),
        "Check that it is there and may be read.",
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.begun.is_empty() {
            return write!(f, "{} documents are being ingested", self.begun.len());
        }
        write!(
            f,
            "{} of {} documents can be found; {} had not changed, {} texts were embedded",
            self.ingested, self.documents, self.unchanged, self.embedded
        )?;
        if !self.skipped.is_empty() {
            write!(f, "\n{} files are no documents, or larger than 50 MB", self.skipped.len())?;
        }
        for (name, reason) in &self.failed {
            write!(f, "\n  {name}: {reason}")?;
        }
        Ok(())
    }
}
