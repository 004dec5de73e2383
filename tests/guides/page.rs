//! A guide: its blocks, the files that it shows, and its commands.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What a fenced block is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// `bash`: commands that are run.
    Run,
    /// `sh`: commands that a reader runs.
    Told,
    /// `yaml` and `json`: a file beside the commands.
    File,
    /// Anything else.
    Shown,
}

/// A guide.
pub(super) struct Page {
    pub(super) name: String,
    text: String,
}

/// What running a page's commands came to.
pub(super) struct Ran {
    pub(super) commands: usize,
    pub(super) failures: Vec<String>,
}

impl Page {
    pub(super) fn read(path: &Path) -> Self {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        Self { name, text: fs::read_to_string(path).unwrap() }
    }

    /// The blocks in the order of the page.
    fn blocks(&self) -> Vec<(Block, &str, String)> {
        let mut blocks = Vec::new();
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            let Some(language) = line.strip_prefix("```") else { continue };
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let block = match language {
                "bash" => Block::Run,
                "sh" => Block::Told,
                "yaml" | "json" => Block::File,
                _ => Block::Shown,
            };
            blocks.push((block, language, body.join("\n") + "\n"));
        }
        blocks
    }

    /// The commands of such blocks, each on one line.
    pub(super) fn commands(&self, wanted: Block) -> Vec<String> {
        let blocks = self.blocks().into_iter().filter(|(block, ..)| *block == wanted);
        blocks.flat_map(|(.., body)| commands(&body)).collect()
    }

    /// Where the page's links lead.
    pub(super) fn links(&self) -> Vec<String> {
        let ends = self.text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        ends.map(|(link, _)| link.to_owned()).collect()
    }

    /// Runs the page in a directory of its own: each file is there when the commands after it run.
    pub(super) fn run(&self) -> Ran {
        let directory = TempDir::with_prefix("lisa-guide-").unwrap();
        let mut ran = Ran { commands: 0, failures: Vec::new() };
        for (block, language, body) in self.blocks() {
            match block {
                Block::File => {
                    let name = if language == "json" { "model.json" } else { "config.yaml" };
                    fs::write(directory.path().join(name), body).unwrap();
                }
                Block::Run => {
                    for command in commands(&body) {
                        ran.commands += 1;
                        ran.failures.extend(run(&command, directory.path()));
                    }
                }
                Block::Told | Block::Shown => {}
            }
        }
        ran
    }
}

/// The commands of a block; a line that ends in a backslash goes on.
fn commands(body: &str) -> Vec<String> {
    let joined = body.replace("\\\n", " ");
    joined.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// What a failing command said.
fn run(command: &str, directory: &Path) -> Option<String> {
    let programs = Path::new(env!("CARGO_BIN_EXE_lisa")).parent().unwrap().display().to_string();
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", command]).current_dir(directory).stdin(Stdio::null());
    shell.env_clear().env("PATH", format!("{programs}:/usr/bin:/bin"));
    let output = shell.output().unwrap();
    let said = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said).into_owned());
    (!output.status.success()).then(|| format!("`{command}` {}\n{}", output.status, said.concat()))
}
