//! `--local`: the gateway on loopback with nothing else installed. Callers need a key here, too.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use async_trait::async_trait;
use lisa_api::settings::AuthSettings;
use lisa_auth::api_token::{self, Row};
use lisa_auth::sources::{SystemClock, Tokens, Unavailable};
use lisa_auth::{Authenticator, Policy};
use lisa_litellm::Verdict;

use crate::fixture::Fixture;
use crate::models::Models;
use crate::registry::{BadKey, BadUrl, Endpoint, Kind, Model, Target, Upstream};

/// The fixture that chats.
pub const CHAT: &str = "fixture-chat";
/// The fixture that embeds.
pub const EMBED: &str = "fixture-embed";

/// The file of tokens in the folder of `--data`.
const FILE: &str = "tokens.json";

/// What stands between this process and its callers.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The store cannot be used.
    #[error("could not use `{path}`: {source}", path = path.display())]
    Store {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// There is no random key.
    #[error(transparent)]
    Key(#[from] Unavailable),
    /// A server that was asked for is none.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// A server cannot be asked with its key.
    #[error(transparent)]
    ServerKey(#[from] BadKey),
    /// A `litellmConfig` that cannot be used.
    #[error("`{path}` is no litellmConfig: {why}", path = path.display())]
    Litellm {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A model that was asked for is none.
    #[error("`--model {0}` is not `NAME=URL`")]
    Model(String),
}

/// Keys of tokens; the tokens themselves are shown once and kept nowhere.
struct Store {
    rows: BTreeSet<String>,
}

#[async_trait]
impl Tokens for Store {
    async fn get(&self, key: &str) -> Result<Option<Row>, Unavailable> {
        let row = || Row { id: Some(key[..16].to_owned()), user: Some("local".to_owned()), ..Row::default() };
        Ok(self.rows.contains(key).then(row))
    }
}

/// An authenticator that knows the keys of a folder, and a new key where it has none.
///
/// Without a folder the key ends with the process.
pub fn authenticator(data: Option<&Path>) -> Result<(Authenticator, Option<String>), LocalError> {
    let mut rows = data.map_or_else(|| Ok(BTreeSet::new()), read)?;
    let mut fresh = None;
    if rows.is_empty() {
        let token = api_token::generate()?;
        rows.insert(api_token::key_of(&token));
        if let Some(folder) = data {
            write(folder, &rows)?;
        }
        fresh = Some(token);
    }
    let settings = AuthSettings {
        use_auth: "true".to_owned(),
        token_table: Some(FILE.to_owned()),
        authority: None,
        client_id: None,
        admin_group: None,
        user_group: None,
        api_group: None,
        rag_admin_group: None,
        groups_property: None,
        management_secret: None,
    };
    // These settings name a way in, so there is a policy.
    let policy = Policy::new(&settings).map_err(|error| Unavailable(error.to_string()))?;
    let tokens = Arc::new(Store { rows });
    Ok((Authenticator::new(policy, Arc::new(SystemClock)).with_tokens(tokens), fresh))
}

fn read(folder: &Path) -> Result<BTreeSet<String>, LocalError> {
    let path = folder.join(FILE);
    let store = |source| LocalError::Store { path: path.clone(), source };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(store(error)),
    };
    let file: BTreeMap<String, BTreeSet<String>> =
        serde_json::from_str(&text).map_err(|error| store(io::Error::other(error)))?;
    Ok(file.into_values().flatten().collect())
}

fn write(folder: &Path, rows: &BTreeSet<String>) -> Result<(), LocalError> {
    let path = folder.join(FILE);
    let store = |source| LocalError::Store { path: path.clone(), source };
    fs::create_dir_all(folder).map_err(store)?;
    let file = BTreeMap::from([("sha256", rows)]);
    let text = serde_json::to_string_pretty(&file).map_err(|error| store(io::Error::other(error)))?;
    // Written beside and renamed, so that a process that is killed leaves the old file or the new one.
    let beside = folder.join("tokens.json.new");
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, &path)).map_err(store)
}

/// The fixtures, and the servers that were asked for as `NAME=URL`.
pub fn models(asked: &[String]) -> Result<Vec<Model>, LocalError> {
    Ok(fixtures().into_iter().chain(named(asked)?).collect())
}

/// The fixtures: one that chats, one that embeds.
pub fn fixtures() -> [Model; 2] {
    let chat = model(CHAT.to_owned(), Kind::Textgen, Target::Fixture(Fixture::Chat), 0);
    [chat, model(EMBED.to_owned(), Kind::Embedding, Target::Fixture(Fixture::Embed), 1)]
}

/// The servers that were asked for as `NAME=URL`.
pub fn named(asked: &[String]) -> Result<Vec<Model>, LocalError> {
    let named = asked.iter().zip(2..).map(|(text, id)| {
        let split = text.split_once('=').filter(|(name, _)| !name.is_empty());
        let (name, url) = split.ok_or_else(|| LocalError::Model(text.clone()))?;
        Ok(model(
            name.to_owned(),
            Kind::Textgen,
            Target::Http(Upstream::parse(url)?.with_stream_options()),
            id,
        ))
    });
    named.collect()
}

fn model(name: String, kind: Kind, target: Target, id: u64) -> Model {
    // Who shows models tells fixtures from others by this.
    let whose = if matches!(target, Target::Fixture(_)) { "fixture" } else { "local" };
    let does = match kind {
        Kind::Textgen => "textgen",
        Kind::Embedding => "embedding",
    };
    let endpoints = vec![Arc::new(Endpoint::new(id, target))];
    Model { name, kind, provider: format!("{whose}.{does}"), endpoints, ..Model::default() }
}

/// Puts the models in place again when LiteLLM's proxy has come up or gone away.
pub(crate) async fn follow(mut models: Models, asked: Vec<String>) {
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        models.check().await;
        if models.has_changed()
            && let Ok(fixed) = self::models(&asked)
        {
            models.publish(fixed).await;
        }
    }
}

/// The `litellmConfig` in a file, as JSON. What the gateway cannot honour is an error, as it is in a config file.
pub fn document(path: &Path) -> Result<serde_json::Value, LocalError> {
    let wrong = |why: String| LocalError::Litellm { path: path.to_owned(), why };
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let document: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let refused =
        lisa_litellm::judge(&document).into_iter().filter(|finding| finding.verdict == Verdict::Refused);
    let refused = refused.map(|finding| format!("`{}`: {}", finding.path, finding.why));
    let unusable = lisa_litellm::Settings::read(&document).1.into_iter();
    let unusable = unusable.map(|problem| format!("`{}`: {}", problem.path, problem.message));
    let problems: Vec<String> = refused.chain(unusable).collect();
    if problems.is_empty() { Ok(document) } else { Err(wrong(problems.join("; "))) }
}

/// Says how the gateway is asked. The key is shown here and nowhere else.
pub fn greet(address: SocketAddr, key: Option<&str>) -> io::Result<()> {
    let base = format!("http://{address}/v2/serve");
    let (shown, key) = match key {
        Some(key) => (format!("  API key   {key}\n"), key),
        None => {
            ("  API key   the one that was shown when the folder was new\n".to_owned(), "$OPENAI_API_KEY")
        }
    };
    let text = format!(
        "\n  Base URL  {base}\n{shown}  Models    {CHAT}, {EMBED} (fixtures), and those of --model\n\n  \
         curl {base}/chat/completions -H 'Authorization: Bearer {key}' \\\n    \
         -d '{{\"model\": \"{CHAT}\", \"messages\": [{{\"role\": \"user\", \"content\": \"Hello\"}}]}}'\n\n"
    );
    io::stdout().lock().write_all(text.as_bytes())
}
