//! The official clients against the gateway: the scripts of `examples/clients`, as they stand there.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use lisa_testkit::{Tool, repository};
use serde_json::{Value, json};

use super::local::Gateway;

/// Runs a script with the variables that its first lines name.
fn run(gateway: &Gateway, mut command: Command, script: &str) -> Result<String> {
    let base = gateway.url();
    command.arg(repository::path("examples/clients").join(script));
    command.env("OPENAI_BASE_URL", &base).env("OPENAI_API_KEY", &gateway.key);
    command.env("ANTHROPIC_BASE_URL", format!("{base}/anthropic")).env("ANTHROPIC_API_KEY", &gateway.key);
    let output = command.output().with_context(|| format!("could not start {script}"))?;
    let [said, told] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    ensure!(output.status.success(), "{script}: {said}\n{told}\n{}", gateway.log());
    Ok(said)
}

fn python() -> Result<Command> {
    Tool::ClientPython.command()
}

#[test]
fn openai_for_python() -> Result<()> {
    let gateway = Gateway::start(&[], &[])?;
    let said = run(&gateway, python()?, "openai_python.py")?;
    for step in [
        "chat:",
        "streaming:",
        "tools: weather",
        "JSON mode:",
        "embeddings: 64",
        "models:",
        "errors: model_not_found",
    ] {
        ensure!(said.contains(step), "{step} is not in\n{said}");
    }
    Ok(())
}

#[test]
fn openai_for_node() -> Result<()> {
    let gateway = Gateway::start(&[], &[])?;
    // A module is found beside its script, or below a folder that stands above it.
    let script = "openai_node.mjs";
    let home = lisa_testkit::tool::directory()?.join("openai-node");
    let place = gateway.directory.path().join(script);
    std::fs::copy(repository::path("examples/clients").join(script), &place)?;
    std::os::unix::fs::symlink(home.join("node_modules"), gateway.directory.path().join("node_modules"))?;
    let mut command = Tool::Node.command()?;
    command.arg(&place).env("OPENAI_BASE_URL", gateway.url()).env("OPENAI_API_KEY", &gateway.key);
    let output = command.output()?;
    let [said, told] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    ensure!(output.status.success() && said.contains("errors: model_not_found"), "{said}\n{told}");
    Ok(())
}

#[test]
fn langchain() -> Result<()> {
    let gateway = Gateway::start(&[], &[])?;
    let said = run(&gateway, python()?, "langchain_chat.py")?;
    ensure!(said.contains("tools: weather") && said.contains("embeddings: 64"), "{said}");
    Ok(())
}

#[test]
fn curl() -> Result<()> {
    let gateway = Gateway::start(&[], &[])?;
    let said = run(&gateway, Command::new("bash"), "curl.sh")?;
    ensure!(said.contains("fixture-embed") && said.contains("data: [DONE]"), "{said}");
    Ok(())
}

/// What only shows with a clock: a client gives up, and one that leaves ends the model's work.
#[test]
fn time_outs_and_cancellation() -> Result<()> {
    const SCRIPT: &str = "
import time, openai
client = openai.OpenAI(max_retries=0)
hello = [{'role': 'user', 'content': 'Hello'}]
try:
    client.with_options(timeout=0.5).chat.completions.create(model='silent', messages=hello)
    raise SystemExit('no time-out')
except openai.APITimeoutError:
    print('time-out')
with client.chat.completions.create(model='fixture-chat', messages=[{'role': 'user', 'content': 'word ' * 500}], stream=True) as stream:
    for chunk in stream:
        break
begun = time.monotonic()
assert client.chat.completions.create(model='fixture-chat', messages=hello).choices
assert time.monotonic() - begun < 5
print('cancelled')
";
    // Takes connections and never answers.
    let silent = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    let model = format!("silent=http://{}/v1", silent.local_addr()?);
    let gateway = Gateway::start(&["--model", &model], &[])?;
    let mut command = python()?;
    command.args(["-c", SCRIPT]).env("OPENAI_BASE_URL", gateway.url()).env("OPENAI_API_KEY", &gateway.key);
    let output = command.output()?;
    let [said, told] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    ensure!(
        output.status.success() && said.contains("time-out") && said.contains("cancelled"),
        "{said}\n{told}"
    );
    let log = gateway.log();
    ensure!(log.contains("\"end\":\"gone\""), "the log tells that a caller left: {log}");
    Ok(())
}

/// The block of the documentation, with the model found as the plugin finds it.
#[test]
fn the_continue_plugins_block() -> Result<()> {
    let gateway = Gateway::start(&[], &[])?;
    let text = std::fs::read_to_string(repository::path("examples/clients/continue.json"))?;
    let block: Value = serde_json::from_str(&text)?;
    let block = &block["models"][0];
    ensure!(block["provider"] == "openai" && block["model"] == "AUTODETECT", "{block}");
    ensure!(block["apiBase"].as_str().is_some_and(|base| base.ends_with("/v2/serve")), "{block}");
    let mut command = Command::new("curl");
    command.args([
        "-sS",
        "--fail",
        &format!("{}/models", gateway.url()),
        "-H",
        &format!("Authorization: Bearer {}", gateway.key),
    ]);
    let listed: Value = serde_json::from_slice(&command.output()?.stdout)?;
    let model =
        listed["data"].as_array().context("models")?.iter().find(|model| model["id"] == "fixture-chat");
    let model = model.context("a model that chats")?["id"].clone();
    let asked = json!({ "model": model, "stream": true, "max_tokens": 100, "messages": [{ "role": "user", "content": "Hi" }] });
    let answer = gateway.post("chat/completions", &asked)?;
    ensure!(answer.status == 200 && answer.body.contains("data: [DONE]"), "{answer:?}");
    Ok(())
}
