//! What API Gateway would refuse in a route table, and who may call what.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Routes that anybody may call without a token; a new one must be added here as well.
const PUBLIC: [(Method, &str); 2] = [(Method::Get, "/docs"), (Method::Get, "/openapi.json")];

#[test]
fn no_route_is_listed_twice() {
    let mut seen = BTreeSet::new();
    for route in all() {
        assert!(seen.insert((route.method, route.path)), "{route:?}");
    }
}

#[test]
fn only_the_documentation_is_public() {
    let public: Vec<_> = all()
        .filter(|route| route.caller == Caller::Anyone)
        .map(|route| (route.method, route.path))
        .collect();
    assert_eq!(public, PUBLIC);
}

/// API Gateway refuses two names for the variable part of one place.
#[test]
fn a_variable_part_has_one_name() {
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for route in all() {
        let mut place = String::new();
        for part in route.path.split('/').skip(1) {
            if part.starts_with('{') {
                assert_eq!(names.entry(place.clone()).or_insert(part), &part, "{}", route.path);
            }
            place = format!("{place}/{part}");
        }
    }
}

#[test]
fn models_are_changed_by_administrators_alone() {
    for route in all().filter(|route| route.service == Service::Models && route.method != Method::Get) {
        assert_eq!(route.caller, Caller::Admin, "{route:?}");
    }
}

#[test]
fn variable_parts_are_named() {
    let route = Route::get("/repository/{repositoryId}/jobs/{jobId}", Service::Rag, Caller::User);
    assert_eq!(route.parameters().collect::<Vec<_>>(), ["repositoryId", "jobId"]);
}

#[test]
fn every_service_has_routes() {
    for service in Service::ALL {
        assert!(all().any(|route| route.service == service), "{service:?}");
    }
}

/// What the table says, in one word or as methods.
fn found(service: Service, method: &str, path: &str) -> String {
    match find(service, method, path) {
        Found::Route(route) => format!("{} {}", route.method.name(), route.path),
        Found::Methods(methods) => methods.iter().map(|method| method.name()).collect::<Vec<_>>().join(", "),
        Found::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn a_request_finds_its_route() {
    use Service::{Chat, Models, Rag};
    for (service, method, path, expected) in [
        (Chat, "GET", "/session/1", "GET /session/{sessionId}"),
        (Chat, "GET", "/session/search", "GET /session/search"),
        (Chat, "POST", "/session/search", "GET"),
        (Chat, "PATCH", "/session/1", "GET, PUT, DELETE"),
        (Chat, "GET", "/session/", "nothing"),
        (Chat, "GET", "/session/1/2/3", "nothing"),
        (Chat, "GET", "/models", "nothing"),
        (Models, "GET", "/models/metadata/instances", "GET /models/metadata/instances"),
        (Rag, "GET", "/repository/status", "GET /repository/status"),
        (Rag, "GET", "/repository/a/jobs", "GET /repository/{repositoryId}/jobs"),
        (Rag, "GET", "/repository/a/b", "GET /repository/{repositoryId}/{documentId}"),
    ] {
        assert_eq!(found(service, method, path), expected, "{method} {path}");
    }
}
