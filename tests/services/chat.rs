//! The chat back end's own program in Lambda, over the emulator's DynamoDB: what API Gateway passes on is kept, for whom
//! its authorizer has named.

use std::process::Command;

use lisa_api::tables;
use lisa_signed::Signed;
use lisa_testkit::emulator::create_table;
use lisa_testkit::runtime_api::{Function, Outcome, proxied};
use lisa_testkit::{Emulator, programs};
use serde_json::{Value, json};

use super::environment;

/// A request of somebody's whom the authorizer has let in.
fn asked(
    function: &Function,
    user: &str,
    method: &str,
    resource: &str,
    path: &str,
    body: &Value,
) -> (u64, Value) {
    let mut event = proxied(method, resource, path);
    event["requestContext"]["authorizer"] = json!({
        "principalId": user, "username": user, "authType": "jwt", "groups": "[\"team\"]",
        "isAdmin": "false", "isRagAdmin": "false", "isApiUser": "false",
    });
    for name in ["queryStringParameters", "multiValueQueryStringParameters"] {
        event[name] = Value::Null;
    }
    if !body.is_null() {
        event["body"] = body.to_string().into();
    }
    let Outcome::Returned(answer) = function.invoke(event).unwrap() else { panic!("{}", function.log()) };
    let body = answer["body"].as_str().unwrap();
    (answer["statusCode"].as_u64().unwrap(), serde_json::from_str(body).unwrap())
}

#[test]
fn a_conversation_is_kept_for_its_owner() {
    let emulator = Emulator::start().unwrap();
    let signed = Signed::new(&emulator.session("test", "us-east-1").unwrap());
    emulator.block_on(async {
        create_table(&signed, "sessions", &tables::SESSIONS).await.unwrap();
        create_table(&signed, "chat", &tables::CHAT).await.unwrap();
    });
    let url = emulator.url();
    let mut environment: Vec<(&str, &str)> = environment::of("lisa-chat");
    environment.extend([
        ("SESSIONS_TABLE_NAME", "sessions"),
        ("CONFIG_TABLE_NAME", "chat"),
        ("AWS_ENDPOINT_URL", url.as_str()),
    ]);
    let function =
        Function::start(Command::new(programs::service("lisa-chat").unwrap()), "chat", &environment).unwrap();
    let session = "/session/{sessionId}";
    let message = |text: &str| json!({ "type": "human", "content": text, "metadata": {} });

    let (status, empty) = asked(&function, "ada", "GET", "/session", "/session", &Value::Null);
    assert_eq!((status, empty), (200, json!([])));
    let put = json!({ "messages": [message("private words")], "name": "first" });
    assert_eq!(asked(&function, "ada", "PUT", session, "/session/s", &put).0, 200);
    let more = json!({ "messages": [message("and more")] });
    let path = "/session/s/messages";
    assert_eq!(asked(&function, "ada", "POST", "/session/{sessionId}/messages", path, &more).0, 200);

    let (status, kept) = asked(&function, "ada", "GET", session, "/session/s", &Value::Null);
    assert_eq!((status, &kept["history"]), (200, &json!([message("private words"), message("and more")])));
    let (_, list) = asked(&function, "ada", "GET", "/session", "/session", &Value::Null);
    assert_eq!((&list[0]["name"], &list[0]["firstHumanMessage"]), (&json!("first"), &json!("private words")));
    let (status, refused) = asked(&function, "eve", "GET", session, "/session/s", &Value::Null);
    assert_eq!((status, &refused["error"]), (404, &json!("NotFound")));
    assert_eq!(
        asked(&function, "ada", "DELETE", session, "/session/s", &Value::Null).1,
        json!({ "deleted": true })
    );
    assert_eq!(asked(&function, "ada", "GET", session, "/session/s", &Value::Null).0, 404);
    assert!(!function.log().contains("private"), "{}", function.log());
}
