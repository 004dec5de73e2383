//! What the gateway reads from its environment.

use lisa_api::settings::ServeSettings;
use lisa_service::{Common, Environment, Reader, SettingsError};
use serde_json::{Map, Value};

/// The gateway's settings, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every service knows.
    pub common: Common,
    /// Whether callers must show who they are.
    pub use_auth: bool,
    /// How callers' rates are limited; none where they are not.
    pub rate_limit: Option<RateLimit>,
    /// Threads that serve.
    pub threads: usize,
    /// Everything as it stands in the environment.
    pub settings: ServeSettings,
}

/// How many requests a caller may make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// In a minute.
    pub per_minute: u32,
    /// At once beyond that rate.
    pub burst: u32,
    /// Limits of single callers: `{"user:name": {"rpm": 600}}`.
    pub overrides: Map<String, Value>,
}

impl Config {
    /// Reads the environment; the error names all that is missing or wrong.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(environment);
        let common = Common::read(&mut reader);
        let use_auth = reader.flag("USE_AUTH");
        let rate_limit = rate_limit(&mut reader);
        let threads = reader.parse::<usize>("THREADS", "a whole number").filter(|threads| *threads > 0);
        let threads = threads.unwrap_or_else(crate::start::processors);
        let settings = reader.settings(|get| ServeSettings::from_env(get));
        let config = common.zip(use_auth).zip(settings);
        reader.finish(config.map(|((common, use_auth), settings)| Self {
            common,
            use_auth,
            rate_limit,
            threads,
            settings,
        }))
    }
}

/// Limits apply where they are switched on; upstream's figures stand for those that are left out.
fn rate_limit(reader: &mut Reader<'_>) -> Option<RateLimit> {
    let enabled = reader.flag("RATE_LIMIT_ENABLED");
    let per_minute = reader.parse("RATE_LIMIT_RPM", "a whole number");
    let burst = reader.parse("RATE_LIMIT_BURST", "a whole number");
    let overrides: Option<Value> = reader.parse("RATE_LIMIT_OVERRIDES", "JSON");
    enabled.filter(|enabled| *enabled)?;
    Some(RateLimit {
        per_minute: per_minute.unwrap_or(60),
        burst: burst.unwrap_or(10),
        overrides: overrides.as_ref().and_then(Value::as_object).cloned().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENVIRONMENT: [(&str, &str); 9] = [
        ("DEPLOYMENT_NAME", "prod"),
        ("DEPLOYMENT_STAGE", "dev"),
        ("DEPLOYMENT_PREFIX", "/dev/prod/lisa"),
        ("LOG_LEVEL", "INFO"),
        ("USE_AUTH", "true"),
        ("MODEL_TABLE_NAME", "models"),
        ("RATE_LIMIT_ENABLED", "true"),
        ("RATE_LIMIT_OVERRIDES", r#"{"user:ada": {"rpm": 600}}"#),
        ("THREADS", "3"),
    ];

    #[test]
    fn figures_are_read() {
        let config = Config::read(&ENVIRONMENT.into_iter().collect()).unwrap();
        let limit = config.rate_limit.unwrap();
        assert_eq!((limit.per_minute, limit.burst, config.threads), (60, 10, 3));
        assert_eq!(limit.overrides["user:ada"]["rpm"], 600);
    }

    #[test]
    fn wrong_figures_are_named() {
        let wrong =
            [("RATE_LIMIT_RPM", "-1"), ("RATE_LIMIT_OVERRIDES", "{"), ("THREADS", "two"), ("USE_AUTH", "")];
        let environment: Environment = ENVIRONMENT.into_iter().chain(wrong).collect();
        let error = Config::read(&environment).unwrap_err();
        assert_eq!(error.missing, ["USE_AUTH"]);
        let wrong: Vec<_> = error.wrong.iter().map(|setting| setting.name).collect();
        assert_eq!(wrong, ["RATE_LIMIT_RPM", "RATE_LIMIT_OVERRIDES", "THREADS"]);
    }
}
