//! `cargo xtask dist`: builds what a release consists of and lays it out as users get it.
//!
//! ```text
//! dist/lisa                         the command line, linked against the system's C library
//! dist/services/x86_64/lisa-chat    one program per service, without any dependency
//! dist/web/index.html               the web page
//! dist/SHA256SUMS                   a hash of every file, as `sha256sum --check` reads it
//! ```
//!
//! Services are static, so that an image or a Lambda package holds the program alone. Only their last compiler call
//! differs from an ordinary build; everything before it is shared. A file that has not changed is not written again.

mod sums;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::workspace::{Metadata, Workspace, execute};
use crate::{say, web};

/// The architecture that services are built for: that of the templates' functions and hosts.
const ARCHITECTURE: &str = "x86_64";

/// The service that takes the page in, in all profiles but `dev`.
const LOCAL: &str = "lisa-local";

/// Arguments of `cargo xtask dist`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// `dev` is quick, `release` fast, `dist` small as well
    #[arg(long, default_value = "dist")]
    pub(crate) profile: String,
    /// Where to, from the repository's root
    #[arg(long, default_value = "dist", value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Make this part alone: `lisa`, `web` or a service such as `lisa-chat`
    #[arg(long, value_name = "PART")]
    pub(crate) only: Vec<String>,
}

impl Args {
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }
}

/// Builds and lays out.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let metadata = workspace.metadata()?;
    let services = services(&metadata);
    if let Some(unknown) =
        args.only.iter().find(|part| !["lisa", "web"].contains(&part.as_str()) && !services.contains(part))
    {
        bail!("there is no part `{unknown}`; there are `lisa`, `web`, {}", services.join(", "));
    }
    let out = workspace.root.join(&args.out);
    let products =
        metadata.target_directory.join(if args.profile == "dev" { "debug" } else { &args.profile });
    let mut written = 0;
    for page in pages(workspace, args, &out) {
        written += web::build(workspace, &page)?;
    }
    for service in services.iter().filter(|service| args.wants(service)) {
        build_static(workspace, service, &args.profile)?;
        if service == LOCAL && args.profile != "dev" {
            holds_page(&products.join(service), &workspace.root.join(web::BUILT))?;
        }
        written += place(&products.join(service), &out.join("services").join(ARCHITECTURE).join(service))?;
    }
    if args.wants("lisa") {
        let build = [
            "build",
            "--quiet",
            "--locked",
            "--package",
            "lisa",
            "--bin",
            "lisa",
            "--profile",
            &args.profile,
        ];
        execute(&mut workspace.command("cargo", &build))?;
        written += place(&products.join("lisa"), &out.join("lisa"))?;
    }
    let sums = out.join(sums::NAME);
    if args.only.is_empty() {
        sums::write(&out)?;
    } else if sums.exists() {
        // It would vouch for parts that were not looked at.
        fs::remove_file(sums)?;
    }
    say::line(format_args!("{}: {written} files are new or changed", args.out.display()));
    Ok(())
}

/// Where the page goes, before any program is built: `lisa-local` takes it in.
fn pages(workspace: &Workspace, args: &Args, out: &Path) -> BTreeSet<PathBuf> {
    let shipped = args.wants("web").then(|| out.join("web"));
    let taken_in = args.wants(LOCAL).then(|| workspace.root.join(web::BUILT));
    shipped.into_iter().chain(taken_in).collect()
}

/// The programs that stand on the chassis of the services.
fn services(metadata: &Metadata) -> Vec<String> {
    let members = metadata.members();
    let on_chassis = members.filter(|package| {
        package
            .dependencies
            .iter()
            .any(|dependency| dependency.name == "lisa-service" && dependency.kind.is_none())
    });
    let mut names: Vec<_> = on_chassis.map(|package| package.name.clone()).collect();
    names.sort();
    names
}

/// The linker warns that `getaddrinfo` of a static program needs the C library that it was built with: that holds for
/// look-ups beyond files and DNS, which nothing in an image or a function asks for.
fn build_static(workspace: &Workspace, service: &str, profile: &str) -> Result<()> {
    let build =
        ["rustc", "--quiet", "--locked", "--package", service, "--bin", service, "--profile", profile];
    // Symbols would be the greater part of what a deployment packs and sends.
    let last_call =
        ["--", "-C", "target-feature=+crt-static", "-C", "strip=symbols", "-A", "linker-messages"];
    execute(workspace.command("cargo", &build).args(last_call))
}

/// A program that was built before there was a page and not again since would say so to its first user only.
fn holds_page(program: &Path, page: &Path) -> Result<()> {
    let [bytes, index] = [program.to_owned(), page.join("index.html")]
        .map(|path| fs::read(&path).with_context(|| format!("could not read `{}`", path.display())));
    let (bytes, index) = (bytes?, index?);
    if bytes.windows(index.len()).any(|window| window == index) {
        return Ok(());
    }
    bail!(
        "`{}` does not hold the page of `{}`; `cargo clean --package {LOCAL}` has it built again",
        program.display(),
        page.display()
    )
}

/// Copies every file of a folder; returns how many were new or changed. Files that are no longer there are removed.
pub(crate) fn place_folder(from: &Path, to: &Path) -> Result<usize> {
    let names = files_of(from)?;
    for stale in files_of(to).unwrap_or_default().iter().filter(|name| !names.contains(name)) {
        fs::remove_file(to.join(stale))?;
    }
    names.iter().map(|name| place(&from.join(name), &to.join(name))).sum()
}

/// Copies a file unless it is there already; returns whether it was new or changed. The copy takes its place at once.
fn place(from: &Path, to: &Path) -> Result<usize> {
    let bytes = fs::read(from).with_context(|| format!("could not read `{}`", from.display()))?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(0);
    }
    let folder = to.parent().context("no folder to copy to")?;
    fs::create_dir_all(folder).with_context(|| format!("could not make `{}`", folder.display()))?;
    let partial = to.with_extension(format!("partial-{}", std::process::id()));
    fs::copy(from, &partial)?;
    fs::rename(&partial, to).with_context(|| format!("could not write `{}`", to.display()))?;
    Ok(1)
}

/// Paths of all files below a folder, relative to it and sorted.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("could not list `{}`", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        if entry.file_type()?.is_dir() {
            files.extend(files_of(&entry.path())?.into_iter().map(|file| name.join(file)));
        } else {
            files.push(name);
        }
    }
    files.sort();
    Ok(files)
}
