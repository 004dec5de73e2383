//! The description of the model-management API: OpenAPI 3.1, made from the route table and the types.

mod page;

use lisa_api::ErrorBody;
use lisa_api::models::{
    CreateModelRequest, DeleteModelResponse, ListModelsResponse, ModelResponse, UpdateModelRequest,
};
use lisa_api::routes::{self, Body, Caller, Route, Service};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

pub use page::page;

/// What is to be said of a route beyond the table.
struct Told {
    summary: &'static str,
    description: &'static str,
    request: Option<Value>,
    answer: Value,
    parameters: Vec<Value>,
    /// Statuses of failure beyond those that every route has.
    failures: &'static [u16],
}

/// The whole description. Paths are below the stage.
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let error = generator.subschema_for::<ErrorBody>().to_value();
    let mut paths = Map::new();
    for route in routes::all().filter(|route| route.service == Service::Models) {
        let Some(told) = told(route, &mut generator) else { continue };
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.key()] = operation(route, told, &error);
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "LISA model management",
            "description": "Models: made, changed, started, stopped and deleted. A call answers at once, and the model's \
                            `status` tells how far its workflow is.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "A token of the deployment's OpenID \
                             provider, an API token, or the management key." },
            },
        },
    })
}

/// What is said of a route; `None` for one that is new to the table, which a test finds.
#[expect(clippy::too_many_lines, reason = "a table, one entry for each route")]
fn told(route: &Route, generator: &mut SchemaGenerator) -> Option<Told> {
    let model = |generator: &mut SchemaGenerator| generator.subschema_for::<ModelResponse>().to_value();
    let plain = |summary, description, answer| Told {
        summary,
        description,
        request: None,
        answer,
        parameters: Vec::new(),
        failures: &[],
    };
    let told = match (route.method, route.path) {
        (routes::Method::Get, "/models") => Told {
            parameters: paging(),
            failures: &[400, 422],
            ..plain(
                "List models",
                "Every model that the caller may see: administrators see all, others those of their groups.",
                generator.subschema_for::<ListModelsResponse>().to_value(),
            )
        },
        (routes::Method::Post, "/models") => Told {
            request: Some(generator.subschema_for::<CreateModelRequest>().to_value()),
            parameters: vec![idempotency()],
            failures: &[400, 413, 422],
            ..plain(
                "Create a model",
                "Hosted by LISA where `autoScalingConfig`, `containerConfig`, `inferenceContainer`, `instanceType` and \
                 `loadBalancerConfig` are given, else reached elsewhere.",
                model(generator),
            )
        },
        (routes::Method::Get, "/models/metadata/instances") => plain(
            "List instance types",
            "The types that a model can be hosted on; none where every model is elsewhere.",
            json!({ "type": "array", "items": { "type": "string" } }),
        ),
        (routes::Method::Get, "/models/{modelId}") => Told {
            failures: &[404],
            ..plain("Show a model", "One model, with its status.", model(generator))
        },
        (routes::Method::Put, "/models/{modelId}") => Told {
            request: Some(generator.subschema_for::<UpdateModelRequest>().to_value()),
            failures: &[400, 404, 413, 422],
            ..plain(
                "Change, start or stop a model",
                "At least one field is given. The answer is the model as it was before.",
                model(generator),
            )
        },
        (routes::Method::Delete, "/models/{modelId}") => Told {
            failures: &[400, 404],
            ..plain(
                "Delete a model",
                "Whatever its status; a workflow that is at work on it is stopped.",
                generator.subschema_for::<DeleteModelResponse>().to_value(),
            )
        },
        (routes::Method::Put, "/models/{modelId}/start") => Told {
            failures: &[400, 404, 422],
            ..plain("Start a model", "As a change with `enabled` `true`.", model(generator))
        },
        (routes::Method::Put, "/models/{modelId}/stop") => Told {
            failures: &[400, 404, 422],
            ..plain("Stop a model", "As a change with `enabled` `false`.", model(generator))
        },
        (routes::Method::Get, "/docs") => {
            plain("Show this description as a page", "For people.", json!({ "type": "string" }))
        }
        (routes::Method::Get, "/openapi.json") => {
            plain("Show this description", "For programs.", json!({ "type": "object" }))
        }
        _ => return None,
    };
    Some(told)
}

fn paging() -> Vec<Value> {
    let most = crate::management::PAGE;
    vec![
        json!({
            "name": "limit",
            "in": "query",
            "description": "Models of the answer, at most.",
            "schema": { "type": "integer", "minimum": 1, "maximum": most },
        }),
        json!({
            "name": "nextToken",
            "in": "query",
            "description": "Where the answer before this one ended: its `nextToken`.",
            "schema": { "type": "string", "minLength": 1 },
        }),
    ]
}

fn idempotency() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes a repeated request harmless: the same key and request is the same model.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 128 },
    })
}

fn operation(route: &Route, told: Told, error: &Value) -> Value {
    let kind = if route.path == "/docs" { "text/html" } else { "application/json" };
    let mut answers = Map::new();
    answers.insert(
        "200".to_owned(),
        json!({ "description": "Done.", "content": { kind: { "schema": told.answer } } }),
    );
    let usual: &[u16] = if route.caller == Caller::Anyone { &[] } else { &[401, 403, 429, 500, 503] };
    for status in usual.iter().chain(told.failures) {
        let failure = json!({
            "description": meaning(*status),
            "content": { "application/json": { "schema": error } },
        });
        answers.insert(status.to_string(), failure);
    }
    let in_path = route.parameters().map(|name| {
        json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": "The model's id.",
            "schema": { "type": "string", "minLength": 1 },
        })
    });
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": told.summary,
        "description": told.description,
        "parameters": in_path.chain(told.parameters).collect::<Vec<_>>(),
        "responses": answers,
        "security": if route.caller == Caller::Anyone { json!([]) } else { json!([{ "bearer": [] }]) },
    });
    if let (Some(request), Body::Object) = (told.request, route.body) {
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": request } } });
    }
    operation
}

/// `putModelsModelIdStart` for `PUT /models/{modelId}/start`.
fn operation_id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(route.method.key().to_owned(), |id, word| {
        let (first, rest) = word.split_at(1);
        id + &first.to_uppercase() + rest
    })
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request makes no sense, the id is taken, or the model's status does not allow it.",
        401 => "The caller has not shown who they are.",
        403 => "The caller may not do this.",
        404 => "There is no such model, or none that the caller may see.",
        413 => "The request is too large.",
        422 => "Fields of the request are wrong; `detail` names every one.",
        429 => "Too many requests are under way.",
        503 => "A service that this needs does not answer.",
        _ => "A fault of LISA; its log tells more.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_table_is_described() {
        let document = document();
        for route in routes::all().filter(|route| route.service == Service::Models) {
            assert!(document["paths"][route.path][route.method.key()].is_object(), "{route:?}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        let named: Vec<&str> =
            text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(named.len() > 10, "{named:?}");
        for name in named {
            assert!(document.pointer(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_page_has_every_operation_and_no_script() {
        let page = page(&document());
        assert!(page.contains("<code>/models/{modelId}/start</code>") && page.contains("Create a model"));
        assert!(!page.contains("<script") && !page.contains("https://"), "{page}");
    }
}
