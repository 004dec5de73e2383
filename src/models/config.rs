//! What the model-management API and its tasks read from their environment.

use lisa_api::settings::ModelsSettings;
use lisa_service::{Common, Environment, Reader, SettingsError};

use crate::aws::{Deployment, SecretKey};
use crate::tasks::Place;

/// The settings, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every service knows.
    pub common: Common,
    /// The region, where it is known.
    pub region: Option<String>,
    /// Everything as it stands in the environment.
    pub settings: ModelsSettings,
}

impl Config {
    /// Reads the environment; the error names all that is missing or wrong.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(environment);
        let common = Common::read(&mut reader);
        let use_auth = reader.flag("USE_AUTH");
        let settings = reader.settings(|get| ModelsSettings::from_env(get));
        let region = environment.get("AWS_REGION").map(str::to_owned);
        let config = common.zip(use_auth).zip(settings);
        reader.finish(config.map(|((common, _), settings)| Self { common, region, settings }))
    }

    /// What tasks know of the deployment.
    pub fn place(&self) -> Place {
        Place::new(&self.settings, self.region.as_deref())
    }

    /// What the ports on AWS know of it.
    pub fn deployment(&self) -> Deployment {
        let settings = &self.settings;
        let machines =
            [&settings.create_machine_arn, &settings.update_machine_arn, &settings.delete_machine_arn];
        Deployment {
            table: settings.model_table.clone(),
            machines: machines.map(Clone::clone),
            secret_key: SecretKey::Arn(settings.secret_key_arn.clone()),
        }
    }
}
