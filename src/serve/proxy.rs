//! LiteLLM's proxy beside the gateway, for providers that the gateway leaves to it: a process on loopback with a generated
//! configuration and a key of its own. Without such a model there is no process.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fs, io};

use lisa_litellm::{Settings, Wire};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::task::AbortHandle;

use crate::litellm::Proxy;

/// Between two looks at whether it answers.
const LOOK: Duration = Duration::from_millis(500);

/// Before a process that has ended is started again.
const PAUSE: Duration = Duration::from_secs(5);

/// Settings of the library that the gateway sees to itself: two of them would do it twice.
const OWN: [&str; 12] = [
    "allowed_fails",
    "cache",
    "cache_params",
    "callbacks",
    "content_policy_fallbacks",
    "context_window_fallbacks",
    "cooldown_time",
    "default_fallbacks",
    "failure_callback",
    "fallbacks",
    "num_retries",
    "success_callback",
];

/// The proxy of the present configuration, if it needs one.
pub(crate) struct Proxies {
    program: Option<String>,
    config: Value,
    running: Option<Running>,
    /// Whether it was ready when the models were put in place last.
    was_ready: AtomicBool,
}

/// A process that is started again when it ends, until this is dropped.
struct Running {
    proxy: Proxy,
    is_ready: Arc<AtomicBool>,
    keeper: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Proxies {
    /// None yet; `program` starts one.
    pub(crate) fn new(program: Option<String>) -> Self {
        Self { program, config: Value::Null, running: None, was_ready: AtomicBool::new(false) }
    }

    /// Starts a process for these settings, where they need one and the last one was for others.
    pub(crate) fn set(&mut self, settings: &Settings) {
        let config = if settings.needs_proxy() { config(settings) } else { Value::Null };
        if config == self.config {
            return;
        }
        self.running = None;
        if !config.is_null()
            && let Some(program) = self.program.clone()
        {
            match start(program, &config, settings) {
                Ok(running) => self.running = Some(running),
                Err(error) => tracing::error!(%error, "LiteLLM's proxy cannot be started"),
            }
        }
        self.config = config;
    }

    /// Where it is, once it answers.
    pub(crate) fn ready(&self) -> Option<Proxy> {
        let running = self.running.as_ref().filter(|running| running.is_ready.load(Ordering::SeqCst));
        self.was_ready.store(running.is_some(), Ordering::SeqCst);
        running.map(|running| running.proxy.clone())
    }

    /// Whether that has changed since it was asked last.
    pub(crate) fn has_changed(&self) -> bool {
        let is_ready = self.running.as_ref().is_some_and(|running| running.is_ready.load(Ordering::SeqCst));
        is_ready != self.was_ready.load(Ordering::SeqCst)
    }
}

/// The configuration that LiteLLM is given: the models that are left to it, and what the gateway does not do itself.
fn config(settings: &Settings) -> Value {
    let models = settings.models.iter().filter(|model| model.wire == Wire::Proxy);
    let entry = |model: &lisa_litellm::Deployment| {
        let mut params: Map<String, Value> = model.params.clone();
        params.remove("use_litellm_proxy");
        json!({ "model_name": model.name, "litellm_params": params, "model_info": model.info })
    };
    let mut library = settings.library.written.clone();
    library.retain(|name, _| !OWN.contains(&name.as_str()));
    // The gateway tries again, and looks for another endpoint: the proxy would do both once more.
    library.insert("num_retries".to_owned(), 0.into());
    library.insert("telemetry".to_owned(), false.into());
    json!({ "model_list": models.map(entry).collect::<Vec<_>>(), "litellm_settings": library })
}

fn start(program: String, config: &Value, settings: &Settings) -> io::Result<Running> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let key = lisa_auth::api_token::generate().map_err(io::Error::other)?;
    let proxy = Proxy { url: format!("http://127.0.0.1:{port}"), key: key.clone() };
    let mut whole = config.clone();
    whole["general_settings"] = json!({ "master_key": key });
    let folder = folder(port)?;
    let path = folder.join("config.yaml");
    // JSON is YAML.
    fs::write(&path, whole.to_string())?;
    let variables: Vec<(String, String)> = settings.environment.clone().into_iter().collect();
    let is_ready = Arc::new(AtomicBool::new(false));
    let ready = Arc::clone(&is_ready);
    let keeper = tokio::spawn(keep(program, path, port, variables, ready)).abort_handle();
    Ok(Running { proxy, is_ready, keeper })
}

/// A folder that its owner alone may look into: the configuration holds keys.
fn folder(port: u16) -> io::Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt as _;
    let folder = std::env::temp_dir().join(format!("lisa-litellm-{}-{port}", std::process::id()));
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(folder)
}

/// Starts the process whenever there is none. Dropped, the process ends with it.
async fn keep(
    program: String,
    path: PathBuf,
    port: u16,
    variables: Vec<(String, String)>,
    ready: Arc<AtomicBool>,
) {
    let _folder = Removed(path.parent().map(Path::to_owned));
    loop {
        let mut command = Command::new(&program);
        command.arg("--config").arg(&path).args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        // Nothing is downloaded: prices are those of the package.
        command
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
            .env("LITELLM_MODE", "PRODUCTION")
            .envs(variables.clone());
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        match command.spawn() {
            Ok(mut process) => {
                tracing::info!(port, "LiteLLM's proxy starts");
                tokio::select! {
                    ended = process.wait() => tracing::error!(?ended, "LiteLLM's proxy has ended"),
                    () = watch(port, &ready) => {}
                }
            }
            Err(error) => tracing::error!(%error, program, "LiteLLM's proxy does not start"),
        }
        ready.store(false, Ordering::SeqCst);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks for ever whether it answers.
async fn watch(port: u16, ready: &AtomicBool) {
    loop {
        let answers = tokio::time::timeout(PAUSE, is_alive(port)).await;
        let answers = matches!(answers, Ok(Ok(true)));
        if answers && !ready.swap(true, Ordering::SeqCst) {
            tracing::info!(port, "LiteLLM's proxy is ready");
        }
        tokio::time::sleep(if answers { PAUSE } else { LOOK }).await;
    }
}

async fn is_alive(port: u16) -> io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.write_all(b"GET /health/liveliness HTTP/1.0\r\nHost: localhost\r\n\r\n").await?;
    let mut head = [0; 15];
    stream.read_exact(&mut head).await?;
    Ok(head.starts_with(b"HTTP/1.") && head.ends_with(b"200 OK"))
}

/// A folder that is removed at the end.
struct Removed(Option<PathBuf>);

impl Drop for Removed {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // What is left of it is in the way of nobody.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_is_given_what_is_left_to_it() {
        let (settings, _) = Settings::read(&json!({
            "litellm_settings": { "num_retries": 3, "modify_params": true, "fallbacks": [{ "a": ["b"] }] },
            "model_list": [
                { "model_name": "a", "litellm_params": { "model": "openai/x" } },
                { "model_name": "b", "litellm_params": { "model": "cohere_chat/x", "api_key": "os.environ/COHERE" } },
                { "model_name": "c", "litellm_params": { "model": "openai/x", "use_litellm_proxy": true } },
            ],
        }));
        let config = config(&settings);
        let names: Vec<&Value> =
            config["model_list"].as_array().unwrap().iter().map(|model| &model["model_name"]).collect();
        assert_eq!(names, ["b", "c"]);
        assert_eq!(config["model_list"][0]["litellm_params"]["api_key"], "os.environ/COHERE");
        assert_eq!(config["model_list"][1]["litellm_params"].get("use_litellm_proxy"), None);
        let expected = json!({ "modify_params": true, "num_retries": 0, "telemetry": false });
        assert_eq!(config["litellm_settings"], expected);
    }

    #[test]
    fn without_such_a_model_there_is_none() {
        let (settings, _) = Settings::read(&json!({ "model_list": [
            { "model_name": "a", "litellm_params": { "model": "openai/x" } },
        ] }));
        let mut proxies = Proxies::new(Some("/nowhere".to_owned()));
        proxies.set(&settings);
        assert!(proxies.running.is_none() && proxies.ready().is_none());
    }
}
