//! A deployment on the emulator, as far as models need it: the stacks `network`, `core` and `models` with their real
//! functions, and somebody who types commands.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Output};

use lisa_config::{Config, Options, Overrides, Source};
use lisa_stacks::{Assets, Naming, hex_digest};
use lisa_testkit::docker::{self, docker};
use lisa_testkit::emulator::{Outcome, view};
use lisa_testkit::{Emulator, Proxy, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::process::send;

pub(super) const REGION: &str = "us-east-1";

/// Name of the engine's image, which is on this machine alone.
pub(super) const IMAGE: &str = "lisa-test-engine:1";

/// Name of the image of a real small model.
pub(super) const SMALL: &str = "lisa-test-small-model:1";

/// What the emulator labels its containers with: a host's name and its own port, with a colon between.
const EMULATOR: &str = "ministack.instance";

/// The stacks that models stand on.
const GROUND: [&str; 3] = ["core", "network", "models"];

/// How much of a workflow's waiting is done: two thousandths.
const PACE: &str = "0.002";

pub(super) struct Place {
    pub(super) emulator: Emulator,
    pub(super) proxy: Proxy,
    pub(super) config: Config,
    directory: TempDir,
}

impl Place {
    pub(super) fn set() -> Self {
        docker::ensure().unwrap();
        build_image();
        let emulator = Emulator::start().unwrap();
        let proxy = Proxy::start(&emulator).unwrap();
        let directory = TempDir::with_prefix("lisa-models-").unwrap();
        let text = config(directory.path().to_str().unwrap());
        fs::write(directory.path().join("config.yaml"), &text).unwrap();
        let source = Source { name: "config.yaml".to_owned(), text };
        let config = lisa_config::load(&source, &Overrides::default(), &Options::default()).unwrap().config;
        let place = Self { emulator, proxy, config, directory };
        place.faster();
        place.deploy();
        place
    }

    fn address(&self) -> SocketAddr {
        self.emulator.url().trim_start_matches("http://").parse().unwrap()
    }

    fn faster(&self) {
        let body = format!("{{\"stepfunctions._SFN_WAIT_SCALE\": {PACE}}}");
        let answer = send(self.address(), "POST", "/_ministack/config", &[], body.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// The stacks that models stand on. Functions reach AWS, and load balancers by their names, through the proxy.
    fn deploy(&self) {
        let package =
            lisa_containers::zip::package(&fs::read(programs::service("lisa-models").unwrap()).unwrap());
        let package = package.unwrap();
        let hash = hex_digest(&package);
        let assets = Assets::not_built().with("lisa-models", &hash);
        let naming = Naming::new(&self.config);
        let bucket = naming.asset_bucket();
        let key = assets.package_key("lisa-models");
        for (path, body) in [
            (format!("/{bucket}"), &b""[..]),
            (format!("/{bucket}/{key}"), &package),
            ("/weights".to_owned(), b""),
            ("/weights/mistralai/Mistral-7B-Instruct-v0.2/config.json".to_owned(), b"{}"),
        ] {
            assert!(send(self.address(), "PUT", &path, &[], body).starts_with("HTTP/1.1 200"), "{path}");
        }
        let app = lisa_stacks::synthesize(&self.config, &assets).unwrap();
        for stack in app.stacks.iter().filter(|stack| GROUND.contains(&stack.name.as_str())) {
            let name = &stack.name;
            let mut template = view::of_known(&stack.template.to_json());
            self.connect(&mut template);
            let outcome = self.emulator.deploy(REGION, &stack.deployed_name, &template, &BTreeMap::new());
            assert!(matches!(outcome, Ok(Outcome::Complete(_))), "{name}: {outcome:?}");
        }
    }

    fn connect(&self, template: &mut Value) {
        let url = self.proxy.url();
        let more = [
            ("AWS_ENDPOINT_URL", url.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("HTTP_PROXY", &url),
            ("NO_PROXY", "127.0.0.1"),
        ];
        for (_, resource) in template["Resources"].as_object_mut().unwrap() {
            if resource["Type"] == "AWS::Lambda::Function" {
                for (name, value) in more {
                    resource["Properties"]["Environment"]["Variables"][name] = json!(value);
                }
            }
        }
    }

    /// Runs a command as its user would.
    pub(super) fn lisa(&self, arguments: &[&str]) -> Output {
        let url = self.proxy.url();
        let mut command = Command::new(env!("CARGO_BIN_EXE_lisa"));
        command.args(arguments).current_dir(self.directory.path()).env_clear().env("PATH", "/usr/bin:/bin");
        command.envs([
            ("AWS_ACCESS_KEY_ID", "000000000000"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]);
        command.output().unwrap()
    }

    /// Runs a command that must succeed; returns its JSON.
    pub(super) fn does(&self, arguments: &[&str]) -> Value {
        let output = self.lisa(&[arguments, &["--output", "json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}{}", said(&output), self.log());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Writes a file for a command, next to its config.
    pub(super) fn write(&self, name: &str, value: &Value) {
        fs::write(self.directory.path().join(name), value.to_string()).unwrap();
    }

    /// Lays a model's `config.json` where its weights would be.
    pub(super) fn describe(&self, model: &str, config: &str) {
        let path = format!("/weights/{model}/config.json");
        let answer = send(self.address(), "PUT", &path, &[], config.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// The requests that failed, for who wants to know why a command did.
    pub(super) fn log(&self) -> String {
        let passed = self.proxy.take_passed();
        let failed: Vec<_> = passed.iter().filter(|one| one.status >= 400).collect();
        format!("{failed:#?}")
    }

    /// Calls AWS's JSON protocol.
    pub(super) fn call(&self, service: &lisa_signed::Service, operation: &str, body: &Value) -> Value {
        let session = self.emulator.session("test", REGION).unwrap();
        let signed = lisa_signed::Signed::new(&session);
        self.emulator.block_on(signed.json(service, operation, body)).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Containers that a failed test left: the emulator's end does not take them along. Another one's are let be.
        let own = format!(":{}", self.address().port());
        let format = format!("{{{{.ID}}}} {{{{.Label \"{EMULATOR}\"}}}}");
        let left = docker(&["ps", "--all", "--filter", &format!("label={EMULATOR}"), "--format", &format]);
        let left = left.unwrap_or_default();
        let containers = left.lines().filter_map(|line| line.split_once(' '));
        for (id, _) in containers.filter(|(_, emulator)| emulator.ends_with(&own)) {
            let _ = docker(&["rm", "--force", id]);
        }
    }
}

/// What a command said.
pub(super) fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("exit {:?}\n{out}\n{err}", output.status.code())
}

/// The same in one line, however narrow the page was.
pub(super) fn in_a_line(output: &Output) -> String {
    said(output).split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ")
}

/// The request for a model whose engine is the small one.
pub(super) fn request(id: &str) -> Value {
    let text = include_str!("../../../src/api/models/tests/create-hosted.json");
    let mut request: Value = serde_json::from_str(text).unwrap();
    request["modelId"] = json!(id);
    request["inferenceContainer"] = json!("vllm");
    request["containerConfig"]["baseImage"] = json!(IMAGE);
    request
}

fn config(folder: &str) -> String {
    format!(
        "accountNumber: '000000000000'\nregion: {REGION}\ndeploymentName: demo\ns3BucketModels: weights\n\
         deployChat: false\ndeployRag: false\ndeployUi: false\nnvmeHostMountPath: {folder}/nvme\n\
         restApiConfig: {{internetFacing: false}}\n\
         authConfig: {{authority: 'https://login.example.com', clientId: lisa, adminGroup: admins, jwtGroupsProperty: groups}}\n"
    )
}

fn build_image() {
    let program = docker::engine().unwrap();
    let folder = TempDir::new().unwrap();
    fs::copy(program, folder.path().join("engine")).unwrap();
    let dockerfile = "FROM scratch\nCOPY engine /engine\nEXPOSE 8080\nENTRYPOINT [\"/engine\"]\n";
    fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
    docker(&["build", "--quiet", "--tag", IMAGE, folder.path().to_str().unwrap()]).unwrap();
}
