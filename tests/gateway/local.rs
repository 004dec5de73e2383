//! `lisa-serve --local` as somebody starts it who has read nothing but the README.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use lisa_testkit::programs;
use serde_json::Value;
use tempfile::TempDir;

/// Longer than a start on a crowded machine takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A gateway that runs, and what it printed.
pub(super) struct Gateway {
    process: Child,
    /// `127.0.0.1:41234`.
    pub(super) address: String,
    /// The key that it showed; empty where it showed none.
    pub(super) key: String,
    /// Everything that it said.
    greeting: String,
    pub(super) directory: TempDir,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("no JSON: {self:?}"))
    }
}

impl Gateway {
    pub(super) fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-gateway-")?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.to_string();
        let log = std::fs::File::create(directory.path().join("log"))?;
        let mut command = Command::new(programs::service("lisa-serve")?);
        command
            .args(["--local", "--listen", &address])
            .args(arguments)
            .env_clear()
            .envs(variables.iter().copied());
        command.env("PATH", "/usr/bin:/bin").env("HOME", directory.path());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut process = command.spawn().context("lisa-serve")?;
        let begun = Instant::now();
        let greeting = loop {
            let said = std::fs::read_to_string(directory.path().join("log"))?;
            if said.contains("curl ") {
                break said;
            }
            if process.try_wait()?.is_some() || begun.elapsed() > PATIENCE {
                bail!("the gateway does not start: {said}");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let key = greeting.split_whitespace().find(|word| word.starts_with("sk-lisa-"));
        let key = key.unwrap_or_default().trim_end_matches('\'').to_owned();
        Ok(Self { process, address, key, greeting, directory })
    }

    /// A process that serves there already, or soon, and writes to `log` in the directory.
    pub(super) fn of(process: Child, address: String, key: &str, directory: TempDir) -> Self {
        Self { process, address, key: key.to_owned(), greeting: String::new(), directory }
    }

    /// The base URL of clients.
    pub(super) fn url(&self) -> String {
        format!("http://{}/v2/serve", self.address)
    }

    /// Posts a body in JSON as the key's holder.
    pub(super) fn post(&self, route: &str, body: &Value) -> Result<Answer> {
        let body = body.to_string();
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_mins(2)))?;
        let (host, key, length) = (&self.address, &self.key, body.len());
        write!(
            stream,
            "POST /v2/serve/{route} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nContent-Type: \
             application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer")?;
        let status = head.split(' ').nth(1).context("a status")?.parse()?;
        Ok(Answer { status, body: body.to_owned() })
    }

    /// What it has said so far.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let pid = self.process.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The line that it prints is one that a shell runs.
#[test]
fn the_line_that_it_prints_works_as_it_stands() -> Result<()> {
    let gateway = Gateway::start(&[], &[])?;
    let line = gateway.greeting.split("curl ").nth(1).context("a line")?;
    let line = line.split("\n\n").next().unwrap_or(line);
    let output = Command::new("sh").args(["-c", &format!("curl -sS --fail {line}")]).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success() && said.contains("fixture"), "{line}: {said}");
    Ok(())
}

#[test]
fn a_key_lasts_with_a_folder_and_is_shown_once() -> Result<()> {
    let folder = TempDir::with_prefix("lisa-data-")?;
    let data = folder.path().to_str().context("a path")?;
    let first = Gateway::start(&["--data", data], &[])?;
    let key = first.key.clone();
    drop(first);
    let kept = std::fs::read_to_string(folder.path().join("tokens.json"))?;
    ensure!(!kept.contains(&key[8..]), "the folder has no key");
    let mut again = Gateway::start(&["--data", data], &[])?;
    ensure!(again.key.is_empty(), "it showed a key again: {}", again.greeting);
    again.key = key;
    let body =
        serde_json::json!({ "model": "fixture-chat", "messages": [{ "role": "user", "content": "Hi" }] });
    let answer = again.post("chat/completions", &body)?;
    ensure!(answer.status == 200, "{answer:?}");
    Ok(())
}
