//! The environment of a service: read once at start, every missing and every wrong variable told at once.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use lisa_api::settings::{CommonSettings, MissingSettings};

/// The least level that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens, a line per request.
    Info,
    /// What somebody should look at.
    Warning,
    /// What failed.
    Error,
}

impl FromStr for LogLevel {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "DEBUG" => Ok(Self::Debug),
            "INFO" => Ok(Self::Info),
            "WARNING" | "WARN" => Ok(Self::Warning),
            "ERROR" => Ok(Self::Error),
            _ => Err(()),
        }
    }
}

/// The variables of a process, or of a test.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process; one that is no UTF-8 counts as missing.
    pub fn of_process() -> Self {
        let pairs = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self(pairs.collect())
    }

    /// A variable; one that is empty counts as missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether AWS Lambda runs this process.
    pub fn is_lambda(&self) -> bool {
        self.get("AWS_LAMBDA_RUNTIME_API").is_some()
    }

    /// The handler that Lambda was configured with, by which functions that share a package are told apart:
    /// `models-tasks`. None outside Lambda.
    pub fn handler(&self) -> Option<&str> {
        self.get("_HANDLER").filter(|_| self.is_lambda())
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Values may be internal addresses, so only the names are shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Variables without which, or with which, a service cannot work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// Variables that are missing.
    pub missing: Vec<&'static str>,
    /// Variables that hold something else than they should.
    pub wrong: Vec<WrongSetting>,
}

/// A variable that holds something else than it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongSetting {
    /// The variable.
    pub name: &'static str,
    /// What it should hold, in words.
    pub expected: &'static str,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "the environment does not fit: ";
        for name in &self.missing {
            write!(f, "{separator}`{name}` is missing")?;
            separator = "; ";
        }
        for WrongSetting { name, expected } in &self.wrong {
            write!(f, "{separator}`{name}` is not {expected}")?;
            separator = "; ";
        }
        Ok(())
    }
}

impl std::error::Error for SettingsError {}

/// Reads an environment and gathers all that is wrong with it.
#[derive(Debug)]
pub struct Reader<'a> {
    environment: &'a Environment,
    missing: Vec<&'static str>,
    wrong: Vec<WrongSetting>,
}

impl<'a> Reader<'a> {
    /// Starts on an environment.
    pub fn new(environment: &'a Environment) -> Self {
        Self { environment, missing: Vec::new(), wrong: Vec::new() }
    }

    /// Reads the variables of a struct of [`lisa_api::settings`] by its `from_env`.
    pub fn settings<T>(
        &mut self,
        from_env: impl FnOnce(&dyn Fn(&str) -> Option<String>) -> Result<T, MissingSettings>,
    ) -> Option<T> {
        let environment = self.environment;
        match from_env(&|name| environment.get(name).map(str::to_owned)) {
            Ok(settings) => Some(settings),
            Err(error) => {
                let new = error.names().iter().filter(|name| !self.missing.contains(name));
                self.missing.extend(new.copied().collect::<Vec<_>>());
                None
            }
        }
    }

    /// Parses a variable; one that is missing is no fault here, since [`Self::settings`] tells of those that are needed.
    pub fn parse<T: FromStr>(&mut self, name: &'static str, expected: &'static str) -> Option<T> {
        let value = self.environment.get(name)?.parse().ok();
        if value.is_none() {
            self.wrong.push(WrongSetting { name, expected });
        }
        value
    }

    /// A variable that says `true` or `false`.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.parse(name, "`true` or `false`")
    }

    /// The value, unless something was wrong on the way to it.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, SettingsError> {
        let Self { missing, wrong, .. } = self;
        match value {
            Some(value) if missing.is_empty() && wrong.is_empty() => Ok(value),
            _ => Err(SettingsError { missing, wrong }),
        }
    }
}

/// What every service knows of its deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// The deployment's name.
    pub deployment: String,
    /// The stage, which API Gateway puts before every path.
    pub stage: String,
    /// The path of the deployment's SSM parameters.
    pub prefix: String,
    /// The least level that is logged.
    pub log_level: LogLevel,
    /// The origins that browsers may call from; `*` among them means any.
    pub cors_origins: Vec<String>,
}

impl Common {
    /// Reads the variables that all services share.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let log_level = reader.parse("LOG_LEVEL", "`DEBUG`, `INFO`, `WARNING` or `ERROR`");
        let settings = reader.settings(|get| CommonSettings::from_env(get))?;
        let origins = settings.cors_origins.unwrap_or_default();
        Some(Self {
            deployment: settings.deployment_name,
            stage: settings.deployment_stage,
            prefix: settings.deployment_prefix,
            log_level: log_level?,
            cors_origins: origins
                .split(',')
                .map(str::trim)
                .filter(|origin| !origin.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests;
