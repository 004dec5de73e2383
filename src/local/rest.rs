//! The services of the REST API side by side, each asked for its own routes, as API Gateway does it in a deployment.

use axum::Router;
use http::Method;
use lisa_api::routes::{self, Found, Service};

/// The services, each with its routes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rest {
    services: Vec<(Service, Router)>,
    files: Router,
}

/// Where uploads go and downloads come from: what a bucket's own address is in a deployment.
const FILES: &str = "/local/objects/";

impl Rest {
    /// No service yet, over these uploads and downloads.
    pub(crate) fn over(files: Router) -> Self {
        Self { services: Vec::new(), files }
    }

    /// With a service.
    #[must_use]
    pub(crate) fn with(mut self, service: Service, router: Router) -> Self {
        self.services.push((service, router));
        self
    }

    /// Who answers a request; nobody where no service has such a path.
    pub(crate) fn service(&self, method: &Method, path: &str) -> Option<Router> {
        if path.starts_with(FILES) {
            return Some(self.files.clone());
        }
        let has = |service: Service| !matches!(routes::find(service, method.as_str(), path), Found::Nothing);
        self.services.iter().find(|(service, _)| has(*service)).map(|(_, router)| router.clone())
    }
}
