//! The gateway's routes: what a method and a path ask for.

use http::Method;

use crate::answer::Shape;

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
    /// What is known of the models that the caller may use, as LiteLLM writes it.
    ModelInfo,
    /// What is known of one of them, as upstream writes it.
    Metadata(&'a str),
    /// A model is asked.
    Ask(Ask),
    /// Upstream's first routes: models by type and provider.
    V1(V1),
    /// What the browser asks before it asks.
    Preflight,
    /// A response that was made before, by its id.
    Kept,
    /// The path is there, with other methods.
    MethodNotAllowed(&'static str),
    /// Nothing.
    Unknown,
}

/// What a model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A route of OpenAI's that takes JSON with `model` in it: `chat/completions`.
    Json(&'static str),
    /// A route of OpenAI's that takes a form with a field `model`: `audio/transcriptions`.
    Form(&'static str),
    /// Anthropic's Messages.
    Messages,
    /// How many tokens a request for Anthropic's Messages has.
    CountTokens,
    /// Upstream's `generate`.
    Generate,
    /// Upstream's `generateStream`.
    GenerateStream,
    /// Upstream's `embeddings`.
    Embed,
}

/// Upstream's first routes that no model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum V1 {
    /// Names of models, by type and provider.
    ListModels,
    /// Models, by type and provider.
    DescribeModels,
    /// One model, by provider and name.
    DescribeModel,
}

/// Routes of models that take a body in JSON with `model` in it.
/// Source: OpenAI's API reference; `rerank` is vLLM's, TEI's and Cohere's.
const JSON: [&str; 8] = [
    "chat/completions",
    "completions",
    "embeddings",
    "responses",
    "audio/speech",
    "images/generations",
    "moderations",
    "rerank",
];

/// Routes of models that take a form with a field `model`. Source: OpenAI's API reference.
const FORMS: [&str; 4] = ["audio/transcriptions", "audio/translations", "images/edits", "images/variations"];

/// Upstream's first routes. Source: upstream's `lisa-sdk/lisapy/main.py`, whose later versions ask for them below `/v2/`.
const FIRST: [(&str, Route<'static>); 6] = [
    ("listModels", Route::V1(V1::ListModels)),
    ("describeModels", Route::V1(V1::DescribeModels)),
    ("describeModel", Route::V1(V1::DescribeModel)),
    ("generate", Route::Ask(Ask::Generate)),
    ("generateStream", Route::Ask(Ask::GenerateStream)),
    ("embeddings", Route::Ask(Ask::Embed)),
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
            _ => path.strip_prefix(PREFIX).map_or_else(|| Self::first(path), Self::served),
        };
        let (allowed, listed) = match found {
            Self::Ask(_) => (method == Method::POST, "POST"),
            Self::Unknown | Self::Kept => (true, ""),
            _ => (method == Method::GET || method == Method::HEAD, "GET, HEAD"),
        };
        if allowed { found } else { Self::MethodNotAllowed(listed) }
    }

    /// Upstream's first routes.
    fn first(path: &str) -> Self {
        let rest = path.strip_prefix("/v1/").or_else(|| path.strip_prefix("/v2/"));
        let found = rest.and_then(|rest| FIRST.into_iter().find(|(name, _)| *name == rest));
        found.map_or(Self::Unknown, |(_, route)| route)
    }

    /// What follows the prefix, with and without `v1/`.
    fn served(rest: &'a str) -> Self {
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let bare = rest.strip_prefix("anthropic/").unwrap_or(rest);
        match bare.strip_prefix("v1/").unwrap_or(bare) {
            "messages" => return Self::Ask(Ask::Messages),
            "messages/count_tokens" => return Self::Ask(Ask::CountTokens),
            _ => {}
        }
        let rest = rest.strip_prefix("v1/").unwrap_or(rest);
        if let Some(name) = rest.strip_prefix("models") {
            return Self::named(name);
        }
        let find = |routes: &[&'static str]| routes.iter().copied().find(|route| *route == rest);
        match (rest, find(&JSON), find(&FORMS)) {
            ("model/info", ..) => Self::ModelInfo,
            ("health" | "health/readiness" | "health/liveliness" | "health/liveness", ..) => Self::Health,
            (_, Some(route), _) => Self::Ask(Ask::Json(route)),
            (_, _, Some(route)) => Self::Ask(Ask::Form(route)),
            _ if rest.starts_with("responses/") => Self::Kept,
            _ => Self::Unknown,
        }
    }

    /// What follows `models`. Names of models may hold slashes: `mistralai/Mistral-7B`.
    fn named(name: &'a str) -> Self {
        if name.is_empty() {
            return Self::Models;
        }
        let name = name.strip_prefix('/').filter(|name| !name.is_empty());
        name.map_or(Self::Unknown, |name| match name.strip_prefix("metadata/") {
            Some(name) if !name.is_empty() => Self::Metadata(name),
            _ => Self::Model(name),
        })
    }

    /// The form in which its errors are written; only Anthropic's routes have another one than OpenAI's.
    pub fn shape(path: &str) -> Shape {
        let rest = path.strip_prefix(PREFIX).unwrap_or_default();
        let rest = rest.strip_prefix("anthropic/").unwrap_or(rest);
        let rest = rest.strip_prefix("v1/").unwrap_or(rest);
        if rest == "messages" || rest.starts_with("messages/") { Shape::Anthropic } else { Shape::OpenAi }
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
        assert_eq!(get("/v2/serve/health/readiness"), Route::Health);
        assert_eq!(get("/v2/serve/models"), Route::Models);
        assert_eq!(get("/v2/serve/v1/models/"), Route::Models);
        assert_eq!(get("/v2/serve/models/org/name"), Route::Model("org/name"));
        assert_eq!(get("/v2/serve/models/metadata/org/name"), Route::Metadata("org/name"));
        assert_eq!(get("/v2/serve/v1/model/info"), Route::ModelInfo);
        for route in JSON {
            for path in [format!("/v2/serve/{route}"), format!("/v2/serve/v1/{route}")] {
                assert_eq!(Route::of(&Method::POST, &path), Route::Ask(Ask::Json(route)), "{path}");
            }
        }
        for route in FORMS {
            let path = format!("/v2/serve/v1/{route}");
            assert_eq!(Route::of(&Method::POST, &path), Route::Ask(Ask::Form(route)));
        }
        assert_eq!(get("/v2/serve/chat/completions"), Route::MethodNotAllowed("POST"));
        assert_eq!(post("/health"), Route::MethodNotAllowed("GET, HEAD"));
        for path in
            ["/", "/v2/serve", "/v2/serve/", "/v2/serve/key/generate", "/v1/models", "/v2/serve/modelsx"]
        {
            assert_eq!(get(path), Route::Unknown, "{path}");
        }
        assert_eq!(Route::of(&Method::OPTIONS, "/v2/serve/models"), Route::Preflight);
        for method in [Method::GET, Method::DELETE] {
            assert_eq!(Route::of(&method, "/v2/serve/v1/responses/resp_1"), Route::Kept);
        }
        assert_eq!(post("/v2/serve/responses/resp_1/cancel"), Route::Kept);
    }

    #[test]
    fn routes_of_others() {
        for path in ["/v2/serve/v1/messages", "/v2/serve/messages", "/v2/serve/anthropic/v1/messages"] {
            assert_eq!(Route::of(&Method::POST, path), Route::Ask(Ask::Messages), "{path}");
            let count = format!("{path}/count_tokens");
            assert_eq!(Route::of(&Method::POST, &count), Route::Ask(Ask::CountTokens));
            assert_eq!(Route::shape(&count), Shape::Anthropic);
        }
        assert_eq!(Route::shape("/v2/serve/chat/completions"), Shape::OpenAi);
        assert_eq!(Route::of(&Method::GET, "/v1/describeModels"), Route::V1(V1::DescribeModels));
        assert_eq!(Route::of(&Method::POST, "/v1/generateStream"), Route::Ask(Ask::GenerateStream));
        assert_eq!(Route::of(&Method::POST, "/v2/embeddings"), Route::Ask(Ask::Embed));
        assert_eq!(Route::of(&Method::POST, "/v1/listModels"), Route::MethodNotAllowed("GET, HEAD"));
    }
}
