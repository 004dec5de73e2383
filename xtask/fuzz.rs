//! `cargo xtask fuzz`: feeds the front end and the gateway what LLVM's libFuzzer makes, guided by the code that each text
//! reaches.
//!
//! The targets are the crate `tests/fuzz`. What is found is written below the build directory; a text that breaks
//! something belongs into `tests/fuzz/findings`, `tests/fuzz/serve/<target>` for the gateway or `tests/fuzz/extract` for
//! files, from where the tests read it for ever.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use serde_json::Value;

use crate::say;
use crate::workspace::{Workspace, execute};

/// Arguments of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to fuzz; everything, one after the other, if not given
    #[arg(value_enum)]
    target: Option<Target>,
    /// How long, for each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// A program of the crate `tests/fuzz`.
#[derive(Clone, Copy, ValueEnum)]
enum Target {
    /// A text as `config.yaml`
    Config,
    /// A text as the request for a model
    Model,
    /// What is printed of a text's problems
    Problems,
    /// A request's body, read by the gateway and said in other protocols
    Peek,
    /// A model's stream in one protocol as a stream in another
    Stream,
    /// A request's head
    Head,
    /// A file of any format, then its chunks
    Extract,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Model => "model",
            Self::Problems => "problems",
            Self::Peek => "peek",
            Self::Stream => "stream",
            Self::Head => "head",
            Self::Extract => "extract",
        }
    }

    /// What it is built from beside the front end.
    fn feature(self) -> Option<&'static str> {
        match self {
            Self::Config | Self::Model | Self::Problems => None,
            Self::Peek | Self::Stream | Self::Head => Some("serve"),
            Self::Extract => Some("extract"),
        }
    }

    /// Where texts to start from lie.
    fn seeds(self) -> Vec<PathBuf> {
        match self {
            Self::Peek | Self::Stream | Self::Head => vec![Path::new("tests/fuzz/serve").join(self.name())],
            Self::Extract => vec![Path::new("tests/fuzz/extract").to_owned()],
            Self::Config | Self::Model | Self::Problems => SEEDS.iter().map(PathBuf::from).collect(),
        }
    }
}

/// Texts to start from.
const SEEDS: [&str; 4] = ["tests/configs/valid", "tests/configs/invalid", "tests/fuzz/findings", "examples"];

/// What instruments a program for libFuzzer. No sanitizer of memory: the crates hold no unsafe code, and without one a
/// text takes a third of the time.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// Builds the targets, then runs them.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let host = host(workspace)?;
    let directory = workspace.metadata()?.target_directory.join("fuzz");
    fs::create_dir_all(&directory).with_context(|| format!("could not create `{}`", directory.display()))?;
    let every = Target::value_variants();
    let targets = args.target.as_ref().map_or(every, std::slice::from_ref);
    execute(&mut build(workspace, &directory, &host, targets))?;
    let dictionary = directory.join("keys.dict");
    fs::write(&dictionary, words(&workspace.root)?)
        .with_context(|| format!("could not write `{}`", dictionary.display()))?;
    for target in targets {
        let program = directory.join(&host).join("release").join(target.name());
        fuzz(workspace, &directory, &program, *target, args.seconds)?;
    }
    Ok(())
}

/// The machine's own triple, for which cargo then instruments the programs but not what builds them.
fn host(workspace: &Workspace) -> Result<String> {
    let Ok(version) = workspace.output("rustup", &["run", "nightly", "rustc", "--version", "--verbose"])
    else {
        bail!(
            "fuzzing needs the nightly compiler, which is missing; \
             `rustup toolchain install nightly --profile minimal` brings it"
        );
    };
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say which machine this is")
}

fn build(workspace: &Workspace, directory: &Path, host: &str, targets: &[Target]) -> Command {
    let manifest = "tests/fuzz/Cargo.toml";
    let args = ["run", "nightly", "cargo", "build", "--release", "--locked", "--manifest-path", manifest];
    let mut command = workspace.command("rustup", &args);
    command.args(["--target", host, "--target-dir"]).arg(directory);
    command.args(targets.iter().filter_map(|target| target.feature()).flat_map(|name| ["--features", name]));
    command.args(targets.iter().flat_map(|target| ["--bin", target.name()]));
    command.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    // The toolchain of the outer cargo must not be the inner one's.
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
    command
}

fn fuzz(workspace: &Workspace, directory: &Path, program: &Path, target: Target, seconds: u32) -> Result<()> {
    let name = target.name();
    let [corpus, artifacts] = ["corpus", "artifacts"].map(|kind| directory.join(kind).join(name));
    for path in [&corpus, &artifacts] {
        fs::create_dir_all(path).with_context(|| format!("could not create `{}`", path.display()))?;
    }
    say::line(format_args!("fuzz: {name}, {seconds} s; what breaks it goes to {}", artifacts.display()));
    let mut command = Command::new(program);
    command
        .current_dir(&workspace.root)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-dict={}", directory.join("keys.dict").display()))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        // A second is what every text is promised; the machine's other work is given one more.
        .args(["-timeout=2", "-report_slow_units=1", "-print_final_stats=1"])
        .arg(&corpus)
        .args(target.seeds().into_iter().filter(|seeds| workspace.root.join(seeds).is_dir()));
    execute(&mut command)
}

/// Keys and words of the configuration as a dictionary of libFuzzer's, with the marks that YAML is made of.
fn words(root: &Path) -> Result<String> {
    let path = root.join("schemas/config.schema.json");
    let text = fs::read_to_string(&path).with_context(|| format!("could not read `{}`", path.display()))?;
    let schema: Value = serde_json::from_str(&text).context("the schema is no JSON")?;
    let mut words = BTreeSet::new();
    collect(&schema, &mut words);
    let marks =
        ["---", "<<: *", "&a ", "*a", "!!str ", "|\\x0a", ">-\\x0a", "? ", "\\xef\\xbb\\xbf", "\\x09"];
    words.extend(marks.map(str::to_owned));
    words.iter().try_fold(String::new(), |mut all, word| {
        writeln!(all, "\"{word}\"")?;
        Ok(all)
    })
}

fn collect(schema: &Value, words: &mut BTreeSet<String>) {
    let quotable = |word: &&str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    match schema {
        Value::Object(entries) => {
            if let Some(Value::Object(properties)) = entries.get("properties") {
                words.extend(properties.keys().map(|key| format!("{key}: ")));
            }
            for (key, value) in entries {
                if let ("const" | "enum", Value::String(_) | Value::Array(_)) = (key.as_str(), value) {
                    let one = std::slice::from_ref(value);
                    let values = value.as_array().map_or(one, Vec::as_slice).iter();
                    words.extend(values.filter_map(Value::as_str).filter(quotable).map(str::to_owned));
                }
                collect(value, words);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        _ => {}
    }
}
