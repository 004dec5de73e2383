//! The API as its description has it: asked by Schemathesis for everything that the description allows and much that it
//! does not, it answers nothing that is not described, and never with a fault of its own.

use lisa_testkit::{Tool, tool};

use super::api::{Api, KEY};
use super::place::Place;

/// Requests of each operation and phase: enough for every field to be wrong once, within a minute.
const EXAMPLES: &str = "25";

/// What an answer is judged by.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,ignored_auth,unsupported_method";

#[test]
fn nothing_is_answered_that_is_not_described() {
    let place = Place::set();
    let api = Api::start(&place);
    let url = &api.url;
    let mut asked = Tool::Schemathesis.command().unwrap();
    asked.args(["run", &format!("{url}/openapi.json"), "--url", url, "--checks", CHECKS]);
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
    assert!(output.status.success(), "{said}\n{}", api.log());
}
