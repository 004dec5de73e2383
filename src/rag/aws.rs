//! The world in AWS: DynamoDB, S3, SQS, the parameter of the configuration's repositories, and LISA Serve.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use lisa_api::tables;
use lisa_retrieval::{ChatModel, Reranker};
use lisa_service::StartError;
use lisa_signed::{Error, Options, Session, Signed, service};
use lisa_store::DynamoTable;
use lisa_store::documents::{Documents, Repository};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::config::Config;
use crate::embed::http::{HttpEmbedder, Token};
use crate::ports::{Models, Objects, Queue, Registered, SystemClock, Unavailable, World};
use crate::reader::{Apart, Here, Reader};
use crate::served::HttpModels;

mod stores;

pub use stores::AwsStores;

/// How long an upload form is good for, as upstream has it.
const FORM: Duration = Duration::from_hours(1);

/// How long a download link is good for, as upstream has it.
const LINK: Duration = Duration::from_mins(5);

/// Parameters and secrets are read anew after so long.
const REMEMBERED: Duration = Duration::from_mins(1);

/// A call that moves a file may take so long.
const LIMIT: Duration = Duration::from_mins(2);

/// The longest that SQS holds a message back.
const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// Everything that the functions need, by their environment.
pub async fn world(config: &Config) -> Result<World, StartError> {
    let settings = &config.settings;
    let certificates = settings.common.ca_bundle.as_ref().map(Into::into);
    let session = Session::load(Options { certificates, ..Options::default() }).await;
    let session = session.map_err(|error| StartError::Refused(error.to_string()))?;
    let signed = Signed::new(&session).with_limit(LIMIT);
    let table = DynamoTable::new(signed.clone(), &settings.table, &tables::RAG);
    let token = settings.auth.management_secret.clone();
    let serve = Arc::new(Serve {
        url: Remembered::new(signed.clone(), settings.serve_url_parameter.clone()),
        token: Arc::new(ManagementKey { signed: signed.clone(), secret: token, kept: Mutex::default() }),
        kept: Mutex::default(),
    });
    Ok(World {
        documents: Documents::new(Arc::new(table)),
        registered: Arc::new(Repositories(Remembered::new(
            signed.clone(),
            settings.repositories_parameter.clone(),
        ))),
        objects: Arc::new(Bucket { signed: signed.clone(), name: settings.bucket.clone() }),
        queue: Arc::new(Sqs { signed: signed.clone(), url: settings.ingest_queue_url.clone() }),
        embedder: serve.clone(),
        models: serve,
        stores: Arc::new(AwsStores::new(signed)),
        clock: Arc::new(SystemClock),
        reader: reader(),
    })
}

/// Reads in a process of its own wherever this program can be started again.
fn reader() -> Arc<dyn Reader> {
    match std::env::current_exe() {
        Ok(program) => Arc::new(Apart::new(program)),
        Err(_) => Arc::new(Here),
    }
}

fn unavailable(error: &Error) -> Unavailable {
    Unavailable(error.to_string())
}

/// The bucket of documents.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// The client.
    pub signed: Signed,
    /// Its name.
    pub name: String,
}

#[async_trait]
impl Objects for Bucket {
    fn place(&self) -> String {
        format!("s3://{}", self.name)
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, Unavailable> {
        self.signed.get_object(&self.name, key).await.map_err(|error| unavailable(&error))
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<(), Unavailable> {
        self.signed.put_object(&self.name, key, body).await.map_err(|error| unavailable(&error))
    }

    async fn delete(&self, key: &str) -> Result<(), Unavailable> {
        self.signed.delete_object(&self.name, key).await.map_err(|error| unavailable(&error))
    }

    async fn upload_form(&self, key: &str, user: &str, largest: u64) -> Result<Value, Unavailable> {
        let form = self.signed.upload_form(&self.name, key, &[("user", user)], largest, FORM).await;
        let form = form.map_err(|error| unavailable(&error))?;
        let fields: Map<String, Value> =
            form.fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        Ok(json!({ "url": form.url, "fields": fields }))
    }

    async fn link(&self, key: &str) -> Result<String, Unavailable> {
        self.signed.object_link(&self.name, key, LINK).await.map_err(|error| unavailable(&error))
    }
}

/// The queue of jobs.
#[derive(Clone, Debug)]
pub struct Sqs {
    /// The client.
    pub signed: Signed,
    /// Its URL.
    pub url: String,
}

#[async_trait]
impl Queue for Sqs {
    async fn send(&self, message: &str, after: Duration) -> Result<(), Unavailable> {
        let delay = after.min(LONGEST_DELAY).as_secs();
        let body = json!({ "QueueUrl": self.url, "MessageBody": message, "DelaySeconds": delay });
        let sent = self.signed.json(&service::SQS, "SendMessage", &body).await;
        sent.map(drop).map_err(|error| unavailable(&error))
    }
}

/// A parameter that is read once in a while.
struct Remembered {
    signed: Signed,
    name: String,
    kept: Mutex<Option<(Instant, String)>>,
}

impl Remembered {
    fn new(signed: Signed, name: String) -> Self {
        Self { signed, name, kept: Mutex::default() }
    }

    async fn get(&self) -> Result<String, Unavailable> {
        let mut kept = self.kept.lock().await;
        if let Some((read, value)) = kept.as_ref()
            && read.elapsed() < REMEMBERED
        {
            return Ok(value.clone());
        }
        let body = json!({ "Name": self.name, "WithDecryption": true });
        let answer = self.signed.json(&service::SSM, "GetParameter", &body).await;
        let answer = answer.map_err(|error| unavailable(&error))?;
        let value = answer["Parameter"]["Value"].as_str();
        let value =
            value.ok_or_else(|| Unavailable(format!("parameter `{}` has no value", self.name)))?.to_owned();
        *kept = Some((Instant::now(), value.clone()));
        Ok(value)
    }
}

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembered").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The repositories of the configuration, as the `rag` stack writes them into a parameter.
#[derive(Debug)]
struct Repositories(Remembered);

#[async_trait]
impl Registered for Repositories {
    async fn all(&self) -> Result<Vec<Repository>, Unavailable> {
        registered(&self.0.get().await?)
    }
}

/// The repositories of the parameter's text.
pub fn registered(text: &str) -> Result<Vec<Repository>, Unavailable> {
    let wrong =
        |error: serde_json::Error| Unavailable(format!("the list of repositories cannot be read: {error}"));
    // What is not set stands as `null` in it.
    let list: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(wrong)?;
    let read = |mut entry: Map<String, Value>| {
        entry.retain(|_, value| !value.is_null());
        entry.entry("status").or_insert_with(|| "CREATE_COMPLETE".into());
        serde_json::from_value(Value::Object(entry)).map_err(wrong)
    };
    list.into_iter().map(read).collect()
}

/// The management key, which services call LISA Serve with: an ingest has no caller whose token it could use.
struct ManagementKey {
    signed: Signed,
    secret: Option<String>,
    kept: Mutex<Option<(Instant, String)>>,
}

#[async_trait]
impl Token for ManagementKey {
    async fn token(&self) -> Result<Option<String>, Unavailable> {
        let Some(secret) = &self.secret else { return Ok(None) };
        let mut kept = self.kept.lock().await;
        if let Some((read, value)) = kept.as_ref()
            && read.elapsed() < REMEMBERED
        {
            return Ok(Some(value.clone()));
        }
        let body = json!({ "SecretId": secret });
        let answer = self.signed.json(&service::SECRETS, "GetSecretValue", &body).await;
        let answer = answer.map_err(|error| unavailable(&error))?;
        let value = answer["SecretString"].as_str();
        let value = value
            .ok_or_else(|| Unavailable("the management key's secret has no text".to_owned()))?
            .to_owned();
        *kept = Some((Instant::now(), value.clone()));
        Ok(Some(value))
    }
}

/// LISA Serve, whose address is read when it is first needed: the stack may be younger than `rag`.
struct Serve {
    url: Remembered,
    token: Arc<ManagementKey>,
    kept: Mutex<Option<(String, HttpEmbedder, HttpModels)>>,
}

impl fmt::Debug for Serve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Serve {
    /// Its models, embedding and chat.
    async fn clients(&self) -> Result<(HttpEmbedder, HttpModels), Unavailable> {
        let url = self.url.get().await?;
        let mut kept = self.kept.lock().await;
        if let Some((of, embedder, models)) = kept.as_ref()
            && *of == url
        {
            return Ok((embedder.clone(), models.clone()));
        }
        let base = format!("{}/v2/serve", url.trim_end_matches('/').trim_end_matches("/v2/serve"));
        let token: Arc<dyn Token> = self.token.clone();
        let (embedder, models) = (HttpEmbedder::new(&base, token)?, HttpModels::new(&base)?);
        *kept = Some((url, embedder.clone(), models.clone()));
        Ok((embedder, models))
    }
}

#[async_trait]
impl crate::ports::Embedder for Serve {
    async fn embed(
        &self,
        model: &str,
        purpose: crate::embed::Purpose,
        texts: &[String],
    ) -> Result<Vec<Vec<f32>>, crate::embed::EmbedError> {
        let unreachable = |error: Unavailable| crate::embed::EmbedError::Unreachable {
            model: model.to_owned(),
            reason: error.0,
        };
        self.clients().await.map_err(unreachable)?.0.embed(model, purpose, texts).await
    }
}

#[async_trait]
impl Models for Serve {
    async fn chat(&self, id: &str, asker: &HeaderMap) -> Result<Arc<dyn ChatModel>, Unavailable> {
        self.clients().await?.1.chat(id, asker).await
    }

    async fn reranker(&self, id: &str, asker: &HeaderMap) -> Result<Arc<dyn Reranker>, Unavailable> {
        self.clients().await?.1.reranker(id, asker).await
    }
}

/// Where an environment keeps its embedded stores.
pub(crate) fn folder_of(repository: &Repository, root: &Path) -> PathBuf {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let name: String =
        repository.repository_id.chars().map(|letter| if fits(letter) { letter } else { '_' }).collect();
    root.join(name)
}
