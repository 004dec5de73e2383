//! `lisa cert generate`: an authority and a certificate that it has signed, as files.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use lisa_config::Config;
use serde::Serialize;

use super::{AUTHORITY, CERTIFICATE, KEY, authority};
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::printer::Printer;

const EXAMPLES: &str = "Examples:
  lisa cert generate
  lisa cert generate --name lisa.example.com --out certificates
  lisa cert upload --from certificates";

/// Make a certificate for the serve API, signed by an authority of its own
///
/// Without `--name` it is good for the load balancers of the config's region, for `restApiConfig`'s domain and for this
/// machine. Reads the config and calls nobody.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// A DNS name that it is good for; may be repeated
    #[arg(long = "name", value_name = "DNS")]
    names: Vec<String>,
    /// For how many days; browsers take no more than 397
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// Where to
    #[arg(long, value_name = "DIR", default_value = "lisa.cert")]
    out: PathBuf,
    /// Replace a key that is there
    #[arg(long)]
    force: bool,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
    names: Vec<String>,
}

impl Generate {
    pub(super) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let names = if self.names.is_empty() {
            usual(&input::load_and_warn(globals, printer)?.config)
        } else {
            self.names.clone()
        };
        let [authority, certificate, key] = [AUTHORITY, CERTIFICATE, KEY].map(|file| self.out.join(file));
        let written = Written { authority, certificate, key, names };
        if written.key.exists() && !self.force {
            let help = "Name another directory with `--out`, or replace it with `--force`.";
            return Err(Failure::usage(format!("there is a key in `{}` already", self.out.display()), help));
        }
        let identity = authority::issue(&written.names, self.days, SystemTime::now()).map_err(|error| {
            let help = "Write DNS names, such as `lisa.example.com`.";
            Failure::usage(format!("no certificate can be made: {error}"), help)
        })?;
        fs::create_dir_all(&self.out).map_err(|error| Failure::write(&self.out, error))?;
        write(&written.authority, &identity.authority, 0o644)?;
        write(&written.certificate, &identity.certificate, 0o644)?;
        write(&written.key, &identity.key, 0o600)?;
        printer.confirm(&written)?;
        Ok(Exit::Done)
    }
}

/// The names that the load balancer answers by.
fn usual(config: &Config) -> Vec<String> {
    let balancers = format!("*.{}.elb.{}", config.region, config.domain);
    let own = config.rest_api_config.load_balancer_config.domain_name.as_ref().map(ToString::to_string);
    own.into_iter().chain([balancers, "localhost".to_owned()]).collect()
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let written = || {
        // A file that is there may be readable by others.
        if path.exists() {
            fs::remove_file(path)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())
    };
    written().map_err(|error| Failure::write(path, error))
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "good for {}", self.names.join(", "))?;
        writeln!(f, "{}: for callers, such as `curl --cacert`", self.authority.display())?;
        writeln!(f, "{}, {}: for the load balancer", self.certificate.display(), self.key.display())?;
        write!(f, "next: lisa cert upload")
    }
}
