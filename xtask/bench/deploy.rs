//! A deployment that has nothing to do: the full example on the AWS emulator, deployed once and then again, and again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use lisa_testkit::{Emulator, Proxy};
use tempfile::TempDir;

use super::{Bench, Row};

/// Upstream's example in full, with its blanks filled in.
const EXAMPLE: &str = "tests/configs/valid/upstream-example-filled.yaml";

/// Nobody outside its network reaches the deployment, so that nothing is waited for but AWS.
const PRIVATE: [(&str, &str); 2] = [
    ("internetFacing: true", "internetFacing: false"),
    ("  deployRag: true", "  privateEndpoints: true\n  deployRag: true"),
];

const ACCOUNT: &str = "012345678901";

const SERVICES: [&str; 6] =
    ["lisa-authorizer", "lisa-chat", "lisa-models", "lisa-rag", "lisa-serve", "lisa-weights"];

/// Bytes of a program that stands for a service's: as many as a released one has, for all of them are hashed.
const PROGRAM: usize = 10 << 20;

/// Bytes of a page.
const PAGE: usize = 1 << 20;

/// Measures with a release build of `lisa`.
pub(super) fn measure(bench: &Bench<'_>) -> Result<Row> {
    let emulator = Emulator::start_in(ACCOUNT)?;
    let proxy = Proxy::start(&emulator)?;
    let directory = TempDir::with_prefix("lisa-bench-")?;
    let config = prepare(&bench.workspace.root, directory.path())?;
    let out = directory.path().join("lisa.out");
    let [config, out] = [&config, &out].map(|path| path.to_str().context("a path is no UTF-8"));
    let arguments = ["deploy", "--yes", "--config", config?, "--out", out?];
    let (endpoint, nobody) = (PathBuf::from(proxy.url()), PathBuf::from("http://127.0.0.1:9"));
    let [services, web] = ["services", "web"].map(|name| directory.path().join(name));
    let variables: [(&str, &Path); 8] = [
        ("AWS_ACCESS_KEY_ID", Path::new(ACCOUNT)),
        ("AWS_SECRET_ACCESS_KEY", Path::new("test")),
        ("AWS_ENDPOINT_URL", &endpoint),
        ("AWS_EC2_METADATA_DISABLED", Path::new("true")),
        ("HTTPS_PROXY", &nobody),
        ("NO_PROXY", Path::new("127.0.0.1")),
        ("LISA_SERVICES", &services),
        ("LISA_WEB", &web),
    ];
    let first = Command::new(bench.release.join("lisa")).args(arguments).envs(variables).output()?;
    if !first.status.success() {
        bail!("the first deployment failed:\n{}", String::from_utf8_lossy(&first.stderr));
    }
    proxy.take_passed();
    let cost = bench.median_of(&arguments, &variables)?;
    let changes =
        proxy.take_passed().into_iter().filter(|passed| passed.action == "ExecuteChangeSet").count();
    ensure!(changes == 0, "{changes} stacks were changed although nothing had");
    Ok(Row::new("lisa deploy, nothing to do", cost, 2_000.0, 0.0))
}

/// Writes the configuration, programs and a page; returns where the configuration is.
fn prepare(root: &Path, directory: &Path) -> Result<PathBuf> {
    let mut text = fs::read_to_string(root.join(EXAMPLE))?;
    for (from, to) in PRIVATE {
        ensure!(text.contains(from), "{EXAMPLE} does not say {from:?}");
        text = text.replacen(from, to, 1);
    }
    let config = directory.join("config.yaml");
    fs::write(&config, text)?;
    let web = directory.join("web");
    fs::create_dir_all(&web)?;
    fs::write(web.join("index.html"), "<!doctype html><title>LISA</title>")?;
    fs::write(web.join("index.js"), vec![b' '; PAGE])?;
    let folder = directory.join("services/x86_64");
    fs::create_dir_all(&folder)?;
    for service in SERVICES {
        let mut program = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0".to_vec();
        program.resize(PROGRAM, 0);
        fs::write(folder.join(service), program)?;
    }
    Ok(config)
}
