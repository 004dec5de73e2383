//! The API of a place: its own program on a listener, for whoever holds the management key.

use std::process::Command;

use lisa_api::settings::ModelsSettings;
use lisa_signed::service::SECRETS;
use lisa_stacks::{Naming, parts::MODEL_TABLE};
use lisa_testkit::programs;
use serde_json::json;

use super::super::process::{Process, free_address};
use super::place::{Place, REGION};

/// A management key, which administrates.
pub(super) const KEY: &str = "management-key-of-the-test";

/// Name of the secret that holds it.
const SECRET: &str = "management";

/// A running API.
pub(super) struct Api {
    pub(super) url: String,
    process: Process,
}

impl Api {
    /// Starts it, and waits until it listens.
    pub(super) fn start(place: &Place) -> Self {
        let address = free_address();
        let mut command = Command::new(programs::service("lisa-models").unwrap());
        command.args(["--listen", &address.to_string()]);
        let environment = environment(place);
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        keep_key(place);
        let mut process = Process::start(command, &environment);
        process.listens(address);
        Self { url: format!("http://{address}"), process }
    }

    /// What it has logged so far.
    pub(super) fn log(&self) -> String {
        self.process.log()
    }
}

/// Keeps the management key where services look for it.
pub(super) fn keep_key(place: &Place) {
    place.call(&SECRETS, "CreateSecret", &json!({ "Name": SECRET, "SecretString": KEY }));
}

/// The environment of the API on a listener, as complete as its stack writes it.
fn environment(place: &Place) -> Vec<(String, String)> {
    let naming = Naming::new(&place.config);
    let machine = |workflow| {
        let name = naming.model_workflow(workflow);
        format!("arn:aws:states:{REGION}:000000000000:stateMachine:{name}")
    };
    let known = [
        ("MODEL_TABLE_NAME", naming.table(MODEL_TABLE)),
        ("CREATE_SFN_ARN", machine("create")),
        ("UPDATE_SFN_ARN", machine("update")),
        ("DELETE_SFN_ARN", machine("delete")),
        ("MANAGEMENT_KEY_NAME", SECRET.to_owned()),
        ("USE_AUTH", "true".to_owned()),
        ("LOG_LEVEL", "INFO".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_ENDPOINT_URL", place.proxy.url()),
    ];
    let rest = ModelsSettings::<String>::variables().into_iter().filter(|variable| variable.required);
    let rest = rest.map(|variable| (variable.name.to_owned(), "some-text".to_owned()));
    rest.chain(known.map(|(name, value)| (name.to_owned(), value))).collect()
}
