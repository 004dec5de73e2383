//! Who may ask what.

use super::stage::{ADMIN, Cast, Origin, Stage, USER};

#[test]
fn nobody_passes_without_a_credential() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    for (method, path) in [
        ("GET", "/v2/serve/models"),
        ("GET", "/v2/serve/models/m"),
        ("POST", "/v2/serve/chat/completions"),
        ("GET", "/metrics"),
        ("GET", "/nothing"),
        ("DELETE", "/v2/serve/models/m"),
    ] {
        for headers in [&[][..], &[("Authorization", "Bearer wrong")], &[("Api-Key", "")]] {
            let answer = stage.ask(method, path, headers, r#"{"model":"m"}"#);
            assert_eq!(answer.status, 401, "{method} {path}");
            assert!(
                answer.body.contains("invalid_api_key") && answer.head.contains("www-authenticate: bearer")
            );
        }
    }
    assert!(origin.requests().is_empty());
    for path in ["/health", "/health/readiness", "/health/liveness"] {
        let answer = stage.ask("GET", path, &[], "");
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"status":"OK"}"#), "{path}");
    }
}

#[test]
fn models_are_shown_to_those_who_may_use_them() {
    let origin = Origin::saying("200 OK", "{}");
    let cast = [
        Cast("open", &[], None, &[origin.address]),
        Cast("ours", &["users"], None, &[origin.address]),
        Cast("theirs", &["others"], None, &[origin.address]),
    ];
    let stage = Stage::new(&cast);
    let names = |token: &str| {
        let answer = stage.ask("GET", "/v2/serve/v1/models", &[("Api-Key", token)], "");
        ["open", "ours", "theirs"].map(|name| answer.body.contains(&format!("\"{name}\"")))
    };
    assert_eq!(names(USER), [true, true, false]);
    assert_eq!(names(ADMIN), [true, true, true]);
    for (name, status) in [("open", 200), ("ours", 200), ("theirs", 404), ("none", 404)] {
        let headers = [("x-api-key", USER)];
        assert_eq!(
            stage.ask("GET", &format!("/v2/serve/models/{name}"), &headers, "").status,
            status,
            "{name}"
        );
        assert_eq!(stage.chat(&format!(r#"{{"model":"{name}"}}"#)).status, status, "{name}");
    }
    let unknown = stage.chat(r#"{"model":"none"}"#).body.replace("none", "theirs");
    assert_eq!(stage.chat(r#"{"model":"theirs"}"#).body, unknown, "a model of others looks like none");
}

#[test]
fn counters_are_for_administrators() {
    let stage = Stage::new(&[]);
    assert_eq!(stage.ask("GET", "/metrics", &[("Api-Key", USER)], "").status, 404);
    let answer = stage.ask("GET", "/metrics", &[("Api-Key", ADMIN)], "");
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("lisa_requests_total{model=\"\",status=\"4xx\"} 1"), "{}", answer.body);
}

#[test]
fn methods_routes_and_ids() {
    let stage = Stage::new(&[]);
    let user = ("Api-Key", USER);
    let wrong = stage.ask("GET", "/v2/serve/chat/completions", &[user], "");
    assert!(wrong.status == 405 && wrong.body.contains("allowed: POST"), "{}", wrong.body);
    assert!(stage.ask("POST", "/v2/serve/key/generate", &[user], "{}").body.contains("unknown_url"));
    let own = stage.ask("GET", "/health", &[("X-Request-Id", "abc-123")], "");
    assert!(own.head.contains("x-request-id: abc-123"));
    let made = stage.ask("GET", "/health", &[("X-Request-Id", "a b\"<script>")], "");
    assert!(!made.head.contains("script") && made.head.contains("x-request-id: "));
}

#[test]
fn browsers_are_let_in_from_the_configured_origin() {
    let stage = Stage::new(&[]);
    let from = |origin: &str| stage.ask("OPTIONS", "/v2/serve/models", &[("Origin", origin)], "");
    let ours = from("https://page.example.com");
    assert!(
        ours.status == 204 && ours.head.contains("access-control-allow-origin: https://page.example.com")
    );
    assert!(ours.head.contains("access-control-allow-headers: authorization"));
    assert!(!from("https://evil.example.com").head.contains("access-control-allow-origin"));
    assert!(!ours.head.contains("access-control-allow-credentials"));
}

#[test]
fn who_asks_too_often_waits() {
    let stage = Stage::new(&[]);
    let ask = |token: &str| stage.ask("GET", "/v2/serve/models", &[("Api-Key", token)], "");
    let refused = (0..300).map(|_| ask(USER)).find(|answer| answer.status != 200).expect("a limit");
    assert_eq!(refused.status, 429);
    assert!(
        refused.body.contains("rate_limit_exceeded") && refused.head.contains("retry-after: "),
        "{}",
        refused.head
    );
    assert_eq!(ask(ADMIN).status, 200, "others are not held up");
}

#[test]
fn a_response_is_not_asked_for_by_its_id_and_that_is_told() {
    let stage = Stage::new(&[]);
    let user = [("Authorization", "Bearer user-token")];
    for (method, path) in [
        ("GET", "/v2/serve/responses/resp_1"),
        ("DELETE", "/v2/serve/v1/responses/resp_1"),
        ("GET", "/v2/serve/responses/resp_1/input_items"),
        ("POST", "/v2/serve/responses/resp_1/cancel"),
    ] {
        let answer = stage.ask(method, path, &user, "");
        assert!(answer.status == 404 && answer.body.contains("response_not_kept"), "{path}: {}", answer.body);
        assert_eq!(stage.ask(method, path, &[], "").status, 401, "{path}");
    }
}
