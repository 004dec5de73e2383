//! The real small models as an image: the server with its libraries and its models' files, and nothing else in it. Port 8080
//! answers, whatever arguments another engine would be started with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use super::{CHAT, embedder_folder, packages, program};
use crate::docker::{self, docker};
use crate::tool;

/// Where the parts lie in the image.
const EMBEDDER: &str = "embedder";
const MODEL: &str = "chat.gguf";

/// Builds it by this name.
pub fn build(name: &str) -> Result<()> {
    let folder = TempDir::with_prefix("lisa-engine-image-")?;
    let root = folder.path().join("root");
    let program = program()?;
    put(&root, "bridge", &docker::bridge()?)?;
    put(&root, "lisa-engine", &program)?;
    put(&root, MODEL, &packages("models")?.join(CHAT))?;
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        put(&root, &format!("{EMBEDDER}/{file}"), &embedder_folder()?.join(file))?;
    }
    for library in libraries(&program)? {
        put(&root, library.trim_start_matches('/'), Path::new(&library))?;
    }
    let dockerfile = format!(
        "FROM scratch\nCOPY root /\nENV RAYON_NUM_THREADS=1\nEXPOSE 8080\n\
         ENTRYPOINT [\"/bridge\", \"/lisa-engine\", \"/{EMBEDDER}\", \"/{MODEL}\"]\n"
    );
    fs::write(folder.path().join("Dockerfile"), dockerfile)?;
    let context = folder.path().to_str().context("a path")?;
    docker(&["build", "--quiet", "--tag", name, context]).map(drop)
}

fn put(root: &Path, name: &str, from: &Path) -> Result<()> {
    let to = root.join(name);
    fs::create_dir_all(to.parent().context("a folder")?)?;
    fs::copy(from, &to).with_context(|| format!("could not copy `{}`", from.display()))?;
    Ok(())
}

/// The paths of the shared libraries that a program is loaded with, its loader among them.
fn libraries(program: &PathBuf) -> Result<Vec<String>> {
    let output = tool::run(Command::new("ldd").arg(program))?;
    ensure!(output.status.success(), "`ldd` does not know `{}`", program.display());
    let said = String::from_utf8_lossy(&output.stdout);
    let path = |line: &str| line.split_whitespace().find(|word| word.starts_with('/')).map(str::to_owned);
    Ok(said.lines().filter_map(path).collect())
}
