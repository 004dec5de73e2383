//! The gateway in AWS: callers and models from the tables that its environment names, the models asked for again every few
//! seconds.

use std::sync::Arc;
use std::time::Duration;

use lisa_auth::Authenticator;
use lisa_service::StartError;
use lisa_signed::{Options, Session, Signed, service};
use serde_json::{Value, json};

use crate::config::Config;
use crate::gateway::Shared;
use crate::metrics::Metrics;
use crate::origin::Origins;
use crate::rate::Limits;
use crate::record::Sink;
use crate::registry::{Model, Registry};
use crate::table;

/// Between two looks at the model table.
const REFRESH: Duration = Duration::from_secs(5);

/// What all threads share, and a task that keeps the models as the table has them.
pub(crate) async fn share(config: &Config) -> Result<Arc<Shared>, StartError> {
    let certificates = config.settings.common.ca_bundle.as_ref().map(Into::into);
    let session = Session::load(Options { certificates, ..Options::default() }).await;
    let session = session.map_err(|error| StartError::Refused(error.to_string()))?;
    let shared = Arc::new(Shared {
        authenticator: authenticator(config, &session)?,
        registry: Registry::default(),
        metrics: Arc::new(Metrics::default()),
        log: Sink::stdout(),
        origins: Origins::parse(config.settings.common.cors_origins.as_deref().unwrap_or_default()),
        limits: config
            .rate_limit
            .as_ref()
            .map(|rate| Limits::new(rate.per_minute, rate.burst, &rate.overrides)),
    });
    if config.settings.litellm_config_parameter.is_some() {
        tracing::warn!(
            "`litellmConfig` is not honoured by this version of the gateway: only models of the table are served"
        );
    }
    let table = Table { signed: Signed::new(&session), name: config.settings.model_table.clone(), ids: 0 };
    tokio::spawn(refresh(table, Arc::clone(&shared)));
    Ok(shared)
}

fn authenticator(config: &Config, session: &Session) -> Result<Authenticator, StartError> {
    lisa_auth::aws::authenticator(&config.settings.auth, session)
        .map_err(|error| StartError::Refused(error.to_string()))
}

/// The model table.
struct Table {
    signed: Signed,
    name: String,
    /// Ids of endpoints that were given away.
    ids: u64,
}

/// Looks at the table for ever. While it is out of reach the models stay as they were.
async fn refresh(mut table: Table, shared: Arc<Shared>) {
    let mut is_reached = true;
    loop {
        match table.rows().await {
            Ok(rows) => {
                let known = shared.registry.now();
                let read = |row: &Value| {
                    let name = row["model_id"]["S"].as_str().unwrap_or_default();
                    table::model(row, known.get(name).map(AsRef::as_ref), || {
                        table.ids += 1;
                        table.ids
                    })
                };
                let models: Vec<Model> = rows.iter().filter_map(read).collect();
                shared.registry.replace(models);
                if !is_reached {
                    tracing::info!("the model table answers again");
                }
                is_reached = true;
            }
            Err(reason) => {
                if is_reached {
                    tracing::error!(reason, "the model table does not answer; the models stay as they were");
                }
                is_reached = false;
            }
        }
        tokio::time::sleep(REFRESH).await;
    }
}

impl Table {
    async fn rows(&self) -> Result<Vec<Value>, String> {
        let mut rows = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut asked = json!({ "TableName": self.name, "ConsistentRead": true });
            if !start.is_null() {
                asked["ExclusiveStartKey"] = start;
            }
            let answer = self.signed.json(&service::DYNAMODB, "Scan", &asked).await;
            let mut answer = answer.map_err(|error| error.to_string())?;
            if let Value::Array(items) = answer["Items"].take() {
                rows.extend(items);
            }
            start = answer["LastEvaluatedKey"].take();
            if start.is_null() {
                return Ok(rows);
            }
        }
    }
}
