//! Rerankers: TEI is asked in its own way, others as the caller asks.

use std::io::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::stage::{Keep, Origin, Stage, model};
use crate::registry::{Endpoint, Target, Upstream};

/// As TEI 1.x answers, its headers included.
const SCORES: &str = r#"[{"index":1,"score":0.9976},{"index":0,"score":0.0123}]"#;
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-compute-type: cpu\r\nx-compute-characters: \
                    32\r\nx-compute-tokens: 17\r\nx-total-time: 12\r\n";

fn tei() -> Origin {
    Origin::start(Arc::new(|request, stream| {
        let (head, body) = if request.line.starts_with("POST /rerank ") {
            (HEAD, SCORES)
        } else {
            ("HTTP/1.1 422 Unprocessable Entity\r\n", r#"{"error":"no","error_type":"Validation"}"#)
        };
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
        Keep::Open
    }))
}

fn stage(origin: &Origin, is_tei: bool) -> Stage {
    let upstream = Upstream::parse(&format!("http://{}/v1", origin.address)).expect("a URL");
    let upstream = Upstream { is_tei, ..upstream };
    let endpoint =
        Endpoint { model: Some("org/reranker".to_owned()), ..Endpoint::new(1, Target::Http(upstream)) };
    Stage::serving(vec![model("ranks", vec![endpoint])], 1 << 20)
}

const ASKED: &str =
    r#"{"model":"ranks","query":"Where is Paris?","documents":["Bananas","In France"],"top_n":1}"#;

#[test]
fn tei_is_asked_at_its_own_route() {
    let origin = tei();
    let stage = stage(&origin, true);
    let answer = stage.post("/v2/serve/v1/rerank", ASKED);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let found: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(found["results"], json!([{ "index": 1, "relevance_score": 0.9976 }]));
    assert_eq!((&found["model"], &found["usage"]["total_tokens"]), (&json!("ranks"), &json!(17)));
    let asked: Value =
        serde_json::from_slice(&origin.requests().pop().expect("a request").body).expect("JSON");
    let expected = json!({ "query": "Where is Paris?", "texts": ["Bananas", "In France"], "truncate": true });
    assert_eq!(asked, expected);
    let text = stage.shared.metrics.text();
    assert!(text.contains(r#"lisa_tokens_total{model="ranks",kind="prompt"} 17"#), "{text}");
    let wrong = stage.post("/v2/serve/rerank", r#"{"model":"ranks","query":"x"}"#);
    assert!(wrong.status == 400 && wrong.body.contains("documents"), "{}", wrong.body);
}

#[test]
fn others_are_asked_as_the_caller_asks() {
    let said = r#"{"id":"rerank-1","results":[{"index":0,"relevance_score":0.5}]}"#;
    let origin = Origin::saying("200 OK", said);
    let stage = stage(&origin, false);
    assert_eq!(stage.post("/v2/serve/rerank", ASKED).body, said);
    let request = origin.requests().pop().expect("a request");
    assert_eq!(request.line, "POST /v1/rerank HTTP/1.1");
    assert_eq!(String::from_utf8_lossy(&request.body), ASKED.replace("\"ranks\"", "\"org/reranker\""));
}
