//! `lisa local`: hands over to `lisa-local`, which lies beside this program.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;

/// The program.
const PROGRAM: &str = "lisa-local";

const EXAMPLES: &str = "Examples:
  lisa local                                       everything on 127.0.0.1:8080
  lisa local ./handbooks                           and the documents of a folder to ask about
  lisa local --model mine=http://127.0.0.1:9000/v1 with a model that is not found by itself";

/// Run all of LISA on this machine
///
/// One process on loopback: the gateway, models, sessions, documents and the page. Needs no AWS account, no Docker and no
/// configuration. Finds Ollama, vLLM, LM Studio and llama.cpp where they usually listen, and what OPENAI_BASE_URL names.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Local {
    /// A folder of documents to search, which is watched
    #[arg(value_name = "DIR")]
    documents: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Where and with what it runs.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Listen there; an address of loopback [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Keep everything there [default: ~/.local/share/lisa]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A server that speaks OpenAI's protocol; may be repeated
    #[arg(long = "model", value_name = "NAME=URL")]
    models: Vec<String>,
    /// Look for no servers of models on this machine
    #[arg(long)]
    no_discovery: bool,
    /// Sign in by this OpenID provider instead of by a link
    #[arg(long, value_name = "URL", requires = "client_id")]
    authority: Option<String>,
    /// The client's id at the provider
    #[arg(long, value_name = "ID", requires = "authority")]
    client_id: Option<String>,
    /// With --authority: the group of administrators
    #[arg(long, value_name = "NAME", requires = "authority")]
    admin_group: Option<String>,
    /// With --authority: where a token names groups
    #[arg(long, value_name = "NAME", requires = "authority")]
    groups_property: Option<String>,
}

impl Local {
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let mut arguments = self.place.arguments();
        if let Some(folder) = &self.documents {
            arguments.extend(["--documents".into(), folder.into()]);
        }
        hand_over(&arguments)
    }
}

impl Place {
    /// As `lisa-local` takes them.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        let texts = [
            ("--listen", self.listen.map(|address| address.to_string())),
            ("--authority", self.authority.clone()),
            ("--client-id", self.client_id.clone()),
            ("--admin-group", self.admin_group.clone()),
            ("--groups-property", self.groups_property.clone()),
        ];
        let models = self.models.iter().map(|model| ("--model", model.clone()));
        for (flag, text) in texts.into_iter().filter_map(|(flag, text)| Some((flag, text?))).chain(models) {
            arguments.extend([flag.into(), text.into()]);
        }
        if let Some(folder) = &self.data {
            arguments.extend(["--data".into(), folder.into()]);
        }
        if self.no_discovery {
            arguments.push("--no-discovery".into());
        }
        arguments
    }
}

/// Becomes `lisa-local`, so that its signals and its end are this process's own. Returns only where that fails.
pub(crate) fn hand_over(arguments: &[OsString]) -> Result<Exit, Failure> {
    let beside = std::env::current_exe().ok().and_then(|path| Some(path.parent()?.join(PROGRAM)));
    let program = beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(PROGRAM));
    let mut command = Command::new(&program);
    if std::env::var_os("LOG_LEVEL").is_none() {
        // A person watches: only what they should know.
        command.env("LOG_LEVEL", "WARNING");
    }
    let error = command.args(arguments).exec();
    Err(missing(&program, &error))
}

fn missing(program: &Path, error: &std::io::Error) -> Failure {
    Failure::Action {
        message: format!("could not start `{}`: {error}", program.display()),
        help: Some(format!("put `{PROGRAM}` beside `lisa`; `cargo build -p {PROGRAM}` makes it")),
    }
}
