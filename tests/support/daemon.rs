//! Container engines of a test's own, each with its images in a directory that goes with it: Docker over TCP, plain and
//! with certificates that are made on the spot, and Podman behind a socket.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use crate::tool;

/// Longer than a start on a crowded machine takes.
const START_LIMIT: Duration = Duration::from_mins(2);

/// A running engine.
#[derive(Debug)]
pub struct Daemon {
    process: Child,
    directory: TempDir,
    host: String,
}

impl Daemon {
    /// Docker, listening on loopback without a word about who may ask.
    pub fn docker() -> Result<Self> {
        Self::dockerd(&[])
    }

    /// Docker, listening on loopback for those alone that have one of [`certificates`](Self::certificates).
    pub fn docker_with_certificates() -> Result<Self> {
        let files = ["--tlsverify", "--tlscacert=ca.pem", "--tlscert=server.pem", "--tlskey=server-key.pem"];
        Self::dockerd(&files)
    }

    fn dockerd(arguments: &[&str]) -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-docker-")?;
        if !arguments.is_empty() {
            certify(directory.path())?;
        }
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let host = format!("tcp://{address}");
        let mut command = Command::new("dockerd");
        for (argument, name) in [("--data-root", "data"), ("--exec-root", "exec"), ("--pidfile", "pid")] {
            command.arg(argument).arg(directory.path().join(name));
        }
        command.args(["--host", &host]);
        // It leaves the machine's network as it is (an engine without a bridge takes away the one of others), and no
        // other engine's images are in its way.
        command.args(["--iptables=false", "--ip6tables=false", "--storage-driver=vfs"]);
        command.args(arguments);
        // It listens long before it answers, and says when it does.
        let log = directory.path().join("log");
        let answers = move || fs::read_to_string(&log).is_ok_and(|log| log.contains("API listen on"));
        Self::launch(command, directory, host, answers)
    }

    /// Podman, serving Docker's interface on a socket.
    pub fn podman() -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-podman-")?;
        let socket = directory.path().join("podman.sock");
        let host = format!("unix://{}", socket.display());
        let mut command = Command::new("podman");
        command.args(["--root", "root", "--runroot", "run", "--storage-driver=vfs"]);
        command.args(["system", "service", "--time=0", &host]);
        Self::launch(command, directory, host, || UnixStream::connect(&socket).is_ok())
    }

    fn launch(
        mut command: Command,
        directory: TempDir,
        host: String,
        answers: impl Fn() -> bool,
    ) -> Result<Self> {
        let log = File::create(directory.path().join("log"))?;
        command.current_dir(directory.path()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let program = command.get_program().to_string_lossy().into_owned();
        let process = command.spawn();
        let process = process
            .with_context(|| format!("could not start `{program}`; `cargo xtask tools` installs it"))?;
        let mut engine = Self { process, directory, host };
        let deadline = Instant::now() + START_LIMIT;
        while !answers() {
            let ended = engine.process.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                let log = fs::read_to_string(engine.directory.path().join("log")).unwrap_or_default();
                bail!("`{program}` did not start ({ended:?}):\n{log}");
            }
            sleep(Duration::from_millis(50));
        }
        Ok(engine)
    }

    /// Where it is, for `DOCKER_HOST`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The directory of a client's `ca.pem`, `cert.pem` and `key.pem`.
    pub fn certificates(&self) -> PathBuf {
        self.directory.path().to_owned()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Asked to end, it takes its own children along; there is nobody to tell if it is gone.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// Makes an authority, and what it has signed for an engine on loopback (`server.pem`) and for one client (`cert.pem`).
pub fn certify(directory: &Path) -> Result<()> {
    let request = |arguments: &[&str]| -> Result<()> {
        let mut command = Command::new("openssl");
        command.current_dir(directory).args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"]);
        command.args(["-pkeyopt", "ec_paramgen_curve:prime256v1"]).args(arguments);
        let output = tool::run(&mut command)?;
        if !output.status.success() {
            bail!("`openssl` made no certificate:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    };
    request(&["-subj", "/CN=authority", "-keyout", "ca-key.pem", "-out", "ca.pem"])?;
    let signed = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-addext", "basicConstraints=critical,CA:FALSE"];
    let server =
        ["-subj", "/CN=engine", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "server-key.pem"];
    request(
        &[&signed[..], &server, &["-addext", "extendedKeyUsage=serverAuth", "-out", "server.pem"]].concat(),
    )?;
    let client = ["-subj", "/CN=operator", "-keyout", "key.pem"];
    request(&[&signed[..], &client, &["-addext", "extendedKeyUsage=clientAuth", "-out", "cert.pem"]].concat())
}
