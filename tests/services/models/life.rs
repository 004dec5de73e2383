//! One model from `lisa model add` to `lisa model delete`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;

use super::place::{Place, request, said};

/// What the model answers through its load balancer, which only the emulator knows by its name.
fn chat(place: &Place, url: &str, model: &str) -> String {
    let host = url.trim_start_matches("http://").split('/').next().unwrap();
    let body = json!({ "model": model, "messages": [{ "role": "user", "content": "ping" }] }).to_string();
    let address = place.proxy.url().trim_start_matches("http://").parse().unwrap();
    let mut stream = TcpStream::connect::<std::net::SocketAddr>(address).unwrap();
    write!(
        stream,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_model_lives_on_the_emulator() {
    let place = Place::set();
    place.write("model.json", &request("mistral"));
    let added = place.does(&["model", "add", "-f", "model.json", "--wait"]);
    assert_eq!(added["status"], "InService", "{added}");
    let url = added["modelUrl"].as_str().unwrap();
    assert!(url.ends_with("/v1"), "{url}");
    let answer = chat(&place, url, "mistralai/Mistral-7B-Instruct-v0.2");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("'content':'ping'"), "{answer}");

    let again = place.lisa(&["model", "add", "-f", "model.json"]);
    assert!(said(&again).contains("already exists"), "{}", said(&again));

    let listed = place.does(&["model", "list"]);
    assert_eq!(listed["models"][0]["modelId"], "mistral");

    let scaled = place.does(&["model", "update", "mistral", "--max", "2", "--wait"]);
    assert_eq!(scaled["autoScalingConfig"]["maxCapacity"], 2);

    let changed =
        place.does(&["model", "update", "mistral", "--environment", "MAX_TOTAL_TOKENS=512", "--wait"]);
    assert_eq!(changed["containerConfig"]["environment"]["MAX_TOTAL_TOKENS"], "512");
    assert_eq!(changed["status"], "InService");

    let stopped = place.does(&["model", "stop", "mistral", "--wait"]);
    assert_eq!(stopped["status"], "Stopped");
    let started = place.does(&["model", "start", "mistral", "--wait"]);
    assert_eq!(started["status"], "InService");

    let deleted = place.does(&["model", "delete", "mistral", "--yes", "--wait"]);
    assert_eq!(deleted, json!({ "modelId": "mistral", "deleted": true }));
    assert!(!place.emulator.stacks("us-east-1").unwrap().contains(&"demo-mistral".to_owned()));
}
