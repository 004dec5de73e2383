//! Every route by every role: what the answer is where the objects are Ada's.

use http::StatusCode;
use lisa_api::routes::{self, Service};
use lisa_auth::{Caller, Via};
use serde_json::{Value, json};

use super::stage::{Stage, management, person, said};

/// Ada's objects, each with the word that nobody else may see.
pub(super) struct Objects {
    pub(super) session: String,
    pub(super) project: String,
    pub(super) template: String,
    pub(super) token: String,
}

/// What stands in all of Ada's objects.
pub(super) const SECRET: &str = "xyzzy";

pub(super) async fn objects(stage: &Stage, ada: &Caller) -> Objects {
    let conversation =
        json!({ "messages": [said("human", SECRET)], "name": SECRET, "configuration": { "a": SECRET } });
    stage.ok(ada, "PUT", "/session/the-session", conversation).await;
    let project = stage.ok(ada, "POST", "/project", json!({ "name": SECRET })).await;
    let template = json!({ "title": SECRET, "body": SECRET, "groups": ["group:secret"] });
    let template = stage.ok(ada, "POST", "/prompt-templates", template).await;
    stage.ok(ada, "PUT", "/user-preferences", json!({ "preferences": { "a": SECRET } })).await;
    let token = stage.ok(ada, "POST", "/api-tokens", json!({ "name": SECRET })).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Objects {
        session: "the-session".to_owned(),
        project: text(&project["projectId"]),
        template: text(&template["id"]),
        token: text(&token["tokenUUID"]),
    }
}

/// A path of the table with Ada's objects in it, and a body that its handler takes.
pub(super) fn filled(method: &str, path: &str, objects: &Objects) -> (String, Value) {
    let whole = path
        .replace("{sessionId}", &objects.session)
        .replace("{projectId}", &objects.project)
        .replace("{promptTemplateId}", &objects.template)
        .replace("{configScope}", "global")
        .replace("{id}", if method == "POST" { "ada" } else { &objects.token });
    let query = match path {
        "/session/search" => format!("?query={SECRET}"),
        "/configuration" if method == "GET" => "?configScope=global".to_owned(),
        "/prompt-templates" if method == "GET" => "?public=true".to_owned(),
        _ => String::new(),
    };
    let body = match (method, path) {
        ("GET" | "DELETE", _) => Value::Null,
        (_, "/session/import") => {
            json!([{ "sessionId": objects.session, "history": [said("human", "mine")] }])
        }
        (_, "/session/{sessionId}/messages") => json!({ "messages": [said("human", "mine")] }),
        (_, "/session/{sessionId}/pin") => json!({ "pinned": true }),
        (_, "/session/{sessionId}/project") => json!({ "projectId": objects.project }),
        (_, "/session/{sessionId}/attachImage") => {
            json!({ "message": { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA==" } } })
        }
        (_, "/configuration/{configScope}") => json!({ "configuration": {} }),
        (_, "/user-preferences") => json!({ "preferences": { "a": "mine" } }),
        _ => json!({ "messages": [said("human", "mine")], "name": "mine", "title": "mine", "body": "mine" }),
    };
    (format!("{whole}{query}"), body)
}

/// Statuses for Ada, for another person, for a member of the template's group, for an administrator, for the
/// management key, and for Ada's own API token.
const TABLE: &[(&str, &str, [u16; 6])] = &[
    ("GET", "/session", [200, 200, 200, 200, 403, 200]),
    ("DELETE", "/session", [200, 200, 200, 200, 403, 200]),
    ("GET", "/session/search", [200, 200, 200, 200, 403, 200]),
    ("POST", "/session/import", [200, 200, 200, 200, 403, 200]),
    ("GET", "/session/{sessionId}", [200, 404, 404, 404, 403, 200]),
    // Anybody's own session may have the id of somebody else's: it is another one.
    ("PUT", "/session/{sessionId}", [200, 200, 200, 200, 403, 200]),
    ("DELETE", "/session/{sessionId}", [200, 200, 200, 200, 403, 200]),
    ("GET", "/session/{sessionId}/messages", [200, 404, 404, 404, 403, 200]),
    ("POST", "/session/{sessionId}/messages", [200, 404, 404, 404, 403, 200]),
    ("GET", "/session/{sessionId}/export", [200, 404, 404, 404, 403, 200]),
    ("PUT", "/session/{sessionId}/name", [200, 404, 404, 404, 403, 200]),
    ("PUT", "/session/{sessionId}/pin", [200, 404, 404, 404, 403, 200]),
    ("PUT", "/session/{sessionId}/project", [200, 404, 404, 404, 403, 200]),
    // There is no bucket of images here.
    ("PUT", "/session/{sessionId}/attachImage", [501, 501, 501, 501, 403, 501]),
    ("GET", "/project", [200, 200, 200, 200, 403, 200]),
    ("POST", "/project", [200, 200, 200, 200, 403, 200]),
    ("PUT", "/project/{projectId}", [200, 404, 404, 404, 403, 200]),
    ("DELETE", "/project/{projectId}", [200, 404, 404, 404, 403, 200]),
    ("GET", "/prompt-templates", [200, 200, 200, 200, 200, 200]),
    ("POST", "/prompt-templates", [200, 200, 200, 200, 403, 200]),
    ("GET", "/prompt-templates/{promptTemplateId}", [200, 404, 200, 200, 200, 200]),
    ("PUT", "/prompt-templates/{promptTemplateId}", [200, 404, 403, 200, 200, 200]),
    ("DELETE", "/prompt-templates/{promptTemplateId}", [200, 404, 403, 200, 200, 200]),
    ("GET", "/user-preferences", [200, 200, 200, 200, 403, 200]),
    ("PUT", "/user-preferences", [200, 200, 200, 200, 403, 200]),
    ("GET", "/configuration", [200, 200, 200, 200, 200, 200]),
    ("PUT", "/configuration/{configScope}", [403, 403, 403, 200, 200, 403]),
    ("GET", "/api-tokens", [200, 200, 200, 200, 200, 200]),
    // Ada has one already; who may make none is not told whether.
    ("POST", "/api-tokens", [422, 403, 403, 200, 200, 403]),
    ("GET", "/api-tokens/{id}", [200, 404, 404, 200, 200, 200]),
    ("POST", "/api-tokens/{id}", [403, 403, 403, 200, 200, 403]),
    ("DELETE", "/api-tokens/{id}", [200, 404, 404, 200, 200, 200]),
];

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let ada = person("ada", &["api", "secret"]);
    let by_token = Caller { via: Via::ApiToken("id".to_owned()), may_make_tokens: false, ..ada.clone() };
    let roles = [
        ada.clone(),
        person("bob", &["team"]),
        person("cem", &["secret"]),
        person("root", &["admins"]),
        management(),
        by_token,
    ];
    let mut wrong = Vec::new();
    for (method, path, expected) in TABLE {
        for (role, expected) in roles.iter().zip(expected) {
            let stage = Stage::embedded().await;
            let objects = objects(&stage, &ada).await;
            let (whole, body) = filled(method, path, &objects);
            let (status, answer) = stage.ask(role, method, &whole, body).await;
            if status != StatusCode::from_u16(*expected).unwrap() {
                wrong
                    .push(format!("{method} {path} by {}: {status}, not {expected}: {answer}", role.subject));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_route_is_missing_from_the_table() {
    let of_api = routes::all().filter(|route| route.service == Service::Chat);
    let of_api: Vec<_> = of_api.map(|route| (route.method.name(), route.path)).collect();
    assert_eq!(TABLE.iter().map(|(method, path, _)| (*method, *path)).collect::<Vec<_>>(), of_api);
}
