//! Who answers instead: endpoints asked again, models that stand in, and when nobody does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lisa_litellm::Reason;

use super::stage::{Cast, Keep, Origin, Stage, USER, model, server};
use crate::attempts::Attempts;
use crate::registry::{Endpoint, Model, Times};

const ASKED: &str = r#"{"model":"m"}"#;

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn models_stand_in_in_their_order() {
    let [down, gone] = [(); 2].map(|()| Origin::saying("503 Service Unavailable", "down"));
    let last = Origin::saying("200 OK", "last");
    let attempts = Attempts { fallbacks: named(&["none", "hidden", "gone", "last"]), ..Attempts::default() };
    let first = Model { attempts, ..model("m", vec![server(1, down.address)]) };
    let hidden = Model { groups: named(&["others"]), ..model("hidden", vec![server(2, last.address)]) };
    // A ring of models that stand in for one another ends.
    let ring = Attempts { fallbacks: named(&["m"]), ..Attempts::default() };
    let gone_ = Model { attempts: ring, ..model("gone", vec![server(3, gone.address)]) };
    let models = vec![first, hidden, gone_, model("last", vec![server(4, last.address)])];
    let stage = Stage::serving(models, 1 << 20);
    assert_eq!(stage.chat(ASKED).body, "last");
    assert_eq!((down.requests().len(), gone.requests().len()), (1, 1));
    let request = last.requests().pop().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        r#"{"model":"last"}"#,
        "nobody is asked for a model of others"
    );
}

#[test]
fn what_is_too_long_or_refused_goes_to_models_for_that() {
    let long =
        Origin::saying("400 Bad Request", r#"{"error":{"message":"x","code":"context_length_exceeded"}}"#);
    let vllm = Origin::saying(
        "400 Bad Request",
        r#"{"message":"This model's maximum context length is 9 tokens."}"#,
    );
    let refused =
        Origin::saying("400 Bad Request", r#"{"error":{"code":"content_policy_violation","message":"x"}}"#);
    let wrong = Origin::saying("400 Bad Request", r#"{"error":{"message":"wrong"}}"#);
    let [large, kind] = ["large", "kind"].map(|name| Origin::saying("200 OK", name));
    let attempts = || Attempts {
        context_window_fallbacks: named(&["large"]),
        content_policy_fallbacks: named(&["kind"]),
        ..Attempts::default()
    };
    let asked = [("long", &long), ("vllm", &vllm), ("refused", &refused), ("wrong", &wrong)];
    let mut models: Vec<Model> = asked
        .iter()
        .zip(1..)
        .map(|((name, origin), id)| Model {
            attempts: attempts(),
            ..model(name, vec![server(id, origin.address)])
        })
        .collect();
    models.extend([
        model("large", vec![server(9, large.address)]),
        model("kind", vec![server(10, kind.address)]),
    ]);
    let stage = Stage::serving(models, 1 << 20);
    let ask = |name: &str| stage.chat(&format!("{{\"model\":\"{name}\"}}")).body;
    assert_eq!([ask("long"), ask("vllm"), ask("refused")], ["large", "large", "kind"]);
    assert_eq!(ask("wrong"), r#"{"error":{"message":"wrong"}}"#, "its own words, unchanged");
}

#[test]
fn one_endpoint_is_asked_again_where_that_is_wished_for() {
    let busy = Origin::saying("429 Too Many Requests", "busy");
    let again = |again_after| Attempts { retries: 2, again_after, ..Attempts::default() };
    let pause = Duration::from_millis(20);
    let patient = Model { attempts: again(Some(pause)), ..model("m", vec![server(1, busy.address)]) };
    let stage = Stage::serving(vec![patient], 1 << 20);
    let begun = Instant::now();
    assert_eq!(stage.chat(ASKED).status, 429);
    assert!(busy.requests().len() == 3 && begun.elapsed() >= pause * 2);
    let hasty = Stage::serving(
        vec![Model { attempts: again(None), ..model("m", vec![server(1, busy.address)]) }],
        1 << 20,
    );
    assert_eq!((hasty.chat(ASKED).status, busy.requests().len()), (429, 4));
}

#[test]
fn an_error_of_the_request_does_not_take_an_endpoint_away() {
    let ill = Origin::saying("500 Internal Server Error", "ill");
    let stage = Stage::new(&[Cast("m", &[], None, &[ill.address])]);
    for _ in 0..10 {
        assert_eq!(stage.chat(ASKED).status, 500);
    }
    let snapshot = stage.shared.registry.now();
    let endpoint = &snapshot.get("m").unwrap().endpoints[0];
    assert!(!endpoint.health.is_ejected() && endpoint.health.outstanding() == 0);
    let headers = [("Api-Key", USER)];
    assert_eq!(stage.ask("GET", "/v2/serve/models", &headers, "").status, 200);
}

#[test]
fn each_kind_of_failure_is_asked_again_as_often_as_its_policy_says() {
    const FILTERED: &str = r#"{"error":{"code":"content_policy_violation","message":"x"}}"#;
    let by_reason = [
        (Reason::BadRequest, 1),
        (Reason::Authentication, 2),
        (Reason::RateLimit, 3),
        (Reason::ContentPolicy, 4),
        (Reason::Internal, 0),
    ];
    for (head, body, tries) in [
        ("400 Bad Request", "no", 2),
        ("401 Unauthorized", "no", 3),
        ("429 Too Many Requests", "no", 4),
        ("400 Bad Request", FILTERED, 5),
        ("500 Internal Server Error", "no", 1),
        ("404 Not Found", "no", 1),
        // Nothing is said of it: as often as of any failure, and not at an endpoint that was asked already.
        ("503 Service Unavailable", "no", 1),
    ] {
        let origin = Origin::saying(head, body);
        let attempts = Attempts { by_reason: by_reason.into(), ..Attempts::default() };
        let stage =
            Stage::serving(vec![Model { attempts, ..model("m", vec![server(1, origin.address)]) }], 1 << 20);
        let answer = stage.chat(ASKED);
        assert_eq!((answer.status.to_string().as_str(), answer.body.as_str()), (&head[..3], body));
        assert_eq!(origin.requests().len(), tries, "{head} {body}");
    }
}

#[test]
fn what_is_too_slow_is_asked_again_where_that_is_wished_for() {
    let slow = Origin::start(Arc::new(|_, _| {
        std::thread::sleep(Duration::from_secs(1));
        Keep::Closed
    }));
    let attempts = Attempts { by_reason: [(Reason::Timeout, 2)].into(), ..Attempts::default() };
    let times = Times { first_byte: Duration::from_millis(100), ..Times::default() };
    let endpoint = Endpoint { times, ..server(1, slow.address) };
    let stage = Stage::serving(vec![Model { attempts, ..model("m", vec![endpoint]) }], 1 << 20);
    assert_eq!(stage.chat(ASKED).status, 504);
    assert_eq!(slow.requests().len(), 3);
}

#[test]
fn a_model_that_cannot_be_asked_says_so_and_is_no_secret() {
    let why = Some("its key cannot be read: AccessDeniedException".to_owned());
    let ill = Model { unusable: why, ..model("ill", Vec::new()) };
    let well = Origin::saying("200 OK", "{}");
    let stage = Stage::serving(vec![ill, model("well", vec![server(1, well.address)])], 1 << 20);
    let answer = stage.chat(r#"{"model":"ill"}"#);
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.body.contains(r#""code":"model_unusable""#), "{}", answer.body);
    assert!(answer.body.contains("`ill`") && !answer.body.contains("AccessDenied"), "{}", answer.body);
    assert_eq!(stage.chat(r#"{"model":"well"}"#).status, 200);
    let listed = stage.ask("GET", "/v2/serve/models", &[("Authorization", "Bearer user-token")], "").body;
    assert!(listed.contains(r#""ill""#), "{listed}");
}
