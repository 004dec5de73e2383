//! Processes under measurement: what a tree of them has taken and holds, as the kernel tells.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// A process, ended with this value.
pub(super) struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts a command that says nothing.
    pub(super) fn start(name: &str, command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().with_context(|| format!("could not start {name}"))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// Around a child that somebody else has started.
    pub(super) fn of(name: &str, child: Child) -> Self {
        Self { child, name: name.to_owned() }
    }

    /// Waits until `is_up` says so.
    pub(super) fn wait(&mut self, limit: Duration, mut is_up: impl FnMut() -> bool) -> Result<()> {
        let begun = Instant::now();
        while !is_up() {
            if self.child.try_wait()?.is_some() || begun.elapsed() > limit {
                bail!("{} does not come up", self.name);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// CPU time of the process and everything below it, in seconds: user and system.
    pub(super) fn cpu(&self) -> f64 {
        let ticks: u64 = self.tree().iter().filter_map(|pid| ticks(*pid)).sum();
        // Linux counts in hundredths of a second on every machine that this runs on.
        f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) / 100.0
    }

    /// Resident memory of the process and everything below it, in MiB.
    pub(super) fn memory(&self) -> f64 {
        let of = |pid: &u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        self.tree().iter().filter_map(of).sum::<f64>() / 1024.0
    }

    fn tree(&self) -> Vec<u32> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let pid = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
            let Some((pid, parent)) = pid.and_then(|pid| Some((pid, fields(pid)?.get(1)?.parse().ok()?)))
            else {
                continue;
            };
            children.entry(parent).or_default().push(pid);
        }
        let mut tree = vec![self.child.id()];
        let mut at = 0;
        while let Some(pid) = tree.get(at).copied() {
            tree.extend(children.get(&pid).into_iter().flatten());
            at += 1;
        }
        tree
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        for pid in self.tree().into_iter().rev() {
            // Some of them may have ended by themselves.
            let _ = Command::new("kill").arg(pid.to_string()).stderr(Stdio::null()).status();
        }
        let _ = self.child.wait();
    }
}

/// The fields of a process's line behind its name: state, parent and so on.
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// Ticks of user and system time: the 14th and 15th of the line's fields.
fn ticks(pid: u32) -> Option<u64> {
    let fields = fields(pid)?;
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}
