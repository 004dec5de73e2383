//! `cargo xtask bench weights`: a folder of weights from a server on loopback by `lisa-weights` and by the AWS CLI, in turns;
//! and PyTorch's files as safetensors beside a plain copy of the same bytes.
//!
//! Times of two programs in turns on one machine: what counts is their ratio.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use lisa_checkpoint::torch::{Weights, convert};
use lisa_testkit::s3::{Content, Server};
use tempfile::TempDir;

use super::Cost;
use crate::{say, tools};

const MIB: usize = 1 << 20;

/// Files of weights, each of so many bytes.
const FILES: (usize, usize) = (4, 256 * MIB);

/// Files of PyTorch's: tensors, each of so many bytes.
const TENSORS: (usize, usize) = (32, 32 * MIB);

/// `lisa-weights` takes at most this part of the CLI's time, in percent.
const OF_THE_CLI: f64 = 50.0;

/// In MB, whatever the size.
const MEMORY: f64 = 128.0;

/// A conversion takes at most this part of a copy's time, in percent.
const OF_A_COPY: f64 = 120.0;

/// Measures and prints; false where a budget is exceeded.
pub(super) fn measure(release: &Path, runs: usize) -> Result<bool> {
    let fetched = fetch(release, runs)?;
    let converted = conversion(runs)?;
    Ok(fetched && converted)
}

/// The same folder by both programs, in turns.
fn fetch(release: &Path, runs: usize) -> Result<bool> {
    let server = Server::start()?;
    {
        let mut shop = server.shop();
        shop.is_strict = false;
        shop.put("org/model/config.json", Content::Bytes(Arc::new(b"{}".to_vec())));
        for number in 1..=FILES.0 {
            let bytes: Vec<u8> = (0_u8..=250).cycle().skip(number).take(FILES.1).collect();
            let name = format!("org/model/model-{number:05}-of-{:05}.safetensors", FILES.0);
            shop.put(&name, Content::Bytes(Arc::new(bytes)));
        }
    }
    let url = format!("http://{}", server.address);
    let cli = tools::directory()?.join("awscli/bin/aws");
    let (mut ours, mut theirs, mut peak) = (Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..runs {
        let directory = TempDir::with_prefix("lisa-bench-")?;
        let start = Instant::now();
        let mut program = with_credentials(Command::new(release.join("xtask")), &url);
        program.args(["bench", "--probe"]).arg(release.join("lisa-weights"));
        program.env("LOCAL_MODEL_PATH", directory.path()).env("LOG_LEVEL", "INFO");
        program.env("MODEL_NAME", "org/model").env("S3_BUCKET_MODELS", "weights");
        let cost: Cost =
            serde_json::from_slice(&ran(&mut program)?).context("the probe is not understood")?;
        ours.push(start.elapsed().as_secs_f64());
        peak = peak.max(cost.peak_mb);
        complete(directory.path())?;
        let directory = TempDir::with_prefix("lisa-bench-")?;
        let start = Instant::now();
        let mut program = with_credentials(Command::new(&cli), &url);
        program.args(["s3", "cp", "--recursive", "--only-show-errors", "s3://weights/org/model/"]);
        ran(program.arg(directory.path()))?;
        theirs.push(start.elapsed().as_secs_f64());
        complete(directory.path())?;
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let share = ours / theirs * 100.0;
    let bytes = FILES.0 * FILES.1 / MIB;
    say::line(format_args!("{bytes} MiB in {} files, median of {runs}", FILES.0));
    say::line(format_args!(
        "  lisa-weights                {ours:>8.2} s   peak {peak:.1} MB (budget {MEMORY} MB)"
    ));
    say::line(format_args!(
        "  aws s3 cp --recursive       {theirs:>8.2} s   ours takes {share:.0} % (budget {OF_THE_CLI} %)"
    ));
    Ok(share <= OF_THE_CLI && peak <= MEMORY)
}

fn with_credentials(mut command: Command, url: &str) -> Command {
    command.env_clear().env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "test");
    command
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1");
    command.env("PATH", "/usr/bin:/bin");
    command
}

/// That every byte is there.
fn complete(directory: &Path) -> Result<()> {
    for number in 1..=FILES.0 {
        let path = directory.join(format!("model-{number:05}-of-{:05}.safetensors", FILES.0));
        let there = fs::read(&path)?;
        let last = u8::try_from((number + FILES.1 - 1) % 251)?;
        if there.len() != FILES.1 || there.last() != Some(&last) {
            bail!("`{}` is not whole", path.display());
        }
    }
    Ok(())
}

fn ran(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().context("a program does not start")?;
    if !output.status.success() {
        bail!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

/// A conversion and a copy of the same file, in turns, both written through to the disk.
fn conversion(runs: usize) -> Result<bool> {
    let directory = TempDir::with_prefix("lisa-bench-")?;
    let from = directory.path().join("pytorch_model.bin");
    torch_file(&from)?;
    let (mut copies, mut conversions) = (Vec::new(), Vec::new());
    let to = directory.path().join("model.safetensors");
    for _ in 0..runs {
        copies.push(timed(&to, || {
            let mut out = File::create(&to)?;
            std::io::copy(&mut File::open(&from)?, &mut out)?;
            Ok(out.sync_all()?)
        })?);
        conversions.push(timed(&to, || Ok(convert(&Weights::open(&from)?, &to, &mut |_| ())?))?);
    }
    let (copy, conversion) = (median(copies), median(conversions));
    let share = conversion / copy * 100.0;
    say::line(format_args!("{} MiB of PyTorch's, median of {runs}", TENSORS.0 * TENSORS.1 / MIB));
    say::line(format_args!("  a plain copy                {copy:>8.2} s"));
    say::line(format_args!(
        "  as safetensors              {conversion:>8.2} s   {share:.0} % of a copy (budget {OF_A_COPY} %)"
    ));
    Ok(share <= OF_A_COPY)
}

/// Seconds until a file is written. It is closed and removed then: its pages are free again for the next one.
fn timed(to: &Path, write: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    write()?;
    let seconds = start.elapsed().as_secs_f64();
    fs::remove_file(to)?;
    Ok(seconds)
}

/// A dictionary of tensors in PyTorch's form before the archive: magic number, version, machine, tensors, keys, bytes.
fn torch_file(path: &Path) -> Result<()> {
    let numbers = u32::try_from(TENSORS.1 / 4)?.to_le_bytes();
    let text = |text: String| {
        [b"X", &(u32::try_from(text.len()).unwrap_or(0)).to_le_bytes()[..], text.as_bytes()].concat()
    };
    let mut pickle =
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e\x80\x02M\xe9\x03.\x80\x02}.\x80\x02}"
            .to_vec();
    let mut keys = b"\x80\x02](".to_vec();
    for tensor in 0..TENSORS.0 {
        let key = text(tensor.to_string());
        pickle.extend(
            [text(format!("layer.{tensor}.weight")), b"ctorch._utils\n_rebuild_tensor_v2\n((".to_vec()]
                .concat(),
        );
        pickle.extend([text("storage".to_owned()), b"ctorch\nFloatStorage\n".to_vec(), key.clone()].concat());
        pickle.extend(
            [&text("cpu".to_owned())[..], b"J", &numbers, b"NtQK\0(J", &numbers, b"t(K\x01t"].concat(),
        );
        pickle.extend(b"\x89ccollections\nOrderedDict\n)RtRs");
        keys.extend(key);
    }
    pickle.push(b'.');
    keys.extend(b"e.");
    let mut out = File::create(path)?;
    out.write_all(&[pickle, keys].concat())?;
    for tensor in 0..TENSORS.0 {
        out.write_all(&(TENSORS.1 as u64 / 4).to_le_bytes())?;
        out.write_all(&vec![u8::try_from(tensor)?; TENSORS.1])?;
    }
    out.sync_all()?;
    Ok(())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
