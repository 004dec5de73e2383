//! Formats generated Rust the way the repository does, so that `cargo fmt --check` and `regen --check` agree.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Formats one source text with the repository's `rustfmt.toml`.
pub(crate) fn rustfmt(root: &Path, source: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("could not start `rustfmt`; `rustup component add rustfmt` brings it")?;
    let mut input = child.stdin.take().context("`rustfmt` has no standard input")?;
    // Written from a thread of its own: a full pipe on either side must not stop the other.
    let source = source.to_owned();
    let writer = std::thread::spawn(move || input.write_all(source.as_bytes()));
    let output = child.wait_with_output().context("`rustfmt` did not end")?;
    let written = writer.join().ok().context("the writer thread ended early")?;
    if !output.status.success() {
        bail!("`rustfmt` refused generated code:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    written.context("could not pass the source to `rustfmt`")?;
    String::from_utf8(output.stdout).context("`rustfmt` printed no UTF-8")
}
