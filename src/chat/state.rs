//! What the handlers share: the stores, and the other services that some of them need.

use std::sync::Arc;

use lisa_api::tables;
use lisa_signed::Signed;
use lisa_store::configuration::Configurations;
use lisa_store::preferences::Preferences;
use lisa_store::projects::Projects;
use lisa_store::sessions::search::{Indexed, Reading, Search};
use lisa_store::templates::Templates;
use lisa_store::tokens::Tokens;
use lisa_store::{Database, DynamoTable, Sessions, Table};

use crate::images::Images;
use crate::keys::{DataKeys, Kms};
use crate::{Config, Error};

/// What the handlers share.
#[derive(Clone, Debug)]
pub struct State {
    /// Sessions.
    pub sessions: Sessions,
    /// Search in sessions.
    pub search: Arc<dyn Search>,
    /// Projects.
    pub projects: Projects,
    /// Prompt templates.
    pub templates: Templates,
    /// Preferences.
    pub preferences: Preferences,
    /// Configuration of the page.
    pub configurations: Configurations,
    /// API tokens; none in a deployment without the serve API.
    pub tokens: Option<Tokens>,
    /// Images; none where there is no bucket for them.
    pub images: Option<Images>,
    /// Keys of encrypted sessions; none where nothing is to be encrypted.
    pub keys: Option<Arc<dyn DataKeys>>,
}

impl State {
    /// The state in AWS, as the settings say.
    pub fn in_aws(config: &Config, signed: &Signed) -> Self {
        let settings = &config.settings;
        let table = |name: &str, described| -> Arc<dyn Table> {
            Arc::new(DynamoTable::new(signed.clone(), name, described))
        };
        let sessions = table(&settings.session_table, &tables::SESSIONS);
        let tokens = settings.auth.token_table.as_deref().map(|name| table(name, &tables::TOKENS));
        let keys = settings.session_key_arn.as_deref().filter(|key| !key.is_empty());
        let images = settings.image_bucket.as_deref();
        Self {
            images: images.map(|bucket| Images::new(signed.clone(), bucket)),
            keys: keys.map(|key| Arc::new(Kms::new(signed.clone(), key)) as Arc<dyn DataKeys>),
            ..Self::over(
                Sessions::new(Arc::clone(&sessions)),
                Arc::new(Reading(sessions)),
                &table(&settings.config_table, &tables::CHAT),
                tokens,
            )
        }
    }

    /// The state in one file on this machine: nothing is encrypted there, and images have no place.
    pub async fn embedded(database: &Database) -> Result<Self, Error> {
        let table = |described| -> Result<Arc<dyn Table>, Error> { Ok(Arc::new(database.table(described)?)) };
        let sessions = Sessions::unlimited(table(&tables::SESSIONS)?);
        let search = Arc::new(Indexed::open(database.clone()).await?);
        Ok(Self::over(sessions, search, &table(&tables::CHAT)?, Some(table(&tables::TOKENS)?)))
    }

    fn over(
        sessions: Sessions,
        search: Arc<dyn Search>,
        chat: &Arc<dyn Table>,
        tokens: Option<Arc<dyn Table>>,
    ) -> Self {
        Self {
            sessions,
            search,
            projects: Projects::new(Arc::clone(chat)),
            templates: Templates::new(Arc::clone(chat)),
            preferences: Preferences::new(Arc::clone(chat)),
            configurations: Configurations::new(Arc::clone(chat)),
            tokens: tokens.map(Tokens::new),
            images: None,
            keys: None,
        }
    }
}
