//! What holds for every request, as `litellmConfig` sets it; without, the gateway's own figures.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use crate::gateway::LARGEST_BODY;
use crate::registry::{Endpoint, Upstream};

/// What holds for every request.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of a request's body.
    pub max_request: usize,
    /// Bytes of an answer that is not streamed.
    pub max_response: Option<u64>,
    /// The routes that are served, without a slash at the beginning, where not all are.
    pub allowed_routes: Option<Vec<String>>,
    /// The header whose value becomes `user`.
    pub user_header: Option<HeaderName>,
    /// Whether the usage of a stream is asked for where its caller has not, and told to the caller, too; asked for where the
    /// model is known to take that, and kept from the caller where `None`.
    pub stream_usage: Option<bool>,
    /// Whether headers of callers that begin with `x-` go to model servers.
    pub forwards_headers: bool,
    /// How often a silent stream is kept open by a comment.
    pub keep_alive: Duration,
    /// Requests of one caller at a time.
    pub max_parallel: Option<u64>,
    /// Requests of all callers at a time.
    pub global_max_parallel: Option<u64>,
    /// How many requests a thread works on.
    pub admission: Admission,
    /// How answers are remembered.
    pub cache: Option<lisa_litellm::Cache>,
    /// Paths that lead elsewhere.
    pub pass_through: Vec<PassThrough>,
}

/// How many requests a thread works on, how many wait, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// At a time; as many as come where `None`.
    pub in_flight: Option<u64>,
    /// That wait.
    pub queued: u64,
    /// For so long.
    pub patience: Duration,
}

/// A path that leads elsewhere.
#[derive(Clone, Debug)]
pub struct PassThrough {
    /// The path.
    pub path: String,
    /// Where it leads.
    pub target: Upstream,
    /// The same for the pool of connections.
    pub endpoint: Arc<Endpoint>,
    /// Headers of every request.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether any caller may use it, and not administrators alone.
    pub for_users: bool,
    /// Whether paths below it lead there too.
    pub with_subpaths: bool,
    /// Whether headers of the caller are passed on.
    pub forwards_headers: bool,
}

/// Load balancers end connections that are silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

impl Default for Admission {
    fn default() -> Self {
        Self { in_flight: None, queued: 1000, patience: Duration::from_secs(30) }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_request: LARGEST_BODY,
            max_response: None,
            allowed_routes: None,
            user_header: None,
            stream_usage: None,
            forwards_headers: true,
            keep_alive: KEEP_ALIVE,
            max_parallel: None,
            global_max_parallel: None,
            admission: Admission::default(),
            cache: None,
            pass_through: Vec::new(),
        }
    }
}

impl Options {
    /// Whether a path is among the routes that are served; `/health` always is.
    pub fn allows(&self, path: &str) -> bool {
        let Some(routes) = &self.allowed_routes else { return true };
        let plain = path.strip_prefix("/v2/serve/").unwrap_or(path).trim_matches('/');
        let plain = plain.strip_prefix("v1/").unwrap_or(plain);
        routes.iter().any(|route| match route.strip_suffix('*') {
            Some(start) => plain.starts_with(start),
            None => plain == route,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_that_are_served() {
        let routes = Some(vec!["chat/completions".to_owned(), "models*".to_owned()]);
        let options = Options { allowed_routes: routes, ..Options::default() };
        for (path, allowed) in [
            ("/v2/serve/chat/completions", true),
            ("/v2/serve/v1/chat/completions", true),
            ("/v2/serve/models/a", true),
            ("/v2/serve/embeddings", false),
        ] {
            assert_eq!(options.allows(path), allowed, "{path}");
        }
        assert!(Options::default().allows("/v2/serve/embeddings"));
    }
}
