//! A real image registry: Debian's, on a free port of loopback, with its images in a directory that goes with it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

/// Longer than a start on a crowded machine takes.
const START_LIMIT: Duration = Duration::from_mins(1);

/// The user that ECR's login call names, too.
pub const USER: &str = "AWS";
/// The password that [`USERS`] has the hash of.
pub const PASSWORD: &str = "registry";
/// The file of users, as `htpasswd -B` writes it.
const USERS: &str = "AWS:$2b$04$Y8ZHPfKmUfjLo690Yxk2juC.uc2pKG6Lzggse5ehb0G7wGdVCAk6y\n";

/// A running registry.
#[derive(Debug)]
pub struct Registry {
    process: Child,
    address: SocketAddr,
    directory: TempDir,
}

impl Registry {
    /// Starts a registry that anybody may push to.
    pub fn start() -> Result<Self> {
        Self::launch("")
    }

    /// Starts a registry that asks for [`USER`] and [`PASSWORD`].
    pub fn with_password() -> Result<Self> {
        Self::launch("auth:\n  htpasswd:\n    realm: test\n    path: users\n")
    }

    fn launch(auth: &str) -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-registry-")?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let settings = format!(
            "version: 0.1\nlog:\n  accesslog:\n    disabled: false\nstorage:\n  filesystem:\n    rootdirectory: images\n\
             http:\n  addr: {address}\n{auth}"
        );
        fs::write(directory.path().join("settings.yml"), settings)?;
        fs::write(directory.path().join("users"), USERS)?;
        let log = File::create(directory.path().join("log"))?;
        let process = Command::new("docker-registry")
            .args(["serve", "settings.yml"])
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("could not start `docker-registry`; `cargo xtask tools` installs it, as root")?;
        let mut registry = Self { process, address, directory };
        registry.wait()?;
        Ok(registry)
    }

    fn wait(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_err() {
            let ended = self.process.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                bail!("the registry did not start ({ended:?}):\n{}", self.log()?);
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Its host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// How many blobs were uploaded to it so far, by its own log.
    pub fn uploads(&self) -> Result<usize> {
        Ok(self
            .log()?
            .lines()
            .filter(|line| line.contains("\"PUT /v2/") && line.contains("/blobs/uploads/"))
            .count())
    }

    /// How many manifests were uploaded to it so far, by its own log.
    pub fn manifests(&self) -> Result<usize> {
        Ok(self
            .log()?
            .lines()
            .filter(|line| line.contains("\"PUT /v2/") && line.contains("/manifests/"))
            .count())
    }

    fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.directory.path().join("log"))?)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
