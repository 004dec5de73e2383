//! Programs that the machine itself must have: found, or installed with apt where that is allowed, or asked for.

use std::process::Command;

use anyhow::{Result, bail};

use crate::say;
use crate::workspace::execute_quietly;

/// Makes sure that a probe command succeeds, by installing Debian packages if it does not.
pub(super) fn require(what: &str, probe: &[&str], packages: &[&str]) -> Result<()> {
    if succeeds(probe) {
        return Ok(());
    }
    if !(succeeds(&["apt-get", "--version"]) && is_root()) {
        bail!(
            "{what} is missing; install it (on Debian: `apt-get install {}`) and run this again",
            packages.join(" ")
        );
    }
    say::line(format_args!("tools: installing {} with apt-get", packages.join(" ")));
    execute_quietly(Command::new("apt-get").args(["update", "-q"]))?;
    execute_quietly(
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            // At this level a package starts no service of its own.
            .env("RUNLEVEL", "1")
            .args(["install", "-q", "-y", "--no-install-recommends"])
            .args(packages),
    )?;
    if succeeds(probe) {
        return Ok(());
    }
    bail!("{what} does not work after installing {}: `{}` fails", packages.join(" "), probe.join(" "))
}

fn succeeds(words: &[&str]) -> bool {
    let [program, args @ ..] = words else { return false };
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
