//! The routes of the REST API: method, path, the function that answers and who may call. API Gateway knows these
//! and nothing else, so that a path which is not here never reaches a function.

mod chat;
mod models;
mod rag;

use lisa_config::Config;

use crate::app::StackName;

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    /// As OpenAPI spells it.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }
}

/// The function that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Models,
    Chat,
    Rag,
}

impl Service {
    /// Every service.
    pub(crate) const ALL: [Self; 3] = [Self::Models, Self::Chat, Self::Rag];

    /// Its name, as [`crate::Naming::function`] takes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Models => "models",
            Self::Chat => "chat",
            Self::Rag => "rag",
        }
    }

    /// The stack that has the function.
    pub(crate) const fn stack(self) -> StackName {
        match self {
            Self::Models => StackName::Models,
            Self::Chat => StackName::Chat,
            Self::Rag => StackName::Rag,
        }
    }

    /// Whether the configuration deploys it.
    pub(crate) const fn is_on(self, config: &Config) -> bool {
        self.stack().why_off(config).is_none()
    }
}

/// Who may call a route at all; the function still decides on the object that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Anybody, without a token.
    Anyone,
    /// Who is signed in.
    User,
    /// Who may administer repositories.
    RagAdmin,
    /// Administrators.
    Admin,
}

/// What a request must carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Nothing.
    None,
    /// A JSON object: anything else is refused before it reaches the function.
    Object,
    /// What the function makes of it: JSON text, Markdown.
    Any,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) service: Service,
    pub(crate) caller: Caller,
    pub(crate) body: Body,
    /// Query parameters without which the request is refused.
    pub(crate) query: &'static [&'static str],
}

impl Route {
    const fn new(method: Method, path: &'static str, service: Service, caller: Caller) -> Self {
        let body = match method {
            Method::Get | Method::Delete => Body::None,
            Method::Post | Method::Put => Body::Object,
        };
        Self { method, path, service, caller, body, query: &[] }
    }

    const fn get(path: &'static str, service: Service, caller: Caller) -> Self {
        Self::new(Method::Get, path, service, caller)
    }

    const fn post(path: &'static str, service: Service, caller: Caller) -> Self {
        Self::new(Method::Post, path, service, caller)
    }

    const fn put(path: &'static str, service: Service, caller: Caller) -> Self {
        Self::new(Method::Put, path, service, caller)
    }

    const fn delete(path: &'static str, service: Service, caller: Caller) -> Self {
        Self::new(Method::Delete, path, service, caller)
    }

    const fn carrying(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    const fn asking(mut self, query: &'static [&'static str]) -> Self {
        self.query = query;
        self
    }

    /// Names of the path's variable parts, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// Every route, of all services.
pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    [models::ROUTES, chat::ROUTES, rag::ROUTES].into_iter().flatten()
}

/// The routes of the services that are deployed.
pub(crate) fn deployed(config: &Config) -> impl Iterator<Item = &'static Route> {
    all().filter(|route| route.service.is_on(config))
}

#[cfg(test)]
mod tests;
