//! The layers around a service's routes: request id, log line, headers for browsers, problems in the service's shape,
//! panics, body limit, health, and an answer to what no route takes.

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, map_response};
use lisa_api::routes::Service;
use lisa_auth::Authenticator;

use crate::health::{self, Health};
use crate::limits::{self, BodyLimit};
use crate::problem::{self, Shape};
use crate::settings::Common;
use crate::{access_log, admission, cors, panics, request_id, routing};

/// An HTTP service: its own routes and how the chassis treats them.
pub struct App {
    routes: Router,
    origins: cors::Origins,
    table: Option<Service>,
    shape: Shape,
    limit: BodyLimit,
    health: Health,
    authenticator: Option<Arc<Authenticator>>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("table", &self.table).field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl App {
    /// A service with these routes, their state already in them.
    pub fn new(common: &Common, routes: Router) -> Self {
        Self {
            routes,
            origins: cors::Origins::new(&common.cors_origins),
            table: None,
            shape: Shape::default(),
            limit: BodyLimit::DEFAULT,
            health: Health::default(),
            authenticator: None,
        }
    }

    /// Answers 501 to the routes of this part of the table that the service has no handler for.
    pub fn table(self, service: Service) -> Self {
        Self { table: Some(service), ..self }
    }

    /// Writes problems in this shape.
    pub fn shape(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// Takes bodies of up to so many bytes; 10 MiB if it is not said.
    pub fn body_limit(self, bytes: usize) -> Self {
        Self { limit: BodyLimit(bytes), ..self }
    }

    /// Lets callers in by itself, by the rules of API Gateway's authorizer: for listeners that have none before them.
    pub fn admitting(self, authenticator: Arc<Authenticator>) -> Self {
        Self { authenticator: Some(authenticator), ..self }
    }

    /// The service's health, for its routes to tell.
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// The whole service.
    pub fn into_router(self) -> Router {
        let Self { routes, origins, table, shape, limit, health, authenticator } = self;
        let routes = routes
            .merge(health::routes(health))
            .fallback(move |request: Request| {
                ready(routing::unserved(table, request.method(), request.uri().path()))
            })
            .method_not_allowed_fallback(move |request: Request| {
                ready(routing::other_method(table, request.method(), request.uri().path()))
            })
            .layer(limit.of_extractors());
        let routes = match authenticator {
            None => routes,
            Some(authenticator) => routes.layer(from_fn(move |request, next| {
                admission::admit(Arc::clone(&authenticator), table, request, next)
            })),
        };
        routes
            .layer(from_fn(move |request, next| limits::refuse_announced(limit, request, next)))
            .layer(from_fn(panics::isolate))
            .layer(map_response(move |response| ready(problem::reshape(shape, response))))
            .layer(from_fn(move |request, next| cors::answer(origins.clone(), request, next)))
            .layer(from_fn(access_log::record))
            .layer(from_fn(request_id::assign))
    }
}

#[cfg(test)]
mod tests;
