//! The AWS emulator (ministack): a process of the test's own on a free port, ended with the value that stands for it.
//!
//! It is lenient: it accepts templates that AWS refuses. What it proves is that parameters, references between stacks
//! and the order of deployment fit together, through the SDK's real requests.

mod deploy;
pub mod proxy;
mod tables;
pub mod unknown;
pub mod view;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::config::{BehaviorVersion, Region};
use aws_smithy_http_client::Builder;
use lisa_signed::{Session, Wire};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub use self::deploy::Outcome;
pub use self::proxy::Proxy;
pub use self::tables::create_table;
use crate::tool::Tool;

/// Longer than a start on a crowded machine takes.
const START_LIMIT: Duration = Duration::from_mins(2);

/// Who asks. The emulator wants a name and no proof of it.
const KEY: &str = "Authorization: AWS4-HMAC-SHA256 \
    Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/// Names the account of requests that are not signed.
const ACCOUNT: &str = "MINISTACK_ACCOUNT_ID";

/// Holds templates that are too large for a request.
const BUCKET: &str = "templates";

/// A running emulator.
#[derive(Debug)]
pub struct Emulator {
    process: Child,
    address: SocketAddr,
    directory: TempDir,
    runtime: Runtime,
}

impl Emulator {
    /// Starts an emulator and waits until it answers.
    pub fn start() -> Result<Self> {
        Self::start_as(Tool::Ministack, &[])
    }

    /// One whose user pools sign their tokens, as Cognito's do.
    pub fn start_signing() -> Result<Self> {
        Self::start_as(Tool::MinistackSigning, &[])
    }

    /// One for whose registry, and for every other request that is not signed, there is one account.
    pub fn start_in(account: &str) -> Result<Self> {
        Self::start_as(Tool::Ministack, &[(ACCOUNT, account)])
    }

    /// As [`start_in`](Self::start_in), and it refuses what a caller's policies do not allow. Whoever has the account's
    /// number for an access key is its root, whom nothing is refused; functions run as their roles.
    pub fn start_enforcing(account: &str) -> Result<Self> {
        Self::start_as(Tool::Ministack, &[(ACCOUNT, account), ("AUTH", "true")])
    }

    fn start_as(tool: Tool, variables: &[(&str, &str)]) -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-emulator-")?;
        let address = free_address()?;
        let log = File::create(directory.path().join("log"))?;
        let process = tool
            .command()?
            .current_dir(directory.path())
            .env("GATEWAY_PORT", address.port().to_string())
            .env("BIND_HOST", address.ip().to_string())
            // Listeners on fixed ports, which would clash with a second emulator.
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .envs(variables.iter().copied())
            .stdout(log.try_clone()?)
            .stderr(Stdio::from(log))
            .spawn()
            .context("could not start the emulator")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let mut emulator = Self { process, address, directory, runtime };
        emulator.wait_until_healthy()?;
        Ok(emulator)
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A session on the emulator. It takes an access key of twelve digits for the number of an account.
    pub fn session(&self, account: &str, region: &str) -> Result<Session> {
        session_at(&self.url(), account, region)
    }

    /// Runs something asynchronous to its end.
    pub fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// Forgets everything that was created.
    pub fn reset(&self) -> Result<()> {
        let status = self.request("POST", "/_ministack/reset", "")?;
        if status != 200 {
            bail!("the emulator answered its reset with {status}");
        }
        Ok(())
    }

    /// A CloudFormation client for one region, with credentials that mean nothing.
    pub fn cloudformation(&self, region: &str) -> Client {
        let config = aws_sdk_cloudformation::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(region.to_owned()))
            .credentials_provider(Credentials::from_keys("test", "test", None))
            .endpoint_url(self.url())
            .http_client(Builder::new().build_http())
            .build();
        Client::from_conf(config)
    }

    fn wait_until_healthy(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if self.request("GET", "/_ministack/health", "").is_ok_and(|status| status == 200) {
                return Ok(());
            }
            let ended = self.process.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
                bail!("the emulator did not start ({ended:?}):\n{log}");
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// Stores a text in a bucket and returns its URL.
    fn store(&self, key: &str, text: &str) -> Result<String> {
        for (route, body) in [(format!("/{BUCKET}"), ""), (format!("/{BUCKET}/{key}"), text)] {
            let status = self.request("PUT", &route, body)?;
            if status != 200 {
                bail!("the emulator answered `PUT {route}` with {status}");
            }
        }
        Ok(format!("http://{}/{BUCKET}/{key}", self.address))
    }

    /// Sends a request as whom nothing is refused, and returns the status: all that is needed where no SDK is.
    fn request(&self, method: &str, route: &str, body: &str) -> Result<u16> {
        let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let (host, length) = (self.address, body.len());
        write!(stream, "{method} {route} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n")?;
        write!(stream, "{KEY}\r\nConnection: close\r\n\r\n{body}")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let head = String::from_utf8_lossy(&answer);
        let status = head.split(' ').nth(1).context("the emulator's answer has no status")?;
        status.parse().context("the emulator's answer has no status")
    }
}

/// A session on whatever answers at a URL, with this access key.
pub fn session_at(url: &str, access_key: &str, region: &str) -> Result<Session> {
    let credentials = Credentials::from_keys(access_key, "test", None);
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .retry_config(RetryConfig::disabled())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .build();
    Ok(Session::from_parts(&config, Wire::new(None)?))
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address that nothing listens on. Another process may take it before the emulator does; then its start fails.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?)
}
