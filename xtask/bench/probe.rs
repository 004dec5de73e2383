//! Runs one command and asks the kernel what it took. The process that does this must have no other child.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike as _};

use super::Cost;

/// Runs the command to its end and returns its CPU time and its peak memory, its own children included.
///
/// Linux counts the memory of the process that starts the command as a floor: this program's, about 4 MB.
pub(super) fn measure(program: &str, args: &[String]) -> Result<Cost> {
    let mut command = Command::new(program);
    let output = command.args(args).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("could not start `{program}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{program} {}` failed ({}):\n{said}", args.join(" "), output.status);
    }
    let usage =
        getrusage(UsageWho::RUSAGE_CHILDREN).context("the kernel does not say what the command took")?;
    let cpu_ms = milliseconds(usage.user_time()) + milliseconds(usage.system_time());
    // The kernel counts in KiB.
    let peak_mb = f64::from(u32::try_from(usage.max_rss()).unwrap_or(u32::MAX)) * 1024.0 / 1e6;
    Ok(Cost { cpu_ms, peak_mb })
}

pub(super) fn milliseconds(time: TimeVal) -> f64 {
    f64::from(u32::try_from(time.num_microseconds()).unwrap_or(u32::MAX)) / 1e3
}
