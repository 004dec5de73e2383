//! The page in a browser, on `lisa local`, in a network namespace where loopback is all there is.

use std::fs;
use std::process::Command;

use lisa_testkit::{Tool, programs};

use super::{ran, script};

/// Loopback is up, and whoever looks up a name asks the test; then the program after the first argument runs.
const OFFLINE: &str = r#"ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@""#;

/// One after another: each file starts a browser and servers of its own, and a stop within 200 ms is measured.
#[test]
fn it_works_without_a_network() {
    let local = programs::service("lisa-local").unwrap();
    let resolver = tempfile::NamedTempFile::new().unwrap();
    fs::write(resolver.path(), "nameserver 127.0.0.1\n").unwrap();
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "--mount", "sh", "-c", OFFLINE, "sh"]).arg(resolver.path());
    command.arg(Tool::Node.command().unwrap().get_program()).arg(script("vitest/vitest.mjs"));
    command.args(["run", "--config", "e2e/vitest.config.ts"]).env("LISA_LOCAL", local);
    ran(&mut command);
}
