//! A directory of its own in which the command under test runs, and what it answers.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A configuration that is valid, keeps every security rule, and has nothing but what it must.
pub(crate) const MINIMAL: &str = "\
accountNumber: \"111122223333\"
region: us-east-1
s3BucketModels: my-models
deployChat: false
deployUi: false
restApiConfig:
  internetFacing: false
  loadBalancerConfig:
    sslCertIamArn: arn:aws:iam::111122223333:server-certificate/lisa
";

/// A day on which every waiver of the tests is judged.
const NOON_OF_2027_06_01: &str = "1811851200";

/// A directory with a configuration.
pub(crate) struct Project {
    directory: TempDir,
    environment: Vec<(&'static str, String)>,
}

/// What a run of the command said and how it ended.
pub(crate) struct Conversation {
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// An empty directory.
    pub(crate) fn empty() -> Self {
        let environment = vec![("SOURCE_DATE_EPOCH", NOON_OF_2027_06_01.to_owned())];
        Self { directory: TempDir::with_prefix("lisa-cli-").unwrap(), environment }
    }

    /// A directory with this `config.yaml`.
    pub(crate) fn with(config: &str) -> Self {
        let project = Self::empty();
        project.write("config.yaml", config);
        project
    }

    /// A directory with [`MINIMAL`].
    pub(crate) fn minimal() -> Self {
        Self::with(MINIMAL)
    }

    /// Sets an environment variable for the runs that follow.
    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Every file below the directory, sorted, with `/` between the parts.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(self.directory.path(), self.directory.path(), &mut files);
        files.sort();
        files
    }

    /// The command, ready to run here with nothing inherited.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lisa"));
        command.args(arguments).current_dir(self.directory.path()).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }

    /// Runs the command with these arguments.
    pub(crate) fn lisa(&self, arguments: &[&str]) -> Conversation {
        self.conversation(&self.command(arguments).output().unwrap())
    }

    /// Runs the command with this on its standard input.
    pub(crate) fn lisa_reading(&self, arguments: &[&str], input: &str) -> Conversation {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read to the end closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        self.conversation(&child.wait_with_output().unwrap())
    }

    fn conversation(&self, output: &Output) -> Conversation {
        let directory = self.directory.path().to_str().unwrap();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            text.replace(directory, "[DIR]")
                .replace(concat!("lisa ", env!("CARGO_PKG_VERSION")), "lisa [VERSION]")
        };
        Conversation {
            exit: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

impl Conversation {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in:\n{self}"))
    }
}

impl fmt::Display for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exit {
            Some(code) => writeln!(f, "exit {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                // Spaces at line ends would not survive an editor.
                let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
                writeln!(f, "--- {name}\n{}", lines.join("\n"))?;
            }
        }
        Ok(())
    }
}
