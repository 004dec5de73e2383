//! The services of the REST API side by side, each asked for its own routes, as API Gateway does it in a deployment.

use axum::Router;
use http::Method;
use lisa_api::routes::{self, Found, Service};

/// The services, each with its routes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rest(Vec<(Service, Router)>);

impl Rest {
    /// With a service.
    #[must_use]
    pub(crate) fn with(mut self, service: Service, router: Router) -> Self {
        self.0.push((service, router));
        self
    }

    /// Who answers a request; nobody where no service has such a path.
    pub(crate) fn service(&self, method: &Method, path: &str) -> Option<Router> {
        let has = |service: Service| !matches!(routes::find(service, method.as_str(), path), Found::Nothing);
        self.0.iter().find(|(service, _)| has(*service)).map(|(_, router)| router.clone())
    }
}
