//! What a caller may do: one table for every route of every service. What is not in it is for administrators.

use lisa_api::routes;

use crate::caller::Caller;

/// Who may use a route at all; the service still decides on the object that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Anybody, without a credential.
    Anyone,
    /// Whoever has shown who they are.
    User,
    /// Who administers repositories.
    RagAdmin,
    /// Who administers the deployment.
    Admin,
}

impl From<routes::Caller> for Level {
    fn from(caller: routes::Caller) -> Self {
        match caller {
            routes::Caller::Anyone => Self::Anyone,
            routes::Caller::User => Self::User,
            routes::Caller::RagAdmin => Self::RagAdmin,
            routes::Caller::Admin => Self::Admin,
        }
    }
}

/// Who may use a route of the REST API, by its method and its path as API Gateway names it: `/models/{modelId}`.
pub fn rest(method: &str, resource: &str) -> Level {
    let route = routes::all().find(|route| route.method.name() == method && route.path == resource);
    route.map_or(Level::Admin, |route| route.caller.into())
}

impl Level {
    /// Whether the caller may use a route of this level.
    pub const fn admits(self, caller: &Caller) -> bool {
        match self {
            Self::Anyone | Self::User => true,
            Self::RagAdmin => caller.is_rag_admin,
            Self::Admin => caller.is_admin,
        }
    }
}

/// Routes of the gateway under `/v2/serve/` that every caller may use, without `v1/` before them: the models' own.
/// Source: the list of OpenAI routes in upstream's gateway, and Anthropic's two.
pub(crate) const SERVE: &[&str] = &[
    "audio/speech",
    "audio/transcriptions",
    "audio/translations",
    "chat/completions",
    "completions",
    "embeddings",
    "images/edits",
    "images/generations",
    "images/variations",
    "messages",
    "messages/count_tokens",
    "model/info",
    "models",
    "models/*",
    "moderations",
    "rerank",
    "responses",
    "responses/*",
];

/// Who may use a path of the gateway.
pub fn serve(path: &str) -> Level {
    let path = path.trim_end_matches('/');
    if matches!(path, "/health" | "/health/readiness" | "/health/liveness" | "/health/liveliness") {
        return Level::Anyone;
    }
    let Some(rest) = path.strip_prefix("/v2/serve/") else { return Level::Admin };
    let rest = rest.strip_prefix("anthropic/").unwrap_or(rest);
    let rest = rest.strip_prefix("v1/").unwrap_or(rest);
    let is_plain = rest.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let matches = |route: &&&str| match route.strip_suffix('*') {
        Some(start) => rest.strip_prefix(start).is_some_and(|id| !id.contains('/')),
        None => rest == **route,
    };
    if is_plain && SERVE.iter().any(|route| matches(&route)) { Level::User } else { Level::Admin }
}
