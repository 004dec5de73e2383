//! The same life through the API: somebody with a URL and a token, without AWS credentials and without a configuration.

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::api::{Api, KEY};
use super::place::{Place, in_a_line, request, said};

/// What the makers of a model of 70 billion parameters say of it, as far as it matters here.
pub(super) const LARGE: &str = r#"{
  "model_type": "llama", "hidden_size": 8192, "intermediate_size": 28672, "num_hidden_layers": 80,
  "num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": false,
  "torch_dtype": "bfloat16", "max_position_embeddings": 8192
}"#;

/// Name of the hosted model in the bucket of weights.
pub(super) const NAME: &str = "mistralai/Mistral-7B-Instruct-v0.2";

/// Somebody's directory, which holds no configuration, and the URL that they were given.
pub(super) struct Caller {
    pub(super) directory: TempDir,
    url: String,
}

impl Caller {
    pub(super) fn of(api: &Api) -> Self {
        Self { directory: TempDir::with_prefix("lisa-caller-").unwrap(), url: api.url.clone() }
    }

    /// A command with a token, ready to run. It inherits nothing.
    pub(super) fn command(&self, token: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lisa"));
        command.args(arguments).current_dir(self.directory.path()).env_clear();
        command.env("LISA_API_URL", &self.url).env("LISA_TOKEN", token);
        command
    }

    fn lisa(&self, arguments: &[&str]) -> Output {
        self.command(KEY, arguments).output().unwrap()
    }

    /// Runs a command that must succeed; returns its JSON.
    pub(super) fn does(&self, arguments: &[&str]) -> Value {
        let output = self.lisa(&[arguments, &["--output", "json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that is refused: its exit code is that of what a person has to act on, and it says this.
    fn is_refused(&self, token: &str, arguments: &[&str], words: &[&str]) {
        let output = self.command(token, arguments).output().unwrap();
        let told = in_a_line(&output);
        assert_eq!(output.status.code(), Some(6), "{arguments:?}: {told}");
        for word in words {
            assert!(told.contains(word), "{arguments:?} does not say {word:?}: {told}");
        }
    }
}

#[test]
fn a_model_lives_by_a_url_and_a_token() {
    let place = Place::set();
    let api = Api::start(&place);
    let caller = Caller::of(&api);
    fs::write(caller.directory.path().join("model.json"), request("mistral").to_string()).unwrap();
    let add = ["model", "add", "-f", "model.json"];
    for arguments in [&add[..], &["model", "list"], &["model", "delete", "mistral", "--yes"]] {
        caller.is_refused("not-the-key", arguments, &["status 401", "`LISA_TOKEN`"]);
    }
    assert_eq!(caller.does(&["model", "list"]), json!({ "models": [] }), "a refusal leaves nothing");

    let added = caller.lisa(&[&add[..], &["--wait"]].concat());
    let told = String::from_utf8_lossy(&added.stderr).into_owned();
    assert!(added.status.success() && told.contains("mistral is Creating"), "{}{}", said(&added), api.log());
    assert!(told.contains("mistral is InService") && !told.contains("warning"), "{told}");
    caller.is_refused(KEY, &add, &["status 400", "already exists"]);

    let listed = caller.does(&["model", "list"]);
    let (models, got) = (listed["models"].as_array().unwrap(), caller.does(&["model", "get", "mistral"]));
    assert_eq!((models.len(), &models[0]), (1, &got));
    assert_eq!(got["status"], "InService");
    caller.is_refused(KEY, &["model", "get", "nobody"], &["status 404", "`lisa model list`"]);

    let scaled = caller.does(&["model", "update", "mistral", "--max", "2", "--wait"]);
    assert_eq!(
        (&scaled["autoScalingConfig"]["maxCapacity"], &scaled["status"]),
        (&json!(2), &json!("InService"))
    );
    assert_eq!(caller.does(&["model", "stop", "mistral", "--wait"])["status"], "Stopped");
    assert_eq!(caller.does(&["model", "start", "mistral", "--wait"])["status"], "InService");
    let deleted = caller.does(&["model", "delete", "mistral", "--yes", "--wait"]);
    assert_eq!(deleted, json!({ "modelId": "mistral", "deleted": true }));
    assert_eq!(caller.does(&["model", "list"]), json!({ "models": [] }));
    assert!(!place.emulator.stacks("us-east-1").unwrap().contains(&"demo-mistral".to_owned()));

    let mut lacking = request("lacking");
    lacking["modelName"] = json!("no/weights");
    fs::write(caller.directory.path().join("model.json"), lacking.to_string()).unwrap();
    caller.is_refused(
        KEY,
        &[&add[..], &["--wait"]].concat(),
        &["`lacking` failed", "has nothing under `no/weights/`"],
    );
}

#[test]
fn a_url_that_leads_nowhere_is_told() {
    let directory = TempDir::new().unwrap();
    let lisa = |url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lisa"));
        command
            .args(["model", "list", "--url", url, "--token", "any"])
            .current_dir(directory.path())
            .env_clear();
        command.output().unwrap()
    };
    let nobody = format!("http://{}", super::super::process::free_address());
    let output = lisa(&nobody);
    assert!(
        output.status.code() == Some(6) && in_a_line(&output).contains("does not answer"),
        "{}",
        said(&output)
    );
    let output = lisa("api.example.com/prod");
    assert!(output.status.code() == Some(2) && in_a_line(&output).contains("is no URL"), "{}", said(&output));
}
