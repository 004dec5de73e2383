//! `cargo xtask regen`: the one registry of generated files. A generator is a function from the repository to file
//! contents; this module alone writes them, or compares them byte for byte.

mod cloudformation;
#[cfg(feature = "products")]
mod config;
mod iam;
mod instances;
#[cfg(feature = "products")]
mod openapi;
mod partitions;
mod rustfmt;
#[cfg(feature = "products")]
mod templates;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

pub(crate) use self::rustfmt::rustfmt;
use crate::say;
use crate::workspace::Workspace;

/// Arguments of `cargo xtask regen`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail and name every file that is stale
    #[arg(long)]
    check: bool,
    /// Run the generators of this name only
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

/// One file as it should be.
pub(crate) struct Output {
    /// Relative to the root.
    pub(crate) path: PathBuf,
    /// The whole content.
    pub(crate) bytes: Vec<u8>,
}

impl Output {
    /// A text file.
    pub(crate) fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: path.into(), bytes: text.into().into_bytes() }
    }
}

/// Something that makes files from other files, the same bytes every time.
struct Generator {
    /// What `--only` takes.
    name: &'static str,
    /// Directories that hold nothing but this generator's files: any other file there is stale.
    owns: &'static [&'static str],
    /// Makes the files; the argument is the repository's root.
    run: fn(&Path) -> Result<Vec<Output>>,
}

/// Every generator, sources first: what a later one calls may be compiled from what an earlier one wrote.
const GENERATORS: &[Generator] = &[
    Generator { name: "cloudformation", owns: &["src/cfn/aws"], run: cloudformation::generate },
    Generator { name: "iam", owns: &["src/cfn/iam/actions"], run: iam::generate },
    Generator { name: "partitions", owns: &[], run: partitions::generate },
    Generator { name: "instances", owns: &[], run: instances::generate },
    #[cfg(feature = "products")]
    Generator { name: "config", owns: &[], run: config::generate },
    #[cfg(feature = "products")]
    Generator { name: "openapi", owns: &[], run: openapi::generate },
    #[cfg(feature = "products")]
    Generator { name: "templates", owns: &["templates/cloudformation"], run: templates::generate },
];

/// Writes or checks the generated files.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    reject_unknown(&args.only)?;
    let mut stale = Vec::new();
    let mut total = 0;
    for generator in GENERATORS {
        if !args.only.is_empty() && !args.only.iter().any(|name| name == generator.name) {
            continue;
        }
        let outputs =
            (generator.run)(&workspace.root).with_context(|| format!("generator `{}`", generator.name))?;
        total += outputs.len();
        stale.extend(differences(workspace, generator, outputs)?);
    }
    let paths: Vec<String> = stale.iter().map(|change| change.path().display().to_string()).collect();
    if args.check && !stale.is_empty() {
        bail!("stale: {}\nrun `cargo xtask regen` and commit what it writes", paths.join(", "));
    }
    for change in stale {
        change.apply(&workspace.root)?;
    }
    for path in &paths {
        say::line(format_args!("wrote {path}"));
    }
    say::line(format_args!("regen: {total} files, {} stale", paths.len()));
    Ok(())
}

fn reject_unknown(names: &[String]) -> Result<()> {
    for name in names {
        if !GENERATORS.iter().any(|generator| generator.name == name) {
            let known: Vec<_> = GENERATORS.iter().map(|generator| generator.name).collect();
            bail!("no generator is called `{name}`; there are: {}", known.join(", "));
        }
    }
    Ok(())
}

/// What has to happen to one path.
enum Change {
    Write(Output),
    Remove(PathBuf),
}

impl Change {
    fn path(&self) -> &Path {
        match self {
            Self::Write(output) => &output.path,
            Self::Remove(path) => path,
        }
    }

    fn apply(&self, root: &Path) -> Result<()> {
        let path = root.join(self.path());
        match self {
            Self::Remove(_) => fs::remove_file(&path),
            Self::Write(output) => {
                let directory = path.parent().unwrap_or(root);
                fs::create_dir_all(directory).and_then(|()| fs::write(&path, &output.bytes))
            }
        }
        .with_context(|| format!("could not update `{}`", path.display()))
    }
}

fn differences(workspace: &Workspace, generator: &Generator, outputs: Vec<Output>) -> Result<Vec<Change>> {
    let expected: BTreeSet<PathBuf> = outputs.iter().map(|output| output.path.clone()).collect();
    let mut changes = Vec::new();
    for output in outputs {
        if fs::read(workspace.root.join(&output.path)).ok().as_ref() != Some(&output.bytes) {
            changes.push(Change::Write(output));
        }
    }
    if !generator.owns.is_empty() {
        for path in workspace.files()? {
            let owned = generator.owns.iter().any(|directory| path.starts_with(directory));
            if owned && !expected.contains(&path) {
                changes.push(Change::Remove(path));
            }
        }
    }
    Ok(changes)
}
