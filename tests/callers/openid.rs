//! A certified OpenID provider: people sign in with a code and PKCE, programs with their own credentials, and keys change
//! while they do.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use lisa_api::settings::AuthSettings;
use lisa_auth::sources::{Clock, Documents, Unavailable};
use lisa_auth::{Authenticator, Policy, Refusal};
use lisa_signed::Wire;
use lisa_testkit::{Tool, repository};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use super::{bearer, closed};

/// A provider that runs.
struct Provider {
    process: Child,
    issuer: String,
}

impl Provider {
    fn start() -> Result<Self> {
        let mut command = Tool::Node.command()?;
        command.arg(repository::path("xtask/tools/openid/provider.mjs"));
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut port = String::new();
        BufReader::new(process.stdout.take().context("its output")?).read_line(&mut port)?;
        let issuer = format!("http://127.0.0.1:{}", port.trim());
        ensure!(port.trim().parse::<u16>().is_ok(), "the provider did not start: {port:?}");
        Ok(Self { process, issuer })
    }

    /// The tokens of a person who signs in.
    fn sign_in(&self, person: &str) -> Result<Value> {
        let mut command = Tool::Node.command()?;
        let output = command
            .arg(repository::path("xtask/tools/openid/sign-in.mjs"))
            .args([&self.issuer, person])
            .output()?;
        let told = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).with_context(|| format!("tokens, and not {told}"))
    }

    /// Posts a form to it, and returns the body of its answer.
    async fn post(&self, path: &str, form: &str) -> Result<String> {
        let host = self.issuer.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await?;
        let length = form.len();
        let request = format!(
            "POST {path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{form}"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (_, body) = answer.split_once("\r\n\r\n").context("an answer")?;
        Ok(body.to_owned())
    }

    /// A token of a program.
    async fn machine_token(&self) -> Result<String> {
        let form = "grant_type=client_credentials&scope=lisa&client_id=machine&client_secret=machine-secret";
        let answer: Value = serde_json::from_str(&self.post("/token", form).await?)?;
        Ok(answer["access_token"].as_str().with_context(|| format!("a token, and not {answer}"))?.to_owned())
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The time of day, moved forward as a test says.
#[derive(Default)]
struct Moved(AtomicU64);

impl Clock for Moved {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// Documents over HTTP, counted.
struct Counted {
    wire: Wire,
    count: AtomicUsize,
}

#[async_trait]
impl Documents for Counted {
    async fn get(&self, url: &str) -> Result<String, Unavailable> {
        self.count.fetch_add(1, Ordering::SeqCst);
        let answer = self.wire.get(url).await.map_err(Unavailable)?;
        Ok(String::from_utf8_lossy(answer.body()).into_owned())
    }
}

fn settings(issuer: &str, client: &str) -> AuthSettings {
    AuthSettings {
        authority: Some(issuer.to_owned()),
        client_id: Some(client.to_owned()),
        user_group: Some("users".to_owned()),
        groups_property: Some("groups".to_owned()),
        ..closed()
    }
}

struct Stage {
    provider: Provider,
    documents: Arc<Counted>,
    clock: Arc<Moved>,
    runtime: Runtime,
}

impl Stage {
    fn new() -> Result<Self> {
        let documents = Arc::new(Counted { wire: Wire::new(None)?, count: AtomicUsize::new(0) });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok(Self { provider: Provider::start()?, documents, clock: Arc::default(), runtime })
    }

    fn authenticator(&self, client: &str) -> Result<Authenticator> {
        let policy = Policy::new(&settings(&self.provider.issuer, client))?;
        let clock = Arc::<Moved>::clone(&self.clock);
        Ok(Authenticator::new(policy, clock).with_provider(Arc::<Counted>::clone(&self.documents)))
    }
}

#[test]
fn people_sign_in_with_a_code_and_pkce() -> Result<()> {
    let stage = Stage::new()?;
    let authenticator = stage.authenticator("lisa")?;
    let ask = |token: &str| stage.runtime.block_on(authenticator.authenticate(bearer(token)));
    for (person, is_admin) in [("ada", false), ("root", true)] {
        let tokens = stage.provider.sign_in(person)?;
        for kind in ["id_token", "access_token"] {
            let token = tokens[kind].as_str().with_context(|| format!("{kind} in {tokens}"))?;
            let caller = ask(token).with_context(|| format!("the {kind} of {person}"))?;
            ensure!(caller.subject == person && caller.is_admin == is_admin, "{kind}: {caller:?}");
        }
    }
    let count = stage.documents.count.load(Ordering::SeqCst);
    ensure!(count == 2, "the discovery document and the keys, once: {count}");
    let tokens = stage.provider.sign_in("ada")?;
    let other = stage.authenticator("another-client")?;
    let token = tokens["id_token"].as_str().context("an ID token")?;
    let refused = stage.runtime.block_on(other.authenticate(bearer(token)));
    ensure!(matches!(refused, Err(Refusal::Invalid(_))), "issued for another client: {refused:?}");
    Ok(())
}

/// A program's token, whose `client_id` is the program and whose `aud` the deployment.
#[test]
fn programs_sign_in_with_their_own_credentials() -> Result<()> {
    let stage = Stage::new()?;
    let authenticator = stage.authenticator("lisa")?;
    stage.runtime.block_on(async {
        let token = stage.provider.machine_token().await?;
        let caller = authenticator.authenticate(bearer(&token)).await.context("the program")?;
        ensure!(caller.subject == "machine" && !caller.is_admin, "{caller:?}");
        Ok(())
    })
}

#[test]
fn keys_change_under_load_and_no_good_caller_is_refused() -> Result<()> {
    let stage = Stage::new()?;
    let authenticator = stage.authenticator("lisa")?;
    let (done, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let load = async {
        let old = stage.provider.machine_token().await?;
        while !done.load(Ordering::SeqCst) {
            for token in [old.clone(), stage.provider.machine_token().await?] {
                authenticator.authenticate(bearer(&token)).await.context("a good token was refused")?;
                asked.fetch_add(1, Ordering::SeqCst);
            }
        }
        anyhow::Ok(())
    };
    let rotations = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(400)).await;
            // Providers change keys in weeks; the pause between two looks at them has passed by then.
            stage.clock.0.fetch_add(31, Ordering::SeqCst);
            stage.provider.post("/test/rotate", "").await?;
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
        done.store(true, Ordering::SeqCst);
        anyhow::Ok(())
    };
    stage.runtime.block_on(async { tokio::try_join!(load, rotations) })?;
    ensure!(asked.load(Ordering::SeqCst) > 20, "there was a load");
    // A key that the provider takes back ends when the keys are looked at again.
    let token = stage.runtime.block_on(stage.provider.machine_token())?;
    stage.runtime.block_on(async {
        stage.provider.post("/test/rotate", "").await?;
        stage.provider.post("/test/forget", "").await
    })?;
    stage.clock.0.fetch_add(3601, Ordering::SeqCst);
    let late = stage.runtime.block_on(authenticator.authenticate(bearer(&token)));
    ensure!(late.is_err(), "{late:?}");
    Ok(())
}
