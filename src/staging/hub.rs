//! The HTTP interface of the Hugging Face Hub, and of mirrors that speak it.

use std::path::Path;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderValue, RANGE};
use reqwest::{Certificate, Client, Response, StatusCode, Url};
use serde::Deserialize;

/// Where the Hub is.
pub const HUB: &str = "https://huggingface.co";

/// A host that does not take a connection in this time is not there.
const CONNECT: Duration = Duration::from_secs(10);

/// A connection that brings nothing for this long brings nothing more.
const SILENCE: Duration = Duration::from_mins(1);

/// Bytes of a document at most: a listing of thousands of files, or a configuration.
const DOCUMENT: usize = 32 << 20;

/// What stays as it is in a part of a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A hub.
#[derive(Clone, Debug)]
pub struct Hub {
    client: Client,
    url: String,
    token: Option<HeaderValue>,
}

/// A model's files at one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The commit: files of it never change.
    pub commit: String,
    /// Its files.
    pub files: Vec<Remote>,
}

/// A file of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remote {
    /// Its path.
    pub name: String,
    /// Its bytes, where the hub tells.
    pub size: Option<u64>,
    /// The SHA-256 of its bytes in hexadecimal, where the hub tells: of large files.
    pub sha256: Option<String>,
    /// What changes with its content.
    pub identity: String,
}

/// Why the hub does not give something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The client cannot be made.
    #[error("the way to the hub cannot be made: {0}")]
    Client(String),
    /// It does not answer.
    #[error("`{url}` does not answer: {reason}")]
    Unanswered {
        /// What was asked for.
        url: String,
        /// Why not.
        reason: String,
    },
    /// It does not let the caller in.
    #[error("`{0}` is not there, or is not for this caller")]
    Refused(String),
    /// It wants its terms to be accepted first.
    #[error("`{0}` is given only to those who have accepted its terms")]
    Gated(String),
    /// It is not there.
    #[error("`{0}` is not there")]
    NotFound(String),
    /// It answers something else.
    #[error("`{url}` answers what a hub does not: {reason}")]
    Strange {
        /// What was asked for.
        url: String,
        /// What is strange.
        reason: String,
    },
    /// The bytes that came are not those of the listing.
    #[error("`{file}` came with other bytes than the hub lists: {reason}")]
    Content {
        /// The file.
        file: String,
        /// What is different.
        reason: String,
    },
}

impl HubError {
    /// What to do about it, as a sentence.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Client(_) => "Check the token and the bundle of certificate authorities.",
            Self::Unanswered { .. } => {
                "Check the network and its proxy, or name a mirror with `--hub` or `HF_ENDPOINT`; then repeat the command: it goes on where it was."
            }
            Self::Refused(_) => "Check the name, and give a token by `HF_TOKEN` for a model that is private.",
            Self::Gated(_) => {
                "Accept the terms on the model's page, and give the token of that account by `HF_TOKEN`."
            }
            Self::NotFound(_) => "Check the name and the revision.",
            Self::Strange { .. } => "Is the address that of a hub? `--hub` and `HF_ENDPOINT` name it.",
            Self::Content { .. } => "Repeat the command; if it stays so, the mirror holds another file.",
        }
    }

    /// Whether a later attempt may succeed.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::Unanswered { .. })
    }
}

#[derive(Deserialize)]
struct Answer {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: Option<String>,
    size: Option<u64>,
}

impl Hub {
    /// A hub at an address, with the token of whoever asks and a file of certificate authorities beside the machine's own.
    pub fn new(url: &str, token: Option<&str>, certificates: Option<&Path>) -> Result<Self, HubError> {
        let wrong = |error: String| HubError::Client(error);
        let mut builder = Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE);
        if let Some(path) = certificates {
            let text =
                std::fs::read(path).map_err(|error| wrong(format!("`{}`: {error}", path.display())))?;
            let own = Certificate::from_pem_bundle(&text).map_err(|error| wrong(error.to_string()))?;
            builder = builder.tls_certs_merge(own);
        }
        let bearer = |token: &str| {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| wrong("the token has characters that no header takes".to_owned()))?;
            value.set_sensitive(true);
            Ok(value)
        };
        let token = token.filter(|token| !token.is_empty()).map(bearer).transpose()?;
        let client = builder.build().map_err(|error| wrong(error.to_string()))?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned(), token })
    }

    /// What files a model has at a branch, tag or commit.
    pub async fn list(&self, model: &str, revision: &str) -> Result<Listing, HubError> {
        let url = format!("{}/api/models/{}/revision/{}?blobs=true", self.url, path(model), part(revision));
        let text = self.document(&url).await?;
        let strange = |reason: String| HubError::Strange { url: url.clone(), reason };
        let answer: Answer = serde_json::from_slice(&text).map_err(|error| strange(error.to_string()))?;
        let mut files = Vec::new();
        for Sibling { rfilename: name, size, blob_id, lfs } in answer.siblings {
            if !is_relative(&name) {
                return Err(strange(format!("the file `{name}` lies outside of its folder")));
            }
            let (sha256, size) = lfs.map_or((None, size), |lfs| (lfs.sha256, lfs.size.or(size)));
            let sha256 = sha256.map(|sum| sum.to_ascii_lowercase());
            let identity = sha256.clone().or(blob_id).unwrap_or_else(|| answer.sha.clone());
            files.push(Remote { name, size, sha256, identity });
        }
        Ok(Listing { commit: answer.sha, files })
    }

    /// A small file of a model.
    pub async fn read(&self, model: &str, revision: &str, file: &str) -> Result<Vec<u8>, HubError> {
        self.document(&self.file(model, revision, file)).await
    }

    /// Begins to read a file at a byte.
    pub(crate) async fn open(
        &self,
        model: &str,
        commit: &str,
        file: &str,
        from: u64,
    ) -> Result<Response, HubError> {
        self.get(&self.file(model, commit, file), from).await
    }

    fn file(&self, model: &str, revision: &str, file: &str) -> String {
        format!("{}/{}/resolve/{}/{}", self.url, path(model), part(revision), path(file))
    }

    async fn document(&self, url: &str) -> Result<Vec<u8>, HubError> {
        let mut answer = self.get(url, 0).await?;
        let mut text = Vec::new();
        while let Some(bytes) = answer.chunk().await.map_err(|error| unanswered(answer.url(), error))? {
            text.extend_from_slice(&bytes);
            if text.len() > DOCUMENT {
                return Err(HubError::Strange { url: url.to_owned(), reason: "it is too long".to_owned() });
            }
        }
        Ok(text)
    }

    async fn get(&self, url: &str, from: u64) -> Result<Response, HubError> {
        let mut request = self.client.get(url);
        if let Some(token) = &self.token {
            request = request.header(reqwest::header::AUTHORIZATION, token);
        }
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        let answer = request.send().await.map_err(|error| match error.url().cloned() {
            Some(url) => unanswered(&url, error),
            None => HubError::Unanswered { url: url.to_owned(), reason: lisa_signed::error_chain(&error) },
        })?;
        let (status, url) = (answer.status(), url.to_owned());
        let reason = format!("status {}", status.as_u16());
        Err(match status {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                return Ok(answer);
            }
            StatusCode::UNAUTHORIZED => HubError::Refused(url),
            StatusCode::FORBIDDEN => HubError::Gated(url),
            StatusCode::NOT_FOUND => HubError::NotFound(url),
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                HubError::Unanswered { url, reason }
            }
            status if status.is_server_error() => HubError::Unanswered { url, reason },
            _ => HubError::Strange { url, reason },
        })
    }
}

/// That an address does not answer, or not to the end.
pub(crate) fn unanswered(url: &Url, error: reqwest::Error) -> HubError {
    HubError::Unanswered { url: unsigned(url), reason: lisa_signed::error_chain(&error.without_url()) }
}

/// An address without its query. Hubs send clients to addresses that are signed there, and open the file to whoever
/// reads them.
pub(crate) fn unsigned(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

/// Whether a path leads nowhere but below its folder.
pub(crate) fn is_relative(path: &str) -> bool {
    !path.is_empty()
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !path.contains(['\\', '\0'])
}

fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

fn path(text: &str) -> String {
    text.split('/').map(part).collect::<Vec<_>>().join("/")
}
