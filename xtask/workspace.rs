//! The workspace as the tasks see it: its root, what `cargo metadata` knows, its files, and how to run a command in it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// The checked-out repository.
pub(crate) struct Workspace {
    /// Directory of the root manifest.
    pub(crate) root: PathBuf,
}

/// The part of `cargo metadata --format-version 1` that the tasks read.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    /// Every package in the dependency graph, the members among them.
    pub(crate) packages: Vec<Package>,
    /// Where builds go.
    pub(crate) target_directory: PathBuf,
    /// Ids of the members.
    workspace_members: Vec<String>,
}

/// One package of the graph.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    id: String,
    pub(crate) license: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

/// One declared dependency.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    /// The package's real name, whatever it is renamed to.
    pub(crate) name: String,
    /// `null` for a normal one, else `dev` or `build`.
    pub(crate) kind: Option<String>,
    /// Set if the dependency is a directory of this repository.
    pub(crate) path: Option<PathBuf>,
}

/// One library, binary, test or example.
#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) src_path: PathBuf,
}

impl Workspace {
    /// Finds the workspace that this program was built in.
    pub(crate) fn locate() -> Result<Self> {
        let manifest_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest_dir.parent().context("the `xtask` directory has no parent")?;
        Ok(Self { root: root.to_owned() })
    }

    /// Asks cargo for the dependency graph, without touching the network or the lock file.
    ///
    /// The graph of `cargo metadata`, like the lock file, also holds what a weak feature (`ring?/std`) of a package names
    /// though nothing turns it on; only what `cargo tree` would build somewhere is kept.
    pub(crate) fn metadata(&self) -> Result<Metadata> {
        let output = self.output("cargo", &["metadata", "--format-version", "1", "--locked"])?;
        let mut metadata: Metadata =
            serde_json::from_str(&output).context("`cargo metadata` printed something unexpected")?;
        let built = self.built()?;
        metadata.packages.retain(|package| built.contains(&format!("{} v{}", package.name, package.version)));
        Ok(metadata)
    }

    /// `name vVersion` of every package that is built on some platform.
    fn built(&self) -> Result<BTreeSet<String>> {
        let arguments = ["tree", "--workspace", "--locked", "--target", "all", "--edges", "all"];
        let format = ["--prefix", "none", "--format", "{p}"];
        let tree = self.output("cargo", &[&arguments[..], &format[..]].concat())?;
        let name = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        Ok(tree.lines().filter(|line| !line.is_empty()).map(name).collect())
    }

    /// Paths of all files that are, or could be, committed, relative to the root and sorted.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let listed = self.output("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
        let mut files: Vec<PathBuf> =
            listed.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
        files.retain(|path| self.root.join(path).is_file());
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// A command that runs in the root.
    pub(crate) fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).args(args);
        command
    }

    /// Runs a command to its end and returns what it printed.
    pub(crate) fn output(&self, program: &str, args: &[&str]) -> Result<String> {
        let mut command = self.command(program, args);
        let output = command.output().with_context(|| format!("could not start `{program}`"))?;
        if !output.status.success() {
            bail!("{}", describe_failure(&command, &output.stderr));
        }
        String::from_utf8(output.stdout).with_context(|| format!("`{program}` printed no UTF-8"))
    }
}

impl Metadata {
    /// The workspace's own packages, in the order of the graph.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// Everything from outside.
    pub(crate) fn external(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !self.workspace_members.contains(&package.id))
    }
}

/// Runs a command to its end with its output passed through; a failure names the command.
pub(crate) fn execute(command: &mut Command) -> Result<()> {
    let status =
        command.status().with_context(|| format!("could not start `{}`", command.get_program().display()))?;
    if status.success() {
        return Ok(());
    }
    bail!("`{}` failed ({status})", spell(command))
}

/// Runs a command to its end and keeps its output to itself unless it fails.
pub(crate) fn execute_quietly(command: &mut Command) -> Result<()> {
    let output =
        command.output().with_context(|| format!("could not start `{}`", command.get_program().display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    bail!("{}", describe_failure(command, &said))
}

fn describe_failure(command: &Command, said: &[u8]) -> String {
    format!("`{}` failed:\n{}", spell(command), String::from_utf8_lossy(said).trim_end())
}

/// A command as one would type it.
pub(crate) fn spell(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
