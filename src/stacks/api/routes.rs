//! Which routes of the REST API a configuration deploys, and the stack behind each.

use lisa_api::routes::{self, Route, Service};
use lisa_config::Config;

use crate::app::StackName;

/// The routes of the services that are deployed.
pub(super) fn deployed(config: &Config) -> impl Iterator<Item = &'static Route> {
    routes::all().filter(|route| is_on(route.service, config))
}

/// Whether the configuration deploys a service.
pub(super) const fn is_on(service: Service, config: &Config) -> bool {
    stack(service).why_off(config).is_none()
}

/// The stack that has the service's function.
const fn stack(service: Service) -> StackName {
    match service {
        Service::Models => StackName::Models,
        Service::Chat => StackName::Chat,
        Service::Rag => StackName::Rag,
    }
}
