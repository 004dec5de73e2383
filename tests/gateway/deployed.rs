//! The gateway as a deployment runs it: its environment as the stack's struct writes it, models, callers and usage in the
//! tables of an emulated DynamoDB.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use lisa_api::settings::{AuthSettings, CommonSettings, ServeSettings};
use lisa_api::tables::{MODELS, TOKENS, USAGE};
use lisa_config::{Options, Overrides, Source};
use lisa_signed::{Signed, service};
use lisa_stacks::Naming;
use lisa_testkit::emulator::create_table;
use lisa_testkit::{Emulator, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::local::Gateway;
use super::mock::Mock;
use crate::callers::{ACCOUNT, CONFIG, Operator, REGION};

/// Longer than a start on a crowded machine takes.
const PATIENCE: Duration = Duration::from_secs(30);

const TOKEN: &str = "ours";

/// The names of the deployment's tables.
fn naming() -> Result<Naming> {
    let source = Source { name: "config.yaml".to_owned(), text: CONFIG.to_owned() };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default());
    let loaded = loaded.map_err(|problems| anyhow!("{problems:?}"))?;
    Ok(Naming::new(&loaded.config))
}

fn settings(naming: &Naming) -> ServeSettings {
    let common = CommonSettings {
        deployment_name: "demo".to_owned(),
        deployment_stage: "dev".to_owned(),
        deployment_prefix: "/dev/demo/lisa".to_owned(),
        log_level: "INFO".to_owned(),
        cors_origins: None,
        ca_bundle: None,
    };
    let auth = AuthSettings { token_table: Some(naming.token_table()), ..crate::callers::closed() };
    ServeSettings {
        common,
        auth,
        model_table: naming.table(MODELS.name),
        litellm_config_parameter: None,
        litellm_secret: None,
        guardrail_table: None,
        usage_table: Some(naming.table(USAGE.name)),
        rate_limit_enabled: None,
        rate_limit_rpm: None,
        rate_limit_burst: None,
        rate_limit_overrides: None,
        litellm_command: None,
        threads: Some("2".to_owned()),
    }
}

/// The tables, with a model that the mock answers for and a caller's token.
fn fill(emulator: &Emulator, naming: &Naming, mock: &Mock) -> Result<()> {
    let signed = Signed::new(&emulator.session(ACCOUNT, REGION)?);
    let row = json!({
        "model_id": { "S": "chat" }, "model_status": { "S": "InService" },
        "model_url": { "S": format!("{}/v1", mock.url) },
        "model_config": { "M": { "modelName": { "S": "org/real" }, "modelType": { "S": "textgen" } } },
    });
    let token = json!({ "token": { "S": TOKEN }, "username": { "S": "ada" } });
    emulator.block_on(async {
        for (name, table) in [
            (naming.table(MODELS.name), &MODELS),
            (naming.token_table(), &TOKENS),
            (naming.table(USAGE.name), &USAGE),
        ] {
            create_table(&signed, &name, table).await?;
        }
        for (name, item) in [(naming.table(MODELS.name), row), (naming.token_table(), token)] {
            signed.json(&service::DYNAMODB, "PutItem", &json!({ "TableName": name, "Item": item })).await?;
        }
        Ok(())
    })
}

/// The gateway's program, once it serves the model.
fn start(emulator: &Emulator, naming: &Naming) -> Result<Gateway> {
    let directory = TempDir::with_prefix("lisa-deployed-")?;
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.to_string();
    let log = std::fs::File::create(directory.path().join("log"))?;
    let mut command = Command::new(programs::service("lisa-serve")?);
    command.args(["--listen", &address]).env_clear().envs(settings(naming).into_env());
    command.env("AWS_REGION", REGION).env("AWS_ENDPOINT_URL", emulator.url());
    command.env("AWS_ACCESS_KEY_ID", ACCOUNT).env("AWS_SECRET_ACCESS_KEY", "test");
    let process = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
    let gateway = Gateway::of(process, address, TOKEN, directory);
    let begun = Instant::now();
    while !gateway.post("chat/completions", &chat()).is_ok_and(|answer| answer.status == 200) {
        if begun.elapsed() > PATIENCE {
            bail!("the gateway does not serve the model: {}", gateway.log());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(gateway)
}

fn chat() -> Value {
    json!({ "model": "chat", "messages": [{ "role": "user", "content": "Hello" }] })
}

#[test]
fn usage_is_kept_by_caller_and_model() -> Result<()> {
    let (emulator, mock, naming) = (Emulator::start()?, Mock::start()?, naming()?);
    fill(&emulator, &naming, &mock)?;
    let gateway = start(&emulator, &naming)?;
    let mut stream = chat();
    stream["stream"] = json!(true);
    for _ in 0..3 {
        let answer = gateway.post("chat/completions", &stream)?;
        ensure!(answer.status == 200 && !answer.body.contains("\"usage\""), "{answer:?}");
    }
    let lost = json!({ "model": "none", "messages": [] });
    ensure!(gateway.post("chat/completions", &lost)?.status == 404, "there is no such model");
    // It writes what it has not written yet before it ends.
    drop(gateway);
    let operator = Operator::new(&emulator)?;
    let told = operator.json(&["usage"])?;
    let expected =
        json!([{ "user": "ada", "model": "chat", "requests": 4, "promptTokens": 12, "completionTokens": 8 }]);
    ensure!(told == expected, "{told}");
    let daily = operator.json(&["usage", "--days", "2", "--daily", "--user", "ada"])?;
    ensure!(daily[0]["day"].as_str().context("a day")?.len() == 10 && daily[0]["requests"] == 4, "{daily}");
    ensure!(operator.json(&["usage", "--user", "bob"])? == json!([]), "bob used nothing");
    ensure!(operator.lisa(&["usage", "--model", "other"])?.contains("nothing was used"), "nobody used it");
    let shown = operator.lisa(&["usage"])?;
    ensure!(shown.contains("USER") && shown.contains("ada") && shown.contains("12"), "{shown}");
    Ok(())
}
