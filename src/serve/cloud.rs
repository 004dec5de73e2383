//! The gateway in AWS: callers, models and options from the tables, parameters and secrets that its environment names,
//! asked for again every few seconds.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use lisa_api::models::secret_name;
use lisa_api::tables::USAGE;
use lisa_auth::Authenticator;
use lisa_auth::sources::{ManagementKeys, Unavailable};
use lisa_service::{Environment, StartError};
use lisa_signed::{Options, Session, Signed, service};
use lisa_store::DynamoTable;
use lisa_store::usage::Usage;
use serde_json::{Value, json};

use crate::bill::Bills;
use crate::cache::Cache;
use crate::config::Config;
use crate::gateway::Shared;
use crate::keys::Keys;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::models::Models;
use crate::origin::Origins;
use crate::parallel::Parallel;
use crate::rate::Limits;
use crate::registry::{Model, Registry};
use crate::table;
use crate::trace::Tracer;

/// Between two looks at the model table.
const REFRESH: Duration = Duration::from_secs(5);

/// For how long Secrets Manager may not tell the keys that are due: models that need none must not wait for it.
const KEYS: Duration = Duration::from_secs(3);

/// Between two looks at `litellmConfig`, which a deployment changes.
const RELOAD: Duration = Duration::from_secs(30);

/// What all threads share, and a task that keeps models and options as they are in the account.
pub(crate) async fn share(config: &Config, environment: &Environment) -> Result<Arc<Shared>, StartError> {
    let certificates = config.settings.common.ca_bundle.as_ref().map(Into::into);
    let session = Session::load(Options { certificates, ..Options::default() }).await;
    let session = session.map_err(|error| StartError::Refused(error.to_string()))?;
    let master = Master::default();
    let metrics = Arc::new(Metrics::default());
    let table = config.settings.usage_table.as_ref();
    let table = table.map(|name| Arc::new(DynamoTable::new(Signed::new(&session), name, &USAGE)));
    let bills = table.map(|table| Bills::to(Usage::new(table), Arc::clone(&metrics)));
    let shared = Arc::new(Shared {
        authenticator: authenticator(config, &session, &master)?,
        registry: Registry::default(),
        log: Log::stdout(),
        origins: Origins::parse(config.settings.common.cors_origins.as_deref().unwrap_or_default()),
        limits: config
            .rate_limit
            .as_ref()
            .map(|rate| Limits::new(rate.per_minute, rate.burst, &rate.overrides)),
        parallel: Parallel::default(),
        cache: Cache::default(),
        tracer: Tracer::from_environment(environment, &metrics)
            .map_err(|error| StartError::Refused(error.to_string()))?,
        bills: bills.unwrap_or_default(),
        metrics,
    });
    let account = Account { signed: Signed::new(&session), settings: config.settings.clone(), master };
    let models = Models::new(Arc::clone(&shared), Some(session), environment);
    tokio::spawn(refresh(account, models, Arc::clone(&shared)));
    Ok(shared)
}

fn authenticator(config: &Config, session: &Session, master: &Master) -> Result<Authenticator, StartError> {
    let has_keys = config.settings.litellm_secret.is_some();
    let more = has_keys.then(|| Arc::new(master.clone()) as Arc<dyn ManagementKeys>);
    lisa_auth::aws::authenticator_with(&config.settings.auth, session, more)
        .map_err(|error| StartError::Refused(error.to_string()))
}

/// `general_settings.master_key` of `litellmConfig`, which opens what the management key opens.
#[derive(Clone, Default)]
struct Master(Arc<RwLock<Option<String>>>);

#[async_trait]
impl ManagementKeys for Master {
    async fn get(&self) -> Result<Vec<String>, Unavailable> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).clone().into_iter().collect())
    }
}

/// What is asked for in the account.
struct Account {
    signed: Signed,
    settings: lisa_api::settings::ServeSettings,
    master: Master,
}

/// Tells once that something is out of reach, and once that it is back.
struct Reach {
    what: &'static str,
    is_lost: bool,
}

impl Reach {
    const fn of(what: &'static str) -> Self {
        Self { what, is_lost: false }
    }

    fn take<T>(&mut self, found: Result<T, String>) -> Option<T> {
        match (&found, self.is_lost) {
            (Ok(_), true) => tracing::info!("{} answers again", self.what),
            (Err(reason), false) => {
                tracing::error!(reason, "{} does not answer; all stays as it was", self.what);
            }
            _ => {}
        }
        self.is_lost = found.is_err();
        found.ok()
    }
}

/// Looks for ever. While something is out of reach, what came of it stays as it was.
async fn refresh(account: Account, mut models: Models, shared: Arc<Shared>) {
    let (mut table, mut document) = (Reach::of("the model table"), Reach::of("`litellmConfig`"));
    let (mut secrets, mut keys) = (Reach::of("the secret of a model's key"), Keys::default());
    let (mut rows, mut looked): (Vec<Value>, Option<Instant>) = (Vec::new(), None);
    loop {
        let reload = models.settings().general.reload.unwrap_or(RELOAD);
        if looked.is_none_or(|at| at.elapsed() >= reload)
            && let Some(found) = document.take(account.document().await)
        {
            models.set_document(found);
            looked = Some(Instant::now());
        }
        if let Some(found) = table.take(account.rows().await) {
            rows = found;
        }
        let elsewhere = rows.iter().filter_map(table::elsewhere).collect();
        account.renew(&mut keys, &elsewhere).await;
        secrets.take(keys.fresh());
        let known = shared.registry.now();
        let read = |row: &Value| {
            let name = row["model_id"].as_str().unwrap_or_default();
            table::model(row, keys.get(name), known.get(name).map(AsRef::as_ref), || models.next_id())
        };
        let served: Vec<Model> = rows.iter().filter_map(read).collect();
        let entries: Vec<Value> = rows.iter().filter_map(table::entry).collect();
        models.set_entries(&entries);
        models.publish(served).await;
        models.check().await;
        tokio::time::sleep(REFRESH).await;
    }
}

impl Account {
    async fn rows(&self) -> Result<Vec<Value>, String> {
        let mut rows = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut asked = json!({ "TableName": self.settings.model_table, "ConsistentRead": true });
            if !start.is_null() {
                asked["ExclusiveStartKey"] = start;
            }
            let answer = self.signed.json(&service::DYNAMODB, "Scan", &asked).await;
            let mut answer = answer.map_err(|error| error.to_string())?;
            if let Value::Array(items) = answer["Items"].take() {
                rows.extend(items.iter().map(plain_item));
            }
            start = answer["LastEvaluatedKey"].take();
            if start.is_null() {
                return Ok(rows);
            }
        }
    }

    /// Reads the keys that are due, side by side and within a limit.
    async fn renew(&self, keys: &mut Keys, models: &BTreeSet<&str>) {
        let mut asked = FuturesUnordered::new();
        for model in keys.due(models) {
            asked.push(async move { (model, tokio::time::timeout(KEYS, self.key(model)).await) });
        }
        while let Some((model, found)) = asked.next().await {
            let late = |_| Err(format!("Secrets Manager gives no answer in {} s", KEYS.as_secs()));
            keys.put(model, found.unwrap_or_else(late));
        }
    }

    /// The key of a model elsewhere, where it has one.
    async fn key(&self, model: &str) -> Result<Option<String>, String> {
        let name = secret_name(&self.settings.model_table, model);
        let answer =
            self.signed.json(&service::SECRETS, "GetSecretValue", &json!({ "SecretId": name })).await;
        match answer {
            Err(error) if error.code == "ResourceNotFoundException" => Ok(None),
            answer => {
                let answer = answer.map_err(|error| error.to_string())?;
                let key = answer["SecretString"].as_str().map(str::trim).filter(|key| !key.is_empty());
                let key = key.ok_or_else(|| format!("the secret `{name}` holds no text"))?;
                Ok(Some(key.to_owned()))
            }
        }
    }

    /// The parameters' values, one after the other, with the secrets in their places.
    async fn document(&self) -> Result<Value, String> {
        let Some(names) = &self.settings.litellm_config_parameter else { return Ok(Value::Null) };
        let mut text = String::new();
        for name in names.split(',') {
            let answer = self.signed.json(&service::SSM, "GetParameter", &json!({ "Name": name })).await;
            let answer = answer.map_err(|error| error.to_string())?;
            text.push_str(answer["Parameter"]["Value"].as_str().unwrap_or_default());
        }
        let mut document: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if let Some(secret) = &self.settings.litellm_secret {
            let answer =
                self.signed.json(&service::SECRETS, "GetSecretValue", &json!({ "SecretId": secret })).await;
            let answer = answer.map_err(|error| error.to_string())?;
            let keys = answer["SecretString"].as_str().unwrap_or_default();
            let keys: Value = serde_json::from_str(keys).map_err(|_| "the secret is no JSON".to_owned())?;
            put_in(&mut document, &keys);
        }
        let master = document["general_settings"]["master_key"].as_str().map(str::to_owned);
        *self.master.0.write().unwrap_or_else(PoisonError::into_inner) = master;
        Ok(document)
    }
}

/// An item of DynamoDB as plain JSON.
fn plain_item(item: &Value) -> Value {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| (name.clone(), plain(value))).collect()
}

fn plain(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("S" | "BOOL", value) => value.clone(),
        ("N", Value::String(number)) => {
            number.parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
        }
        ("L", Value::Array(values)) => values.iter().map(plain).collect(),
        ("M", value) => plain_item(value),
        _ => Value::Null,
    }
}

/// Puts secrets in their places: texts by JSON pointer, as the serve stack has taken them out.
fn put_in(document: &mut Value, keys: &Value) {
    for (pointer, value) in keys.as_object().into_iter().flatten() {
        let mut place = &mut *document;
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            place = match (place.is_array(), part.parse::<usize>()) {
                (true, Ok(index)) if place.get(index).is_some() => &mut place[index],
                (false, _) if place.is_object() || place.is_null() => &mut place[part.as_str()],
                _ => break,
            };
        }
        if place.is_null() {
            *place = value.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::tests::stage::{Keep, Origin};

    #[test]
    fn items_are_plain() {
        let item = json!({
            "model_id": { "S": "m" }, "revision": { "N": "3" }, "on": { "BOOL": true }, "gone": { "NULL": true },
            "model_config": { "M": { "allowedGroups": { "L": [{ "S": "a" }] } } },
        });
        let expected = json!({
            "model_id": "m", "revision": 3, "on": true, "gone": null, "model_config": { "allowedGroups": ["a"] },
        });
        assert_eq!(plain_item(&item), expected);
    }

    #[test]
    fn secrets_are_put_where_they_were() {
        let mut document = json!({ "model_list": [{ "litellm_params": { "model": "x" } }], "a/b": {} });
        let keys = json!({
            "/model_list/0/litellm_params/api_key": "sk-1",
            "/general_settings/master_key": "sk-2",
            "/a~1b/c~0d": "sk-3",
            "/model_list/7/x": "nowhere",
            "unset": "abc",
        });
        put_in(&mut document, &keys);
        assert_eq!(document["model_list"][0]["litellm_params"], json!({ "model": "x", "api_key": "sk-1" }));
        assert_eq!(document["general_settings"]["master_key"], "sk-2");
        assert_eq!(document["a/b"]["c~d"], "sk-3");
    }

    fn account(url: &str) -> Account {
        let environment = [
            ("DEPLOYMENT_NAME", "demo"),
            ("DEPLOYMENT_STAGE", "prod"),
            ("DEPLOYMENT_PREFIX", "/prod/demo/lisa"),
            ("LOG_LEVEL", "INFO"),
            ("USE_AUTH", "true"),
            ("MODEL_TABLE_NAME", "demo-models"),
        ];
        let settings = Config::read(&environment.into_iter().collect()).unwrap().settings;
        let session = lisa_testkit::emulator::session_at(url, "123456789012", "us-east-1").unwrap();
        Account { signed: Signed::new(&session), settings, master: Master::default() }
    }

    /// Secrets Manager, which answers of some keys and of one not at all.
    fn secrets() -> Origin {
        Origin::start(Arc::new(|request, stream| {
            let asked: Value = serde_json::from_slice(&request.body).unwrap();
            let (status, body) = match asked["SecretId"].as_str().unwrap() {
                "demo-model-silent" => return Keep::Open,
                "demo-model-good" => ("200 OK", r#"{"SecretString":" sk-1\n"}"#),
                "demo-model-empty" => ("200 OK", r#"{"SecretString":" "}"#),
                "demo-model-open" => ("400 Bad Request", r#"{"__type":"ResourceNotFoundException"}"#),
                _ => ("400 Bad Request", r#"{"__type":"AccessDeniedException","message":"not you"}"#),
            };
            let length = body.len();
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
            Keep::Open
        }))
    }

    #[tokio::test]
    async fn a_key_that_cannot_be_read_keeps_no_other_waiting_and_is_not_taken_for_none() {
        let server = secrets();
        let account = account(&format!("http://{}", server.address));
        let mut keys = Keys::default();
        let begun = Instant::now();
        let models = BTreeSet::from(["silent", "refused", "empty", "open", "good"]);
        account.renew(&mut keys, &models).await;
        assert!(begun.elapsed() < KEYS * 2);
        assert_eq!((keys.get("good"), keys.get("open")), (Ok(Some("sk-1")), Ok(None)));
        for (model, why) in
            [("silent", "no answer in 3 s"), ("refused", "not you"), ("empty", "holds no text")]
        {
            let said = keys.get(model).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
