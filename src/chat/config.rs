//! What the chat back end reads from its environment.

use lisa_api::settings::ChatSettings;
use lisa_service::{Common, Environment, Reader, SettingsError};

/// The chat back end's settings, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every service knows.
    pub common: Common,
    /// Whether callers must show who they are.
    pub use_auth: bool,
    /// Everything as it stands in the environment.
    pub settings: ChatSettings,
}

impl Config {
    /// Reads the environment; the error names all that is missing or wrong.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(environment);
        let common = Common::read(&mut reader);
        let use_auth = reader.flag("USE_AUTH");
        let settings = reader.settings(|get| ChatSettings::from_env(get));
        let config = common.zip(use_auth).zip(settings);
        reader.finish(config.map(|((common, use_auth), settings)| Self { common, use_auth, settings }))
    }
}
