//! The API as its description has it: asked by Schemathesis for everything that the description allows and much that it
//! does not, it answers nothing that is not described, and never with a fault of its own.

use std::process::Command;

use lisa_api::settings::ModelsSettings;
use lisa_signed::service::SECRETS;
use lisa_stacks::{Naming, parts::MODEL_TABLE};
use lisa_testkit::{Tool, programs, tool};
use serde_json::json;

use super::super::process::{Process, free_address};
use super::place::{Place, REGION};

/// A management key, which administrates.
const KEY: &str = "management-key-of-the-test";

/// Requests of each operation and phase: enough for every field to be wrong once, within a minute.
const EXAMPLES: &str = "25";

/// What an answer is judged by.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,ignored_auth,unsupported_method";

/// The environment of the API on a listener, as complete as its stack writes it.
fn environment(place: &Place) -> Vec<(String, String)> {
    let naming = Naming::new(&place.config);
    let machine = |workflow| {
        let name = naming.model_workflow(workflow);
        format!("arn:aws:states:{REGION}:000000000000:stateMachine:{name}")
    };
    let proxy = place.proxy.url();
    let known = [
        ("MODEL_TABLE_NAME", naming.table(MODEL_TABLE)),
        ("CREATE_SFN_ARN", machine("create")),
        ("UPDATE_SFN_ARN", machine("update")),
        ("DELETE_SFN_ARN", machine("delete")),
        ("MANAGEMENT_KEY_NAME", "management".to_owned()),
        ("USE_AUTH", "true".to_owned()),
        ("LOG_LEVEL", "INFO".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_ENDPOINT_URL", proxy),
    ];
    let rest = ModelsSettings::<String>::variables().into_iter().filter(|variable| variable.required);
    let rest = rest.map(|variable| (variable.name.to_owned(), "some-text".to_owned()));
    rest.chain(known.map(|(name, value)| (name.to_owned(), value))).collect()
}

#[test]
fn nothing_is_answered_that_is_not_described() {
    let place = Place::set();
    place.call(&SECRETS, "CreateSecret", &json!({ "Name": "management", "SecretString": KEY }));
    let address = free_address();
    let mut command = Command::new(programs::service("lisa-models").unwrap());
    command.args(["--listen", &address.to_string()]);
    let environment = environment(&place);
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut process = Process::start(command, &environment);
    process.listens(address);
    let url = format!("http://{address}");
    let mut asked = Tool::Schemathesis.command().unwrap();
    asked.args(["run", &format!("{url}/openapi.json"), "--url", &url, "--checks", CHECKS]);
    asked.args(["--header", &format!("Authorization: Bearer {KEY}"), "--max-examples", EXAMPLES]);
    asked.args([
        "--phases",
        "examples,coverage,fuzzing",
        "--seed",
        "1",
        "--no-color",
        "--workers",
        "1",
        "--generation-database",
        "none",
    ]);
    asked.current_dir(std::env::temp_dir());
    let output = tool::run(&mut asked).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", process.log());
}
