//! The routes of the REST API: method, path, the service that answers and who may call.
//!
//! API Gateway is told these and nothing else, so that a path which is not here never reaches a service; a service
//! reads them to tell a route that it does not serve yet from one that there is not.

mod chat;
mod models;
mod rag;

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or asks what a query is too small for.
    Post,
    /// Changes.
    Put,
    /// Takes away.
    Delete,
}

impl Method {
    /// As HTTP spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// As OpenAPI spells it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }
}

/// The service that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// The model-management API.
    Models,
    /// Sessions and everything else that belongs to people.
    Chat,
    /// Repositories, documents and search.
    Rag,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 3] = [Self::Models, Self::Chat, Self::Rag];

    /// Its name: `models`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Models => "models",
            Self::Chat => "chat",
            Self::Rag => "rag",
        }
    }
}

/// Who may call a route at all; the function still decides on the object that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
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
pub enum Body {
    /// Nothing.
    None,
    /// A JSON object: anything else is refused before it reaches the function.
    Object,
    /// What the function makes of it: JSON text, Markdown.
    Any,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path below the stage, variable parts in braces: `/models/{modelId}`.
    pub path: &'static str,
    /// Who answers.
    pub service: Service,
    /// Who may call.
    pub caller: Caller,
    /// What a request must carry.
    pub body: Body,
    /// Query parameters without which the request is refused.
    pub query: &'static [&'static str],
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

    /// Whether a path is one of the route's: as many parts, none empty where the route has a variable one.
    fn covers(&self, path: &str) -> bool {
        let (own, given) = (self.path.split('/'), path.split('/'));
        own.clone().count() == given.clone().count()
            && own.zip(given).all(
                |(own, given)| {
                    if own.starts_with('{') { !given.is_empty() } else { own == given }
                },
            )
    }

    /// Names of the path's variable parts, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// Every route, of all services.
pub fn all() -> impl Iterator<Item = &'static Route> {
    [models::ROUTES, chat::ROUTES, rag::ROUTES].into_iter().flatten()
}

/// What the table says about a method and a path.
#[derive(Clone, Debug)]
pub enum Found {
    /// The route.
    Route(&'static Route),
    /// The path is there with these methods alone.
    Methods(Vec<Method>),
    /// There is no such path.
    Nothing,
}

/// The route of a request to a service: its method as HTTP spells it, its path below the stage.
///
/// As in API Gateway, a part that is spelt out goes before a variable one, whatever the methods of the two.
pub fn find(service: Service, method: &str, path: &str) -> Found {
    let routes = || all().filter(|route| route.service == service);
    let exact = |route: &&Route| route.path.split('/').map(|part| part.starts_with('{')).collect::<Vec<_>>();
    let Some(best) = routes().filter(|route| route.covers(path)).min_by_key(exact) else {
        return Found::Nothing;
    };
    let here: Vec<_> = routes().filter(|route| route.path == best.path).collect();
    match here.iter().find(|route| route.method.name() == method) {
        Some(route) => Found::Route(route),
        None => Found::Methods(here.iter().map(|route| route.method).collect()),
    }
}

#[cfg(test)]
mod tests;
