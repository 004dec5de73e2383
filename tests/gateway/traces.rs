//! Traces as OpenTelemetry's own packages read them: what the gateway sends is parsed into their messages, and every
//! attribute has a name of their semantic conventions.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use lisa_testkit::{Tool, repository};
use serde_json::{Value, json};

use super::local::Gateway;
use super::mock::Mock;

/// Longer than spans wait to be sent.
const PATIENCE: Duration = Duration::from_secs(20);

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What OpenTelemetry's packages read in a request to a collector.
fn decoded(request: &Value) -> Result<Value> {
    let mut command = Tool::OtlpPython.command()?;
    command.arg(repository::path("xtask/tools/otlp.py")).stdin(Stdio::piped());
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    process.stdin.take().context("an input")?.write_all(request.to_string().as_bytes())?;
    let output = process.wait_with_output()?;
    ensure!(output.status.success(), "{request}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The spans that a collector was sent, so many of them.
fn collected(collector: &Mock, count: usize) -> Result<Vec<Value>> {
    let begun = Instant::now();
    let mut spans = Vec::new();
    while spans.len() < count {
        ensure!(begun.elapsed() < PATIENCE, "there are only these spans: {spans:?}");
        std::thread::sleep(Duration::from_millis(50));
        for request in collector.take() {
            let read = decoded(&request)?;
            ensure!(read["unknown"] == json!([]), "no convention has these attributes: {}", read["unknown"]);
            spans.extend(read["spans"].as_array().context("spans")?.iter().cloned());
        }
    }
    Ok(spans)
}

#[test]
fn opentelemetry_reads_what_is_sent() -> Result<()> {
    let (collector, model) = (Mock::start()?, Mock::start()?);
    let named = format!("real={}/v1", model.url);
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str())];
    let gateway = Gateway::start(&["--model", &named], &variables)?;
    let stream =
        json!({ "model": "real", "stream": true, "messages": [{ "role": "user", "content": "Hello" }] });
    let mut command = Command::new("curl");
    command.args(["-sS", "--fail", "-H", &format!("traceparent: {PARENT}"), "-d", &stream.to_string()]);
    command.args(["-H", &format!("Authorization: Bearer {}", gateway.key)]);
    let output = command.arg(format!("{}/chat/completions", gateway.url())).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    ensure!(gateway.post("chat/completions", &json!({ "model": "none" }))?.status == 404, "no such model");

    let spans = collected(&collector, 2)?;
    let of = |status: u64| {
        let found = spans.iter().find(|span| span["attributes"]["http.response.status_code"] == status);
        found.with_context(|| format!("a span with {status} among {spans:?}"))
    };
    let span = of(200)?;
    ensure!(span["service"] == "lisa-serve" && span["kind"] == "SPAN_KIND_SERVER", "{span}");
    ensure!(span["trace"] == PARENT[3..35] && span["parent"] == PARENT[36..52], "{span}");
    ensure!(span["name"] == "completions real" && span["status"] == "STATUS_CODE_UNSET", "{span}");
    ensure!(span["nanoseconds"].as_u64().is_some_and(|taken| taken > 0 && taken < 60_000_000_000), "{span}");
    let attributes = &span["attributes"];
    ensure!(attributes["gen_ai.request.model"] == "real" && attributes["url.scheme"] == "http", "{span}");
    ensure!(attributes["gen_ai.operation.name"] == "chat", "{span}");
    ensure!(attributes["gen_ai.usage.input_tokens"] == 3, "{span}");
    ensure!(attributes["gen_ai.usage.output_tokens"] == 2, "{span}");
    ensure!(
        attributes["gen_ai.response.time_to_first_chunk"].as_f64().is_some_and(|time| time > 0.0),
        "{span}"
    );
    let refused = of(404)?;
    ensure!(
        refused["parent"] == "" && refused["trace"].as_str().is_some_and(|trace| trace.len() == 32),
        "{refused}"
    );
    ensure!(refused["name"] == "POST" || refused["name"] == "completions none", "{refused}");
    Ok(())
}
