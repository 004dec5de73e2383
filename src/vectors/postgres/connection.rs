//! Connections: a few, made when they are needed, kept while they are good.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};

use super::failure::Failure;
use super::tls::Connector;
use super::{Settings, Tls};
use crate::error::{Error, Why};

/// A host that does not take a connection in this time is not there.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How long an index may take to build: less than a function of Lambda lives.
const LONG_LIMIT: Duration = Duration::from_mins(13);

/// The connections to one database.
#[derive(Debug)]
pub(super) struct Pool {
    settings: Settings,
    name: String,
    idle: Mutex<Vec<Client>>,
    permits: Semaphore,
}

impl Pool {
    pub(super) fn new(settings: Settings) -> Self {
        let name = format!("PostgreSQL at {}:{}", settings.host, settings.port);
        let permits = Semaphore::new(settings.connections.max(1));
        Self { settings, name, idle: Mutex::default(), permits }
    }

    /// How messages name the store.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Does something on a connection, within the limit.
    pub(super) async fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.within(self.settings.limit, work).await
    }

    /// The same with patience.
    pub(super) async fn run_long<T>(
        &self,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.within(LONG_LIMIT, work).await
    }

    /// A connection goes back only after success: what failed, or was given up, may have left it in any state.
    async fn within<T>(
        &self,
        limit: Duration,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let done = timeout(limit, async {
            let _permit = self.permits.acquire().await.map_err(|error| self.told(Why::Busy, &error))?;
            let mut client = match self.kept() {
                Some(client) => client,
                None => self.connect().await?,
            };
            let done = work(&mut client).await?;
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
            Ok(done)
        });
        done.await.map_err(|_| Failure::Late(limit.as_secs_f32()))?
    }

    fn kept(&self) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|client| !client.is_closed());
        idle.pop()
    }

    fn told(&self, why: Why, text: &dyn std::fmt::Display) -> Error {
        Error::new(&self.name, why, text)
    }

    async fn connect(&self) -> Result<Client, Failure> {
        let Settings { host, port, database, user, password, tls, .. } = &self.settings;
        if password.is_sent_as_it_is() && !matches!(tls, Tls::Verified(_)) {
            let text = "a token of IAM is sent to a server whose certificate is verified alone";
            return Err(self.told(Why::Unfit, &text).into());
        }
        let mut config = Config::new();
        config.host(host).port(*port).dbname(database).user(user).password(password.find().await?);
        config.application_name("lisa").connect_timeout(CONNECT_LIMIT);
        let client = if matches!(tls, Tls::Off) {
            let (client, connection) = config.ssl_mode(SslMode::Disable).connect(NoTls).await?;
            tokio::spawn(connection);
            client
        } else {
            let connector = Connector::new(tls, &self.name)?;
            let (client, connection) = config.ssl_mode(SslMode::Require).connect(connector).await?;
            tokio::spawn(connection);
            client
        };
        Ok(client)
    }
}
