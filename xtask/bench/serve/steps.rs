//! The steps of the measurement: what is asked of whom, and which figures come of it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::gateways::{self, Gateway};
use super::load::Seen;
use super::process::Process;
use super::{Args, Must, Row, Stage, body, micros};
use crate::say;

/// Callers of the closed loop, as in the league tables of gateways.
const CALLERS: usize = 64;

/// What each gateway showed in its turns, by its name.
type Turns = BTreeMap<&'static str, Vec<(Seen, f64)>>;

/// Every figure.
pub(super) fn all(stage: &mut Stage, args: &Args) -> Result<Vec<Row>> {
    let wanted = |name: &str| !args.without.iter().any(|without| without == name);
    let (mock, folder) = (stage.mock.clone(), stage.folder.clone());
    let mut rivals = vec![
        gateways::direct(&mock),
        gateways::ours(&stage.program, &mock, &folder, 200)?,
        gateways::nginx(&mock, &folder)?,
    ];
    if wanted("vllm-router") {
        rivals.push(gateways::vllm_router(&stage.tools, &mock)?);
    }
    if wanted("litellm") {
        rivals.push(gateways::litellm(&stage.tools, &mock, &folder)?);
    }
    let idle = memory(&rivals[1]);
    let mut rows = Vec::new();
    let plain = turns(stage, &rivals, CALLERS, "", false, stage.seconds)?;
    rows.extend(throughput(&plain));
    rows.extend(one_at_a_time(&turns(stage, &rivals[..3], 1, "", false, stage.seconds)?));
    rows.push(slow_model(stage, &rivals[..2])?);
    rows.extend(streams(stage, &rivals[..3])?);
    rows.extend(memory_under_streams(stage, &rivals[1], idle)?);
    rows.push(start(stage)?);
    rows.extend(disconnect(stage, &rivals[1])?);
    rows.extend(large_bodies(&rivals[1])?);
    Ok(rows)
}

/// Lets each gateway have its turn, in another order every time.
fn turns(
    stage: &Stage,
    rivals: &[Gateway],
    callers: usize,
    words: &str,
    stream: bool,
    seconds: f64,
) -> Result<Turns> {
    let mut turns = Turns::new();
    for round in 0..stage.rounds {
        for index in 0..rivals.len() {
            let gateway = &rivals[(index + round) % rivals.len()];
            let turn = stage.load(gateway, callers, seconds, words, stream)?;
            turns.entry(gateway.name).or_default().push(turn);
        }
    }
    for (name, turns) in &turns {
        let per_second = middle(turns, |(seen, _)| per_second(seen));
        let (cpu, errors) =
            (middle(turns, |turn| turn.1), turns.iter().map(|turn| turn.0.errors).sum::<u64>());
        let (p50, p99) = (middle(turns, |turn| turn.0.p50), middle(turns, |turn| turn.0.p99));
        say::line(format_args!(
            "{name:<12} {callers:>3} callers: {per_second:>9.1} answers/s, {cpu:>9.1} us CPU, p50 {p50:>9.0} us, p99 {p99:>9.0} us, {errors} errors"
        ));
    }
    Ok(turns)
}

#[expect(clippy::cast_precision_loss, reason = "answers are counted in millions at most")]
fn per_second(seen: &Seen) -> f64 {
    seen.answers as f64 / seen.seconds.max(0.001)
}

#[expect(clippy::cast_precision_loss, reason = "events are counted in millions at most")]
fn events_per_second(seen: &Seen) -> f64 {
    seen.events as f64 / seen.seconds.max(0.001)
}

fn middle<T>(items: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    let mut figures: Vec<f64> = items.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// The median of ratios within each round.
fn ratio(turns: &Turns, one: &str, other: &str, figure: impl Fn(&(Seen, f64)) -> f64) -> f64 {
    let (Some(one), Some(other)) = (turns.get(one), turns.get(other)) else { return f64::NAN };
    let ratios: Vec<f64> =
        one.iter().zip(other).map(|(one, other)| figure(one) / figure(other).max(1e-9)).collect();
    middle(&ratios, |ratio| *ratio)
}

fn row(name: &str, value: f64, unit: &'static str, must: Must) -> Row {
    Row { name: name.to_owned(), value, unit, must, is_time: false }
}

/// P1 to P4.
fn throughput(turns: &Turns) -> Vec<Row> {
    let cpu = |turn: &(Seen, f64)| turn.1;
    let rate = |turn: &(Seen, f64)| per_second(&turn.0);
    let mut rows = vec![
        row(
            "P1 CPU of a chat request, of nginx's",
            ratio(turns, "lisa-serve", "nginx", cpu),
            "x",
            Must::AtMost(2.0),
        ),
        row(
            "P2 answers/s at 64 callers, of direct",
            ratio(turns, "lisa-serve", "direct", rate),
            "x",
            Must::AtLeast(0.25),
        ),
    ];
    if turns.contains_key("vllm-router") {
        let name = "P3 answers/s, of vllm-router's";
        rows.push(row(name, ratio(turns, "lisa-serve", "vllm-router", rate), "x", Must::AtLeast(3.0)));
    }
    if turns.contains_key("litellm") {
        let name = "P4 CPU of LiteLLM for a chat request, of ours";
        rows.push(row(name, ratio(turns, "litellm", "lisa-serve", cpu), "x", Must::AtLeast(100.0)));
    }
    rows
}

/// P6: what one caller waits longer for.
fn one_at_a_time(turns: &Turns) -> Vec<Row> {
    let added = |figure: fn(&Seen) -> f64| {
        let of = |name: &str| turns.get(name).map_or(f64::NAN, |turns| middle(turns, |turn| figure(&turn.0)));
        of("lisa-serve") - of("direct")
    };
    let time = |name, value, most| Row { is_time: true, ..row(name, value, "us", Must::AtMost(most)) };
    vec![
        time("P6 added latency of one caller, median", added(|seen| seen.p50), 50.0),
        time("P6 added latency of one caller, 99th percentile", added(|seen| seen.p99), 150.0),
    ]
}

/// P5: a model that takes a second.
fn slow_model(stage: &Stage, rivals: &[Gateway]) -> Result<Row> {
    let turns = turns(stage, rivals, CALLERS, "slow", false, 4.5)?;
    let share = ratio(&turns, "lisa-serve", "direct", |turn| per_second(&turn.0));
    Ok(row("P5 answers/s of a one-second model at 64 callers, of direct", share, "x", Must::AtLeast(0.99)))
}

/// P8: streams.
fn streams(stage: &Stage, rivals: &[Gateway]) -> Result<Vec<Row>> {
    let many = turns(stage, rivals, CALLERS, "", true, stage.seconds)?;
    let rate = ratio(&many, "lisa-serve", "nginx", |turn| events_per_second(&turn.0));
    let one = turns(stage, rivals, 1, "paced", true, 3.0)?;
    let of = |name: &str, figure: fn(&Seen) -> f64| {
        one.get(name).map_or(f64::NAN, |turns| middle(turns, |turn| figure(&turn.0)))
    };
    let first = of("lisa-serve", |seen| seen.first) - of("direct", |seen| seen.first);
    let name = "P8 added time to the first event, median";
    Ok(vec![
        row("P8 events/s of 64 streams, of nginx's", rate, "x", Must::AtLeast(0.7)),
        Row { is_time: true, ..row(name, first, "us", Must::AtMost(150.0)) },
        // Events leave the server every 20 ms: held back, they would come in lumps.
        row(
            "P8 longest pause between events that are 20 ms apart",
            of("lisa-serve", |seen| seen.longest_gap),
            "ms",
            Must::AtMost(200.0),
        ),
    ])
}

fn memory(gateway: &Gateway) -> f64 {
    gateway.process.as_ref().map_or(0.0, Process::memory)
}

/// P10.
fn memory_under_streams(stage: &Stage, ours: &Gateway, idle: f64) -> Result<Vec<Row>> {
    let most = std::thread::scope(|scope| {
        let load = scope.spawn(|| stage.load(ours, 1000, 4.0, "paced", true));
        let (begun, mut most) = (Instant::now(), 0.0_f64);
        while begun.elapsed() < Duration::from_secs(4) {
            most = most.max(memory(ours));
            std::thread::sleep(Duration::from_millis(100));
        }
        load.join().ok().context("the load ended early").and_then(|seen| seen).map(|_| most)
    })?;
    std::thread::sleep(Duration::from_secs(6));
    Ok(vec![
        row("P10 memory, idle, 200 models", idle, "MiB", Must::AtMost(15.0)),
        row("P10 memory at 1,000 streams", most, "MiB", Must::AtMost(64.0)),
        row("P10 memory after them", memory(ours), "MiB", Must::AtMost(25.0)),
    ])
}

/// P11: from exec to the first answer, with 200 models.
fn start(stage: &Stage) -> Result<Row> {
    let mut times = Vec::new();
    for _ in 0..stage.rounds {
        let address = gateways::free()?;
        let begun = Instant::now();
        let mut command = Command::new(&stage.program);
        command.args(["--local", "--listen", &address, "--litellm"]).arg(stage.folder.join("litellm.json"));
        let mut process = Process::start("lisa-serve", &mut command)?;
        process.wait(Duration::from_secs(10), || asks_for_health(&address))?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let name = "P11 from exec to the first 200, 200 models";
    Ok(row(name, middle(&times, |time| *time), "ms", Must::AtMost(100.0)))
}

fn asks_for_health(address: &str) -> bool {
    use std::io::Read as _;
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let asked = stream.write_all(b"GET /health HTTP/1.0\r\nHost: x\r\n\r\n");
    let mut head = [0; 12];
    asked.is_ok() && stream.read_exact(&mut head).is_ok() && head.ends_with(b"200")
}

/// P12: from a caller's leaving to the model server's knowing.
fn disconnect(stage: &mut Stage, ours: &Gateway) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (what, stream) in [("an answer", false), ("a stream", true)] {
        let mut times = Vec::new();
        for _ in 0..stage.rounds {
            let connection = send(ours, &body("never", stream))?;
            std::thread::sleep(Duration::from_millis(200));
            let left = micros();
            drop(connection);
            let gone = stage.gone()?;
            times.push(f64::from(u32::try_from(gone.saturating_sub(left)).unwrap_or(u32::MAX)) / 1e3);
        }
        let name = format!("P12 from leaving {what} to the server's knowing");
        rows.push(row(&name, middle(&times, |time| *time), "ms", Must::AtMost(50.0)));
    }
    Ok(rows)
}

fn send(gateway: &Gateway, body: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(&gateway.address)?;
    let Gateway { address, path, key, .. } = gateway;
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    Ok(stream)
}

/// P13: 200 bodies of 50 MiB at once, where 512 MiB of them may be held.
fn large_bodies(ours: &Gateway) -> Result<Vec<Row>> {
    const SIZE: usize = 50 << 20;
    let mut open = Vec::new();
    let (mut refused, mut most) = (0_u32, 0.0_f64);
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..200 {
        let mut stream = TcpStream::connect(&ours.address)?;
        stream.set_write_timeout(Some(Duration::from_secs(2)))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let Gateway { address, path, key, .. } = ours;
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nContent-Length: {SIZE}\r\n\r\n"
        )?;
        // All but the last part, so that those who are let in stay.
        let sent = (0..SIZE / chunk.len() - 1).all(|_| stream.write_all(&chunk).is_ok());
        most = most.max(memory(ours));
        let mut status = [0; 12];
        let is_held = sent && {
            stream.set_read_timeout(Some(Duration::from_millis(20)))?;
            std::io::Read::read_exact(&mut stream, &mut status).is_err()
        };
        if is_held {
            open.push(stream);
        } else {
            let read = status[0] != 0 || std::io::Read::read_exact(&mut stream, &mut status).is_ok();
            let told = status.ends_with(b"429") || status.ends_with(b"503");
            refused += u32::from(read && told);
        }
    }
    let held = u32::try_from(open.len()).unwrap_or(u32::MAX);
    Ok(vec![
        row(
            "P13 bodies of 50 MiB that are told to come later, of 200",
            f64::from(refused),
            "",
            Must::AtLeast(f64::from(200 - held)),
        ),
        row("P13 memory meanwhile, budget 512 MiB", most, "MiB", Must::AtMost(512.0 + 64.0)),
    ])
}
