//! Sessions through the API: upstream's routes and what is new.

use http::StatusCode;
use serde_json::{Value, json};

use super::stage::{Stage, person, said};

fn history(session: &Value) -> Vec<&str> {
    session["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_conversation_is_put_and_read() {
    let (stage, ada) = (Stage::embedded().await, person("ada", &[]));
    assert_eq!(stage.ok(&ada, "GET", "/session", Value::Null).await, json!([]));
    assert_eq!(stage.ask(&ada, "GET", "/session/s-1", Value::Null).await.0, StatusCode::NOT_FOUND);
    let turn = json!({
        "messages": [said("human", "Why is the sky blue?"), {
            "type": "ai", "content": "Scattering.", "metadata": { "usage": { "totalTokens": 40 } },
        }],
        "configuration": { "model": "m" },
    });
    let written = stage.ok(&ada, "PUT", "/session/s-1", turn.clone()).await;
    assert_eq!(
        (written["totalTokensUsed"].clone(), written["messageIds"].as_array().unwrap().len()),
        (json!(40), 2)
    );
    assert_eq!(stage.ok(&ada, "PUT", "/session/s-1", turn).await["totalTokensUsed"], 40, "once is enough");
    let session = stage.ok(&ada, "GET", "/session/s-1", Value::Null).await;
    assert_eq!(history(&session), ["Why is the sky blue?", "Scattering."]);
    assert_eq!(session["configuration"], json!({ "model": "m" }));
    assert_eq!((&session["userId"], &session["sessionId"]), (&json!("ada"), &json!("s-1")));
    let list = stage.ok(&ada, "GET", "/session", Value::Null).await;
    assert_eq!(list[0]["firstHumanMessage"], "Why is the sky blue?");
    assert_eq!(list[0]["isEncrypted"], false);
    assert_eq!(list[0]["createTime"], session["createTime"]);
}

#[tokio::test]
async fn an_append_follows_and_another_answer_branches() {
    let (stage, ada) = (Stage::embedded().await, person("ada", &[]));
    let first = json!({ "messages": [said("human", "a"), said("ai", "b")] });
    let ids = stage.ok(&ada, "PUT", "/session/s", first).await["messageIds"].clone();
    let more = json!({ "messages": [said("human", "c")] });
    stage.ok(&ada, "POST", "/session/s/messages", more).await;
    let session = stage.ok(&ada, "GET", "/session/s", Value::Null).await;
    assert_eq!(history(&session), ["a", "b", "c"]);
    let other = json!({ "parentId": ids[0], "messages": [said("ai", "b2")] });
    stage.ok(&ada, "POST", "/session/s/messages", other).await;
    let session = stage.ok(&ada, "GET", "/session/s", Value::Null).await;
    assert_eq!(history(&session), ["a", "b2"]);
    let tree = stage.ok(&ada, "GET", "/session/s/messages", Value::Null).await;
    let all = tree["messages"].as_array().unwrap();
    assert_eq!((all.len(), &tree["lastId"]), (4, &session["messageIds"][1]), "nothing is lost");
    assert_eq!(all.iter().filter(|message| message["parentId"] == ids[0]).count(), 2);
    let nowhere = json!({ "parentId": "000001-AAAAAAAAAAAAAAAAAAAAAA", "messages": [said("ai", "x")] });
    assert_eq!(stage.ask(&ada, "POST", "/session/s/messages", nowhere).await.0, StatusCode::NOT_FOUND);
    let back = json!({ "messages": [said("human", "a"), said("ai", "b"), said("human", "c")] });
    stage.ok(&ada, "PUT", "/session/s", back).await;
    let tree = stage.ok(&ada, "GET", "/session/s/messages", Value::Null).await;
    assert_eq!(tree["messages"].as_array().unwrap().len(), 4, "a branch that is there is not written again");
}

#[tokio::test]
async fn heads_come_in_pages_newest_first() {
    let (stage, ada) = (Stage::embedded().await, person("ada", &[]));
    for number in 0..7 {
        let body = json!({ "messages": [said("human", &format!("{number}"))], "name": format!("n{number}") });
        stage.ok(&ada, "PUT", &format!("/session/s-{number}"), body).await;
    }
    let mut seen = Vec::new();
    let mut path = "/session?limit=3".to_owned();
    for _ in 0..4 {
        let page = stage.send(&ada, "GET", &path, "").await;
        let heads: Vec<Value> = serde_json::from_str(page.body()).unwrap();
        assert!(heads.len() <= 3);
        seen.extend(heads.into_iter().map(|head| head["name"].as_str().unwrap().to_owned()));
        let Some(next) = page.headers().get("x-next-token") else { break };
        path = format!("/session?limit=3&nextToken={}", next.to_str().unwrap());
    }
    assert_eq!(seen, ["n6", "n5", "n4", "n3", "n2", "n1", "n0"]);
    stage.ok(&ada, "PUT", "/session/s-0/name", json!({ "name": "renamed" })).await;
    let pinned = stage.ok(&ada, "PUT", "/session/s-3/pin", json!({ "pinned": true })).await;
    assert_eq!(pinned["pinned"], true);
    let list = stage.ok(&ada, "GET", "/session", Value::Null).await;
    assert_eq!((&list[0]["name"], &list[1]["name"]), (&json!("renamed"), &json!("n6")));
    assert_eq!(
        stage.ask(&ada, "GET", "/session?nextToken=x", Value::Null).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn sessions_are_deleted_with_everything_in_them() {
    let (stage, ada, bob) = (Stage::embedded().await, person("ada", &[]), person("bob", &[]));
    let body = json!({ "messages": [said("human", "zebra")], "configuration": { "a": 1 } });
    for (caller, id) in [(&ada, "s"), (&ada, "t"), (&bob, "s")] {
        stage.ok(caller, "PUT", &format!("/session/{id}"), body.clone()).await;
    }
    assert_eq!(stage.ok(&ada, "DELETE", "/session/s", Value::Null).await, json!({ "deleted": true }));
    assert_eq!(stage.ok(&ada, "DELETE", "/session/s", Value::Null).await, json!({ "deleted": false }));
    assert_eq!(stage.ok(&ada, "DELETE", "/session", Value::Null).await, json!({ "deleted": true }));
    assert_eq!(stage.ok(&ada, "GET", "/session/search?query=zebra", Value::Null).await["hits"], json!([]));
    let left = stage.state.sessions.table().scan(None, None).await.unwrap().items;
    assert!(!left.is_empty() && left.iter().all(|item| item["pk"] == "user#bob"), "{left:?}");
}

#[tokio::test]
async fn words_are_found_in_ones_own_sessions_alone() {
    let (stage, ada, bob) = (Stage::embedded().await, person("ada", &[]), person("bob", &[]));
    let text = "The Überraschung of quicksort is its worst case.";
    stage
        .ok(&ada, "PUT", "/session/s", json!({ "messages": [said("human", text), said("ai", "Indeed.")] }))
        .await;
    stage.ok(&bob, "PUT", "/session/s", json!({ "messages": [said("human", "quicksort too")] })).await;
    for (query, found) in [
        ("quicksort", 1),
        ("QUICK", 1),
        ("worst%20quicksort", 1),
        ("%C3%BCberr", 1),
        ("sort", 0),
        ("quicksort%20zebra", 0),
    ] {
        let page = stage.ok(&ada, "GET", &format!("/session/search?query={query}"), Value::Null).await;
        assert_eq!(page["hits"].as_array().unwrap().len(), found, "{query}: {page}");
        if found > 0 {
            assert_eq!(
                (&page["hits"][0]["sessionId"], &page["hits"][0]["excerpt"]),
                (&json!("s"), &json!(text))
            );
        }
    }
    assert_eq!(stage.ask(&ada, "GET", "/session/search?query=%22%29", Value::Null).await.0, 422);
}

#[tokio::test]
async fn what_is_exported_is_imported_whole_and_once() {
    let (stage, ada, bob) = (Stage::embedded().await, person("ada", &[]), person("bob", &[]));
    let body = json!({ "messages": [said("human", "a"), said("ai", "b")], "name": "N", "configuration": { "k": 1 } });
    let ids = stage.ok(&ada, "PUT", "/session/s", body).await["messageIds"].clone();
    let other = json!({ "parentId": ids[0], "messages": [said("ai", "b2")] });
    stage.ok(&ada, "POST", "/session/s/messages", other).await;
    let file = stage.ok(&ada, "GET", "/session/s/export", Value::Null).await;
    for _ in 0..2 {
        let made = stage.ok(&bob, "POST", "/session/import", file.clone()).await;
        let id = made["sessions"][0]["sessionId"].as_str().unwrap();
        let session = stage.ok(&bob, "GET", &format!("/session/{id}"), Value::Null).await;
        assert_eq!((history(&session), &session["name"]), (vec!["a", "b2"], &json!("N")));
        assert_eq!(session["configuration"], json!({ "k": 1 }));
        let tree = stage.ok(&bob, "GET", &format!("/session/{id}/messages"), Value::Null).await;
        assert_eq!(tree["messages"].as_array().unwrap().len(), 3);
    }
    assert_eq!(stage.ok(&bob, "GET", "/session", Value::Null).await.as_array().unwrap().len(), 1);
    let text = stage.send(&ada, "GET", "/session/s/export?format=markdown", "").await;
    assert!(text.body().starts_with("# N\n") && text.body().ends_with("## You\n\na\n\n## Assistant\n\nb2\n"));
    assert!(text.headers()["content-disposition"].to_str().unwrap().contains("session-s.md"));
    let (status, error) = stage.ask(&ada, "POST", "/session/import", json!([{}])).await;
    assert!(status == 422 && error["message"].as_str().unwrap().contains("ChatGPT"), "{error}");
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let (stage, ada) = (Stage::embedded().await, person("ada", &[]));
    for (method, path, body, named) in [
        ("PUT", "/session/a%23b", json!({ "messages": [] }), "sessionId"),
        ("PUT", "/session/a", json!({ "messages": [], "name": "" }), "name"),
        ("POST", "/session/a/messages", json!({ "messages": [] }), "messages"),
        ("POST", "/session/a/messages", json!({ "messages": [{}], "parentId": "x" }), "parentId"),
    ] {
        let (status, error) = stage.ask(&ada, method, path, body).await;
        assert!(
            status == 422 && error["message"].as_str().unwrap().contains(named),
            "{path}: {status} {error}"
        );
    }
    let (status, _) = stage
        .ask(
            &ada,
            "PUT",
            "/session/a/attachImage",
            json!({
                "message": { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA==" } },
            }),
        )
        .await;
    assert_eq!(status, StatusCode::NOT_IMPLEMENTED, "there is no bucket here, and the answer says so");
}
