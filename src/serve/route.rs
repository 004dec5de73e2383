//! The gateway's routes: what a method and a path ask for.

use http::Method;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// Whether the process is alive and can be sent requests.
    Health,
    /// Counters for Prometheus.
    Metrics,
    /// The models that the caller may use.
    Models,
    /// One of them, as the path spells it.
    Model(&'a str),
    /// A model's own route, passed on: `chat/completions`.
    Pass(&'a str),
    /// What the browser asks before it asks.
    Preflight,
    /// The path is there, with other methods.
    MethodNotAllowed(&'static str),
    /// Nothing.
    Unknown,
}

/// Routes of models that take a body in JSON with `model` in it.
/// Source: OpenAI's API reference; `rerank` is vLLM's, TEI's and Cohere's.
const JSON: &[&str] = &[
    "audio/speech",
    "chat/completions",
    "completions",
    "embeddings",
    "images/generations",
    "moderations",
    "rerank",
    "responses",
];

/// What stands before the models' routes.
const PREFIX: &str = "/v2/serve/";

impl<'a> Route<'a> {
    /// What `method` and `path` ask for.
    pub fn of(method: &Method, path: &'a str) -> Self {
        if method == Method::OPTIONS {
            return Self::Preflight;
        }
        let found = match path {
            "/health" | "/health/" | "/health/readiness" | "/health/liveness" | "/health/liveliness" => {
                Self::Health
            }
            "/metrics" => Self::Metrics,
            _ => path.strip_prefix(PREFIX).map_or(Self::Unknown, Self::served),
        };
        let (allowed, listed) = match found {
            Self::Health | Self::Metrics | Self::Models | Self::Model(_) => {
                (method == Method::GET || method == Method::HEAD, "GET, HEAD")
            }
            Self::Pass(_) => (method == Method::POST, "POST"),
            _ => (true, ""),
        };
        if allowed { found } else { Self::MethodNotAllowed(listed) }
    }

    /// What follows the prefix, with and without `v1/`.
    fn served(rest: &'a str) -> Self {
        let rest = rest.strip_prefix("v1/").unwrap_or(rest);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        match rest.strip_prefix("models") {
            Some("") => return Self::Models,
            Some(name) => {
                // Names of models may hold slashes: `mistralai/Mistral-7B`.
                return name
                    .strip_prefix('/')
                    .filter(|name| !name.is_empty())
                    .map_or(Self::Unknown, Self::Model);
            }
            None => {}
        }
        if JSON.contains(&rest) { Self::Pass(rest) } else { Self::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes() {
        let get = |path| Route::of(&Method::GET, path);
        let post = |path| Route::of(&Method::POST, path);
        assert_eq!(get("/health"), Route::Health);
        assert_eq!(get("/v2/serve/models"), Route::Models);
        assert_eq!(get("/v2/serve/v1/models/"), Route::Models);
        assert_eq!(get("/v2/serve/models/org/name"), Route::Model("org/name"));
        assert_eq!(post("/v2/serve/chat/completions"), Route::Pass("chat/completions"));
        assert_eq!(post("/v2/serve/v1/embeddings"), Route::Pass("embeddings"));
        assert_eq!(get("/v2/serve/chat/completions"), Route::MethodNotAllowed("POST"));
        assert_eq!(post("/health"), Route::MethodNotAllowed("GET, HEAD"));
        for path in
            ["/", "/v2/serve", "/v2/serve/", "/v2/serve/key/generate", "/v1/models", "/v2/serve/modelsx"]
        {
            assert_eq!(get(path), Route::Unknown, "{path}");
        }
        assert_eq!(Route::of(&Method::OPTIONS, "/v2/serve/models"), Route::Preflight);
    }
}
