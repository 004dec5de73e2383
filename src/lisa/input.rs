//! Where configurations come from: a file or standard input becomes a validated configuration.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;

use lisa_config::{Config, Loaded, Options, Problem, Source};
use lisa_stacks::{App, Assets, SynthErrors, bootstrap};

use crate::cli::Globals;
use crate::environment;
use crate::failure::{Failure, os_message};
use crate::printer::Printer;
use crate::report::Warnings;

/// Standard input, as an argument.
const STDIN: &str = "-";
/// A text file that is larger was not meant to be read; what is read of it is enough to say so.
const MOST: u64 = 16 * 1024 * 1024;

/// A validated configuration and the file that it comes from.
pub(crate) struct Input {
    pub(crate) source: Source,
    pub(crate) config: Config,
    pub(crate) warnings: Vec<Problem>,
}

/// Reads and validates the configuration that the flags name.
pub(crate) fn load(globals: &Globals) -> Result<Input, Failure> {
    let source = read(&globals.config, "Write one with `lisa init`, or name another one with `--config`.")?;
    let overrides = environment::overrides(globals.env.as_deref());
    let options = Options { allow_unknown: globals.allow_unknown };
    match lisa_config::load(&source, &overrides, &options) {
        Ok(Loaded { config, warnings }) => Ok(Input { source, config, warnings }),
        Err(problems) => Err(Failure::Config { source, problems }),
    }
}

/// As [`load`], and says what is doubtful.
pub(crate) fn load_and_warn(globals: &Globals, printer: &Printer) -> Result<Input, Failure> {
    let input = load(globals)?;
    if !input.warnings.is_empty() {
        printer.warnings(&Warnings { source: &input.source, problems: &input.warnings });
    }
    Ok(input)
}

impl Input {
    /// Every stack of the configuration.
    pub(crate) fn synthesize(&self) -> Result<App, Failure> {
        let app = lisa_stacks::synthesize(&self.config, &Assets::not_built());
        app.map_err(|errors| self.refused(errors))
    }

    /// As [`Self::synthesize`], with the stack that deployments share in front.
    pub(crate) fn synthesize_all(&self) -> Result<App, Failure> {
        let mut app = self.synthesize()?;
        let bootstrap = bootstrap::stack(&self.config, &BTreeSet::new());
        let bootstrap = bootstrap.map_err(|errors| self.refused(errors))?;
        app.stacks.splice(0..0, bootstrap);
        Ok(app)
    }

    /// What stands in the way of stacks.
    pub(crate) fn refused(&self, errors: SynthErrors) -> Failure {
        Failure::Synth { source: self.source.clone(), errors }
    }
}

/// The text of a file, or of standard input for `-`. `absent` says what to do where there is no such file.
pub(crate) fn read(path: &Path, absent: &str) -> Result<Source, Failure> {
    let (name, bytes) = if path == Path::new(STDIN) {
        ("standard input".to_owned(), limited(io::stdin().lock()))
    } else {
        (path.display().to_string(), std::fs::File::open(path).and_then(limited))
    };
    let bytes = bytes.map_err(|error| unreadable(path, &error, absent))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source { name, text }),
        Err(error) => Err(not_text(&name, error.as_bytes(), error.utf8_error().valid_up_to())),
    }
}

fn limited(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error, absent: &str) -> Failure {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Failure::usage(format!("there is no file `{shown}`"), absent),
        io::ErrorKind::IsADirectory => {
            Failure::usage(format!("`{shown}` is a directory"), "Name a file in it.")
        }
        _ => Failure::input(
            format!("could not read `{shown}`: {}", os_message(error)),
            "Check who may read the file and every directory above it.",
        ),
    }
}

fn not_text(name: &str, bytes: &[u8], valid: usize) -> Failure {
    let line = bytes[..valid].split(|byte| *byte == b'\n').count();
    Failure::input(
        format!("`{name}` is not UTF-8 text: line {line} has the byte 0x{:02x}", bytes[valid]),
        "Save the file in the encoding UTF-8.",
    )
}
