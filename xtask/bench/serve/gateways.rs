//! What is measured: the model server itself, our gateway, nginx, vllm-router and LiteLLM, each in front of that server.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::process::Process;

/// Longer than LiteLLM's first start on a crowded machine takes.
const PATIENCE: Duration = Duration::from_mins(5);

/// LiteLLM takes no key that is easy to guess.
const LITELLM_KEY: &str = "sk-bench-b3f0c1d2e4a5968778695a4b3c2d1e0f";

/// Something that answers for the model.
pub(super) struct Gateway {
    /// Its name in the table.
    pub(super) name: &'static str,
    /// `127.0.0.1:41234`.
    pub(super) address: String,
    /// The path of chat completions.
    pub(super) path: &'static str,
    /// Its key.
    pub(super) key: String,
    /// Its process; none for the model server, which is started once.
    pub(super) process: Option<Process>,
}

/// An address that nothing listens on.
pub(super) fn free() -> Result<String> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.to_string())
}

pub(super) fn listens(address: &str) -> bool {
    TcpStream::connect(address).is_ok()
}

/// The model server alone.
pub(super) fn direct(mock: &str) -> Gateway {
    let (address, key) = (mock.to_owned(), "none".to_owned());
    Gateway { name: "direct", address, path: "/v1/chat/completions", key, process: None }
}

/// Our gateway, with everything on its way that a deployment has: keys, limits, records and the access log. `models` is how
/// many it knows.
pub(super) fn ours(program: &Path, mock: &str, folder: &Path, models: usize) -> Result<Gateway> {
    let address = free()?;
    let entry = |name: String| {
        let params = json!({ "model": "openai/m", "api_base": format!("http://{mock}/v1"), "api_key": "k",
            "rpm": 1_000_000_000, "tpm": 1_000_000_000, "max_parallel_requests": 1_000_000 });
        json!({ "model_name": name, "litellm_params": params })
    };
    let names = (1..models).map(|number| format!("model-{number}")).chain(["m".to_owned()]);
    let document = json!({ "general_settings": { "max_parallel_requests": 1_000_000 },
        "model_list": names.map(entry).collect::<Vec<_>>() });
    let path = folder.join("litellm.json");
    fs::write(&path, document.to_string())?;
    let log = folder.join("lisa-serve.log");
    let mut command = Command::new(program);
    command.args(["--local", "--listen", &address, "--litellm"]).arg(&path);
    command.stdin(Stdio::null()).stdout(fs::File::create(&log)?).stderr(Stdio::null());
    let mut process = Process::of("lisa-serve", command.spawn().context("could not start lisa-serve")?);
    let mut key = String::new();
    process.wait(Duration::from_secs(10), || {
        let said = fs::read_to_string(&log).unwrap_or_default();
        let found = said.split_whitespace().find(|word| word.starts_with("sk-lisa-"));
        found.unwrap_or_default().clone_into(&mut key);
        !key.is_empty() && listens(&address)
    })?;
    Ok(Gateway {
        name: "lisa-serve",
        address,
        path: "/v2/serve/chat/completions",
        key,
        process: Some(process),
    })
}

pub(super) fn nginx(mock: &str, folder: &Path) -> Result<Gateway> {
    let address = free()?;
    let home = folder.join("nginx");
    fs::create_dir_all(&home)?;
    let config = format!(
        "daemon off; worker_processes 2; pid {home}/pid; error_log {home}/error.log; events {{ worker_connections 8192; }}\n\
         http {{ access_log {home}/access.log; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;\n\
         fastcgi_temp_path {home}/fastcgi; uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;\n\
         upstream model {{ server {mock}; keepalive 256; }}\n\
         server {{ listen {address}; location / {{ proxy_pass http://model; proxy_http_version 1.1; proxy_buffering off;\n\
         proxy_set_header Connection ''; }} }} }}\n",
        home = home.display()
    );
    let path = home.join("nginx.conf");
    fs::write(&path, config)?;
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&path);
    let mut process = Process::start("nginx", &mut command)?;
    process.wait(Duration::from_secs(10), || listens(&address))?;
    let key = "none".to_owned();
    Ok(Gateway { name: "nginx", address, path: "/v1/chat/completions", key, process: Some(process) })
}

pub(super) fn vllm_router(tools: &Path, mock: &str) -> Result<Gateway> {
    let address = free()?;
    let port = port(&address)?;
    let mut command = Command::new(tool(tools, "router/bin/vllm-router")?);
    let worker = format!("http://{mock}");
    let metrics = free()?;
    command.args([
        "--worker-urls",
        &worker,
        "--policy",
        "round_robin",
        "--host",
        "127.0.0.1",
        "--port",
        port,
    ]);
    command.args(["--prometheus-port", self::port(&metrics)?, "--log-level", "warning"]);
    let mut process = Process::start("vllm-router", &mut command)?;
    process.wait(PATIENCE, || listens(&address))?;
    let key = "none".to_owned();
    Ok(Gateway { name: "vllm-router", address, path: "/v1/chat/completions", key, process: Some(process) })
}

pub(super) fn litellm(tools: &Path, mock: &str, folder: &Path) -> Result<Gateway> {
    let address = free()?;
    let params = json!({ "model": "openai/m", "api_base": format!("http://{mock}/v1"), "api_key": "k" });
    let document = json!({ "model_list": [{ "model_name": "m", "litellm_params": params }],
        "general_settings": { "master_key": LITELLM_KEY } });
    let path = folder.join("litellm.yaml");
    fs::write(&path, document.to_string())?;
    let mut command = Command::new(tool(tools, "litellm/bin/litellm")?);
    command.arg("--config").arg(&path).args(["--host", "127.0.0.1", "--port", port(&address)?]);
    command
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        .env("LITELLM_MODE", "PRODUCTION")
        .env("LITELLM_LOG", "ERROR");
    let mut process = Process::start("litellm", &mut command)?;
    process.wait(PATIENCE, || listens(&address))?;
    let key = LITELLM_KEY.to_owned();
    Ok(Gateway { name: "litellm", address, path: "/v1/chat/completions", key, process: Some(process) })
}

fn port(address: &str) -> Result<&str> {
    address.rsplit(':').next().context("an address without a port")
}

fn tool(tools: &Path, place: &str) -> Result<PathBuf> {
    let program = tools.join(place);
    if !program.is_file() {
        bail!("`{}` is not installed; run `cargo xtask tools`", program.display());
    }
    Ok(program)
}
