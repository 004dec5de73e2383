//! The vector stores of repositories: each opened once, where its own settings say.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use lisa_signed::Signed;
use lisa_store::documents::Repository;
use lisa_vectors::VectorStore;
use lisa_vectors::opensearch::{Access, OpenSearch};
use lisa_vectors::postgres::{Postgres, SecretPassword, Settings, Tls};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::error::Error;
use crate::ports::Stores;

/// Opens stores of the kinds that AWS has.
#[derive(Debug)]
pub struct AwsStores {
    signed: Signed,
    tls: Tls,
    /// What is open, by the settings that it was opened with: a repository that changes is opened anew.
    open: Mutex<HashMap<String, Arc<dyn VectorStore>>>,
}

impl AwsStores {
    /// With a session's credentials, none of the stores open.
    pub fn new(signed: Signed) -> Self {
        // The password is proved to the server and never shown to it, so that whoever answers learns nothing.
        Self { signed, tls: Tls::Encrypted, open: Mutex::default() }
    }

    /// Reaches databases in another way.
    #[must_use]
    pub fn with_tls(self, tls: Tls) -> Self {
        Self { tls, ..self }
    }

    fn connect(&self, repository: &Repository) -> Result<Arc<dyn VectorStore>, Error> {
        match repository.kind.as_str() {
            "pgvector" => Ok(Arc::new(Postgres::new(self.postgres(repository)?))),
            "opensearch" => Ok(Arc::new(self.opensearch(repository)?)),
            kind => {
                let id = &repository.repository_id;
                let message = format!(
                    "stores of type `{kind}`, as that of repository `{id}`, are not served by this version of LISA"
                );
                Err(Error::NotServed(message))
            }
        }
    }

    /// Where a repository's database is, by `rdsConfig` as the configuration and the API have it. What is not said is
    /// PostgreSQL's own default.
    fn postgres(&self, repository: &Repository) -> Result<Settings, Error> {
        let config = repository.rds_config.clone().unwrap_or_default();
        let text = |name: &str| config[name].as_str().filter(|text| !text.is_empty());
        let needed = |name: &str| {
            let id = &repository.repository_id;
            text(name).ok_or_else(|| Error::Invalid(format!("repository `{id}` has no `rdsConfig.{name}`")))
        };
        let port = match &config["dbPort"] {
            Value::Null => 5432,
            port => {
                let port = port.as_u64().or_else(|| port.as_str()?.parse().ok());
                let port = port.and_then(|port| u16::try_from(port).ok());
                port.ok_or_else(|| Error::Invalid("`rdsConfig.dbPort` is no port".to_owned()))?
            }
        };
        let (database, user) = (text("dbName").unwrap_or("postgres"), text("username").unwrap_or("postgres"));
        let password = SecretPassword::new(self.signed.clone(), needed("passwordSecretId")?);
        Ok(Settings::new(needed("dbHost")?, port, database, user, Arc::new(password), self.tls.clone()))
    }

    /// The domain of `opensearchConfig`, asked as the function's own role. AWS names domains without a scheme.
    fn opensearch(&self, repository: &Repository) -> Result<OpenSearch, Error> {
        let endpoint = repository.opensearch_config.as_ref().and_then(|config| config["endpoint"].as_str());
        let endpoint = endpoint.filter(|endpoint| !endpoint.is_empty()).ok_or_else(|| {
            Error::Invalid(format!(
                "repository `{}` has no `opensearchConfig.endpoint`",
                repository.repository_id
            ))
        })?;
        let url = if endpoint.contains("://") { endpoint.to_owned() } else { format!("https://{endpoint}") };
        Ok(OpenSearch::new(&url, Access::Signed(Box::new(self.signed.clone()))))
    }
}

#[async_trait]
impl Stores for AwsStores {
    async fn open(&self, repository: &Repository) -> Result<Arc<dyn VectorStore>, Error> {
        let settings = (&repository.kind, &repository.opensearch_config, &repository.rds_config);
        let key =
            format!("{} {}", repository.repository_id, serde_json::to_string(&settings).unwrap_or_default());
        let mut open = self.open.lock().await;
        if let Some(store) = open.get(&key) {
            return Ok(Arc::clone(store));
        }
        let store = self.connect(repository)?;
        open.insert(key, Arc::clone(&store));
        Ok(store)
    }
}
