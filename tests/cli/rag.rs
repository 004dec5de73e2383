//! `lisa rag`: the requests that go to the API, and what people and programs are told.

use lisa_testkit::{Recorded, Replay};
use serde_json::{Value, json};

use crate::cli::project::Project;

fn passage(source: &str, page: u32, text: &str) -> Value {
    let metadata = json!({
        "source": source, "document_id": "d", "headings": ["Pumps", "Starting"],
        "pages": { "first": page, "last": page }, "similarity_score": 0.8125,
    });
    json!({ "Document": { "page_content": text, "metadata": metadata } })
}

fn found(passages: &[Value]) -> Recorded {
    Recorded::new(200, json!({ "docs": passages }).to_string())
}

#[test]
fn a_folder_is_uploaded_ingested_and_waited_for() {
    let storage = Replay::start(vec![Recorded::new(204, "")]).unwrap();
    let form = json!({ "response": { "url": storage.url(), "fields": { "key": "uploads/ada/below/a.md" } } });
    let api = Replay::start(vec![
        Recorded::new(200, form.to_string()),
        Recorded::new(200, json!({ "jobs": [{ "jobId": "j" }] }).to_string()),
        Recorded::new(200, json!({ "status": "INGESTION_COMPLETED", "embedded": 3 }).to_string()),
    ])
    .unwrap();
    let project = Project::empty().env("LISA_TOKEN", "secret");
    project.write("docs/below/a.md", "# Pumps");
    project.write("docs/program.exe", "none");
    let ingested = project.lisa(&["rag", "ingest", "docs", "--repository", "main", "--url", api.url(), "-q"]);
    insta::assert_snapshot!(ingested, @"
    exit 0
    --- stdout
    1 of 1 documents can be found; 0 had not changed, 3 texts were embedded
    1 files are no documents, or larger than 50 MB
    ");
    let asked = api.asked();
    assert!(asked[0].starts_with("POST /repository/presigned-url ") && asked[0].ends_with("\"below/a.md\""));
    assert!(asked.iter().all(|request| request.contains("authorization: Bearer secret\r\n")), "{asked:?}");
    assert!(asked[1].starts_with("POST /repository/main/bulk "), "{asked:?}");
    assert!(asked[1].ends_with("{\"keys\":[\"uploads/ada/below/a.md\"]}"), "{asked:?}");
    assert!(asked[2].starts_with("GET /repository/main/jobs/j "), "{asked:?}");
    let stored = storage.asked();
    assert!(
        stored[0].contains("# Pumps") && !stored[0].contains("secret"),
        "the token is not for the storage"
    );
}

#[test]
fn a_question_finds_passages() {
    let api = Replay::start(vec![found(&[passage("guide.pdf", 4, "Open\nvalve 3.")])]).unwrap();
    let arguments = ["rag", "search", "How? & why", "--repository", "main", "--url", api.url()];
    insta::assert_snapshot!(Project::empty().lisa(&arguments), @"
    exit 0
    --- stdout
    1. guide.pdf, page 4, Pumps › Starting (0.81)
       Open valve 3.
    ");
    let asked = api.asked();
    let path = "GET /repository/main/similaritySearch?query=How%3F%20%26%20why&topK=5&score=true ";
    assert!(asked[0].starts_with(path), "{asked:?}");
}

#[test]
fn questions_are_counted() {
    let right = passage("guide.pdf", 4, "Open valve 3.");
    let wrong = passage("other.pdf", 4, "Close it.");
    let api = Replay::start(vec![found(&[wrong, right.clone()]), found(&[right]), found(&[])]).unwrap();
    let project = Project::empty();
    let relevant = json!([{ "document": "guide.pdf", "page": 4 }]);
    let lines = [
        json!({ "question": "How?", "relevant": relevant }),
        json!({ "question": "And then?", "before": ["How?"], "relevant": relevant }),
        json!({ "question": "Who is the king of France?" }),
    ];
    project.write("questions.jsonl", lines.map(|line| line.to_string()).join("\n"));
    let arguments =
        ["rag", "eval", "questions.jsonl", "--repository", "main", "--url", api.url(), "--score-floor=0.3"];
    let report = project.lisa(&[arguments.as_slice(), &["--output", "json"]].concat()).json();
    assert_eq!((&report["answerable"], &report["hitAt5"]), (&json!(2), &json!(1.0)), "{report}");
    assert_eq!((&report["mrrAt10"], &report["unanswerable"]), (&json!(0.75), &json!(1)), "{report}");
    assert_eq!(report["nothingFound"], 1);
    assert!(report["p95Milliseconds"].as_u64() >= report["medianMilliseconds"].as_u64(), "{report}");
    assert!(api.asked()[1].contains("query=How%3F%20And%20then%3F&"), "with the question before it");
    assert!(api.asked()[1].contains("&scoreFloor=0%2E3 "), "{:?}", api.asked());
}

#[test]
fn what_is_wrong_is_said() {
    let project = Project::empty();
    project.write("questions.jsonl", "{\"ask\": 1}");
    let arguments = ["rag", "eval", "questions.jsonl", "--repository", "main", "--url", "http://127.0.0.1:9"];
    let wrong = project.lisa(&arguments);
    assert_eq!(wrong.exit, Some(3), "{wrong}");
    assert!(wrong.stderr.contains("line 1 is no question"), "{wrong}");
    let refused = Recorded::new(404, json!({ "message": "repository `none` does not exist" }).to_string());
    let api = Replay::start(vec![refused]).unwrap();
    let wrong = project.lisa(&["rag", "search", "a", "--repository", "none", "--url", api.url()]);
    assert_eq!(wrong.exit, Some(6), "{wrong}");
    assert!(wrong.stderr.contains("repository `none` does not"), "{wrong}");
}
