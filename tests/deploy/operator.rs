//! Somebody who types commands: a folder with a configuration, the services and the page as they are shipped, and the
//! emulator behind the proxy for an account.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use lisa_signed::{Signed, service};
use lisa_testkit::docker::{self, docker};
use lisa_testkit::emulator::proxy::Passed;
use lisa_testkit::{Emulator, Proxy, http, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(super) const REGION: &str = "us-east-1";

/// Every program that a deployment runs.
const SERVICES: [&str; 6] =
    ["lisa-authorizer", "lisa-chat", "lisa-models", "lisa-rag", "lisa-serve", "lisa-weights"];

pub(super) struct Operator {
    pub(super) proxy: Proxy,
    pub(super) emulator: Emulator,
    account: String,
    directory: TempDir,
    services: String,
    page: String,
    /// Goes after the emulator, which would start a task anew that has gone.
    _pulled: Pulled,
}

impl Operator {
    /// In an empty account.
    pub(super) fn new(account: &str, config: &str) -> Result<Self> {
        docker::ensure()?;
        let mut services = None;
        for service in SERVICES {
            services = programs::service(service)?.ancestors().nth(2).map(Path::to_owned);
        }
        let services = services.context("services have a folder")?.display().to_string();
        let page = programs::page()?.display().to_string();
        let emulator = Emulator::start_in(account)?;
        let proxy = Proxy::start(&emulator)?;
        let directory = TempDir::with_prefix("lisa-deploy-")?;
        let pulled = Pulled { registry: proxy.url().trim_start_matches("http://").to_owned() };
        let account = account.to_owned();
        let operator = Self { proxy, emulator, account, directory, services, page, _pulled: pulled };
        operator.writes(config)?;
        Ok(operator)
    }

    /// Writes the configuration anew.
    pub(super) fn writes(&self, config: &str) -> Result<()> {
        Ok(std::fs::write(self.directory.path().join("config.yaml"), config)?)
    }

    /// Reads what a command wrote.
    pub(super) fn reads(&self, name: &str) -> Result<String> {
        Ok(std::fs::read_to_string(self.directory.path().join(name))?)
    }

    /// Runs a command; what it asked for is in the proxy's log, and nothing else.
    pub(super) fn lisa(&self, arguments: &[&str]) -> Result<Said> {
        self.proxy.take_passed();
        let mut command = Command::new(env!("CARGO_BIN_EXE_lisa"));
        command.args(arguments).current_dir(self.directory.path()).env_clear().env("PATH", "/usr/bin:/bin");
        let url = self.proxy.url();
        command.envs([
            ("AWS_ACCESS_KEY_ID", self.account.as_str()),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("HTTP_PROXY", &url),
            ("HTTPS_PROXY", &url),
            ("NO_PROXY", "127.0.0.1"),
            ("LISA_SERVICES", &self.services),
            ("LISA_WEB", &self.page),
        ]);
        Ok(Said { output: command.output()?, passed: self.proxy.take_passed() })
    }

    /// Runs a command that must succeed.
    pub(super) fn does(&self, arguments: &[&str]) -> Result<Said> {
        let said = self.lisa(arguments)?;
        ensure!(said.output.status.success(), "{arguments:?}: {said}");
        Ok(said)
    }

    /// Takes a deployment away, after which so many stacks are left in the account. The emulator goes on telling tags of
    /// tables and services that are gone, so that these are looked for themselves.
    pub(super) fn destroys(&self, deployment: &str, left: usize) -> Result<Said> {
        let said = self
            .lisa(&["destroy", "--yes", deployment, "--empty", "--force", "--verify", "--output", "json"])?;
        ensure!(matches!(said.code(), Some(0 | 6)), "{said}");
        let arns = said.json()?["leftovers"]["left"].clone();
        let stale = |arn: &Value| {
            [":dynamodb:", ":ecs:"].iter().any(|of| arn.as_str().is_some_and(|it| it.contains(of)))
        };
        ensure!(arns.as_array().context("a proof")?.iter().all(stale), "{arns}: {said}");
        let signed = Signed::new(&self.emulator.session(&self.account, REGION)?);
        for (service, operation, listed) in
            [(&service::DYNAMODB, "ListTables", "TableNames"), (&service::ECS, "ListClusters", "clusterArns")]
        {
            let answer = self.emulator.block_on(signed.json(service, operation, &json!({})))?;
            ensure!(answer[listed].as_array().is_some_and(Vec::is_empty), "{operation}: {answer}");
        }
        let stacks = self.emulator.stacks(REGION)?;
        ensure!(stacks.len() == left, "{stacks:?}: {said}");
        Ok(said)
    }

    /// Gets a path of the deployment's REST API, whose URL is `api`, with a token.
    pub(super) fn asks(&self, api: &str, path: &str, token: Option<&str>) -> Result<(u16, String)> {
        let rest = api.strip_prefix("https://").context("an API has an address")?;
        let (id, _) = rest.split_once('.').context("and an id")?;
        let stage = rest.trim_end_matches('/').rsplit('/').next().context("and a stage")?;
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> = bearer.iter().map(|it| ("Authorization", it.as_str())).collect();
        http::get(&format!("{}/restapis/{id}/{stage}/_user_request_{path}", self.emulator.url()), &headers)
    }
}

/// What the container engine has from one registry.
struct Pulled {
    /// The registry's host and port.
    registry: String,
}

impl Drop for Pulled {
    fn drop(&mut self) {
        for (list, field, remove) in [("ps", "{{.Image}}", "rm"), ("image", "{{.Repository}}", "rmi")] {
            let format = format!("{{{{.ID}}}} {field}");
            let all = if list == "ps" { ["ps", "--all"] } else { ["image", "ls"] };
            // Whether it went is of no interest to the test that is over.
            let listed = docker(&[&all[..], &["--format", &format]].concat()).unwrap_or_default();
            for (id, image) in listed.lines().filter_map(|line| line.split_once(' ')) {
                if image.starts_with(&self.registry) {
                    let _ = docker(&[remove, "--force", id]);
                }
            }
        }
    }
}

/// What a command said, and what it asked for.
pub(super) struct Said {
    pub(super) output: Output,
    pub(super) passed: Vec<Passed>,
}

impl Said {
    pub(super) fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// Its answer as data.
    pub(super) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.output.stdout).with_context(|| self.to_string())
    }

    /// How often it asked for something.
    pub(super) fn count(&self, action: &str) -> usize {
        self.passed.iter().filter(|request| request.action == action).count()
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [out, err] = [&self.output.stdout, &self.output.stderr].map(|it| String::from_utf8_lossy(it));
        write!(f, "exit {:?}\n{out}\n{err}", self.code())
    }
}
