//! What else belongs to people: projects, templates, preferences, configuration, tokens.

use http::StatusCode;
use lisa_auth::{Via, api_token};
use serde_json::{Value, json};

use super::stage::{Stage, person, said};

#[tokio::test]
async fn projects_group_sessions_and_let_them_go() {
    let (stage, ada) = (Stage::embedded().await, person("ada", &[]));
    let project = stage.ok(&ada, "POST", "/project", json!({ "name": "P" })).await;
    let id = project["projectId"].as_str().unwrap().to_owned();
    for session in ["s", "t"] {
        stage
            .ok(&ada, "PUT", &format!("/session/{session}"), json!({ "messages": [said("human", "a")] }))
            .await;
    }
    let moved = stage.ok(&ada, "PUT", "/session/s/project", json!({ "projectId": id })).await;
    assert_eq!(moved["projectId"], json!(id));
    let within = stage.ok(&ada, "GET", &format!("/session?projectId={id}"), Value::Null).await;
    assert_eq!(within.as_array().unwrap().len(), 1);
    stage.ok(&ada, "PUT", &format!("/project/{id}"), json!({ "name": "Q" })).await;
    assert_eq!(stage.ok(&ada, "GET", "/project", Value::Null).await[0]["name"], "Q");
    stage.ok(&ada, "DELETE", &format!("/project/{id}"), Value::Null).await;
    assert_eq!(stage.ok(&ada, "GET", "/session/s", Value::Null).await["projectId"], Value::Null);
    let again = stage.ok(&ada, "POST", "/project", json!({ "name": "R" })).await;
    let id = again["projectId"].as_str().unwrap().to_owned();
    stage.ok(&ada, "PUT", "/session/s/project", json!({ "projectId": id })).await;
    stage.ok(&ada, "DELETE", &format!("/project/{id}?deleteSessions=true"), Value::Null).await;
    assert_eq!(stage.ask(&ada, "GET", "/session/s", Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(stage.ok(&ada, "GET", "/session", Value::Null).await.as_array().unwrap().len(), 1);
    assert_eq!(stage.ask(&ada, "POST", "/project", json!({ "name": " " })).await.0, 422);
}

#[tokio::test]
async fn templates_have_revisions_and_readers() {
    let stage = Stage::embedded().await;
    let (ada, bob, eve) = (person("ada", &["team"]), person("bob", &["team"]), person("eve", &[]));
    let body = json!({ "title": "T", "body": "b1", "type": "directive", "groups": ["group:team"] });
    let made = stage.ok(&ada, "POST", "/prompt-templates", body).await;
    assert_eq!(
        (&made["revision"], &made["type"], &made["owner"]),
        (&json!(1), &json!("directive"), &json!("ada"))
    );
    let path = format!("/prompt-templates/{}", made["id"].as_str().unwrap());
    let list = async |caller, path| stage.ok(caller, "GET", path, Value::Null).await["Items"].clone();
    assert_eq!(list(&bob, "/prompt-templates?public=true").await.as_array().unwrap().len(), 1);
    assert_eq!(list(&eve, "/prompt-templates?public=true").await, json!([]));
    let body = json!({ "title": "T", "body": "b2", "groups": ["lisa:public"] });
    assert_eq!(stage.ask(&bob, "PUT", &path, body.clone()).await.0, StatusCode::FORBIDDEN);
    assert_eq!(stage.ask(&eve, "PUT", &path, body.clone()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(stage.ok(&ada, "PUT", &path, body).await["revision"], 2);
    assert_eq!(list(&eve, "/prompt-templates?public=true").await[0]["body"], "b2");
    assert_eq!(list(&ada, "/prompt-templates").await.as_array().unwrap().len(), 1, "the last revision alone");
    stage.ok(&ada, "DELETE", &path, Value::Null).await;
    assert_eq!(stage.ask(&ada, "GET", &path, Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(list(&eve, "/prompt-templates?public=true").await, json!([]));
    let wrong = json!({ "title": "T", "body": "b", "groups": ["team"] });
    assert_eq!(stage.ask(&ada, "POST", "/prompt-templates", wrong).await.0, 422);
}

#[tokio::test]
async fn configuration_has_versions() {
    let (stage, ada, root) = (Stage::embedded().await, person("ada", &[]), person("root", &["admins"]));
    let versions = async || stage.ok(&ada, "GET", "/configuration?configScope=global", Value::Null).await;
    let first = versions().await;
    assert_eq!(first[0]["configuration"]["enabledComponents"]["encryptSession"], false);
    let put = json!({ "changeReason": "why", "configuration": { "enabledComponents": {}, "maxProjectsPerUser": 1 } });
    assert_eq!(stage.ask(&ada, "PUT", "/configuration/global", put.clone()).await.0, StatusCode::FORBIDDEN);
    assert_eq!(stage.ok(&root, "PUT", "/configuration/global", put.clone()).await["versionId"], 1);
    assert_eq!(stage.ok(&root, "PUT", "/configuration/global", put.clone()).await["versionId"], 2);
    let mut old = put;
    old["versionId"] = json!(1);
    assert_eq!(stage.ask(&root, "PUT", "/configuration/global", old).await.0, StatusCode::CONFLICT);
    let now = versions().await;
    assert_eq!((&now[0]["versionId"], &now[0]["changedBy"]), (&json!(2), &json!("root")));
    assert_eq!(now[1]["versionId"], 1);
    stage.ok(&ada, "POST", "/project", json!({ "name": "1" })).await;
    let (status, error) = stage.ask(&ada, "POST", "/project", json!({ "name": "2" })).await;
    assert!(status == 422 && error["message"].as_str().unwrap().contains("no more may be made"), "{error}");
    assert_eq!(stage.ask(&ada, "GET", "/configuration?configScope=other", Value::Null).await.0, 422);
}

#[tokio::test]
async fn preferences_are_ones_own() {
    let (stage, ada, bob) = (Stage::embedded().await, person("ada", &[]), person("bob", &[]));
    let body = json!({ "user": "bob", "preferences": { "dark": true } });
    assert_eq!(stage.ok(&ada, "PUT", "/user-preferences", body).await["user"], "ada");
    assert_eq!(stage.ok(&ada, "GET", "/user-preferences", Value::Null).await["preferences"]["dark"], true);
    assert_eq!(stage.ok(&bob, "GET", "/user-preferences", Value::Null).await["preferences"], json!({}));
}

#[tokio::test]
async fn a_token_is_shown_once_and_stored_as_its_hash() {
    let stage = Stage::embedded().await;
    let (ada, root) = (person("ada", &["api"]), person("root", &["admins"]));
    let made = stage.ok(&ada, "POST", "/api-tokens", json!({ "name": "ci" })).await;
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with(api_token::PREFIX) && made["groups"] == json!(["api"]), "{made}");
    let row = stage.state.tokens.as_ref().unwrap();
    let rows = row.list(api_token::key_of, 0).await.unwrap();
    assert_eq!(rows[0].key, api_token::key_of(token), "the gateway finds it by its hash");
    let path = format!("/api-tokens/{}", made["tokenUUID"].as_str().unwrap());
    let shown = stage.ok(&ada, "GET", &path, Value::Null).await;
    assert!(shown["token"].is_null() && shown["name"] == "ci", "{shown}");
    assert_eq!(stage.ask(&ada, "POST", "/api-tokens", json!({})).await.0, 422, "one for each person");
    assert_eq!(
        stage.ask(&person("eve", &[]), "POST", "/api-tokens", json!({})).await.0,
        StatusCode::FORBIDDEN
    );
    let by_token = lisa_auth::Caller { via: Via::ApiToken("x".to_owned()), ..person("tim", &["api"]) };
    assert_eq!(stage.ask(&by_token, "POST", "/api-tokens", json!({})).await.0, StatusCode::FORBIDDEN);
    let beyond = json!({ "groups": ["admins"] });
    assert_eq!(stage.ask(&person("kim", &["api"]), "POST", "/api-tokens", beyond).await.0, 422);
    let system = json!({ "name": "batch", "groups": ["g"], "isSystemToken": true });
    assert_eq!(stage.ok(&root, "POST", "/api-tokens/robot", system).await["username"], "robot");
    let past = json!({ "tokenExpiration": 1 });
    assert_eq!(stage.ask(&root, "POST", "/api-tokens/robot", past).await.0, 422);
    assert_eq!(
        stage.ok(&root, "GET", "/api-tokens", Value::Null).await["tokens"].as_array().unwrap().len(),
        2
    );
    assert_eq!(
        stage.ok(&ada, "GET", "/api-tokens", Value::Null).await["tokens"].as_array().unwrap().len(),
        1
    );
    assert_eq!(stage.ok(&ada, "DELETE", &path, Value::Null).await, json!({ "deleted": true }));
    assert_eq!(stage.ask(&ada, "GET", &path, Value::Null).await.0, StatusCode::NOT_FOUND);
}
