//! What the authorizer reads from its environment.

use lisa_api::settings::AuthorizerSettings;
use lisa_service::{Common, Environment, Reader, SettingsError};

/// The settings, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every service knows.
    pub common: Common,
    /// Whether callers must show who they are.
    pub use_auth: bool,
    /// Whether each decision is logged.
    pub audit_log: bool,
    /// Everything as it stands in the environment.
    pub settings: AuthorizerSettings,
}

impl Config {
    /// Reads the environment; the error names all that is missing or wrong.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(environment);
        let common = Common::read(&mut reader);
        let use_auth = reader.flag("USE_AUTH");
        let audit_log = reader.flag("AUDIT_LOG_ENABLED").unwrap_or(false);
        let settings = reader.settings(|get| AuthorizerSettings::from_env(get));
        let config = common.zip(use_auth).zip(settings);
        reader.finish(config.map(|((common, use_auth), settings)| Self {
            common,
            use_auth,
            audit_log,
            settings,
        }))
    }
}
