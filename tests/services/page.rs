//! The web page: what it makes of a deployment's settings, and that it asks nobody else for anything.

use std::fs;
use std::path::PathBuf;

use lisa_testkit::{Tool, repository, tool};
use serde_json::{Value, json};

/// What the page's own functions return for these settings.
fn known(env: &Value) -> Value {
    let module = repository::path("src/web/deployment.js");
    let script = format!(
        "import({:?}).then(({{ deployment, addresses, snippets }}) => {{\n\
           const known = deployment({env}, 'https://abc.execute-api.us-east-1.amazonaws.com');\n\
           console.log(JSON.stringify({{ known, addresses: addresses(known), snippets: snippets(known) }}));\n\
         }})",
        format!("file://{}", module.canonicalize().unwrap().display())
    );
    tool::run_json(Tool::Node.command().unwrap().args(["--input-type=module", "--eval", &script])).unwrap()
}

fn files() -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(repository::path("src/web")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn addresses_follow_from_the_settings() {
    let page = known(&json!({
        "RESTAPI_URI": "https://serve.example",
        "RESTAPI_VERSION": "v2",
        "API_BASE_URL": "/dev/",
        "RAG_ENABLED": "true",
        "SYSTEM_BANNER": r##"{"text": "For tests", "fontColor": "#fff", "backgroundColor": "#000"}"##,
    }));
    let known = &page["known"];
    assert_eq!(known["serve"], "https://serve.example/v2/serve");
    assert_eq!(known["serveHealth"], "https://serve.example/health");
    assert_eq!(known["rest"], "https://abc.execute-api.us-east-1.amazonaws.com/dev");
    assert_eq!(known["restProbe"], "https://abc.execute-api.us-east-1.amazonaws.com/dev/openapi.json");
    assert_eq!((&known["rag"], &known["banner"]["text"]), (&json!(true), &json!("For tests")));
    let snippets = page["snippets"].to_string();
    assert!(snippets.contains(r#"base_url=\"https://serve.example/v2/serve\""#), "{snippets}");
}

#[test]
fn an_unset_page_shows_no_address_that_is_not_there() {
    let page = known(&json!({}));
    assert_eq!(page["known"]["serve"], Value::Null);
    assert_eq!(page["known"]["rest"], "https://abc.execute-api.us-east-1.amazonaws.com");
    assert_eq!(page["snippets"].as_array().unwrap().len(), 1);
    let full = known(&json!({ "API_BASE_URL": "https://api.example/dev" }));
    assert_eq!(full["known"]["rest"], "https://api.example/dev");
}

/// A deployment may have no way to the internet; the namespace of SVG is no address.
#[test]
fn no_file_names_another_host() {
    for (path, text) in files() {
        let text = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!text.contains("http://") && !text.contains("https://"), "{}", path.display());
        assert!(!text.contains("url(") && !text.contains("innerHTML"), "{}", path.display());
    }
}

#[test]
fn everything_that_the_script_fills_is_in_the_page() {
    let files = files();
    let text = |name: &str| &files.iter().find(|(path, _)| path.ends_with(name)).unwrap().1;
    let ids: Vec<_> =
        text("page.js").split("byId(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(ids.len() > 5, "{ids:?}");
    for id in ids {
        assert!(text("index.html").contains(&format!("id=\"{id}\"")), "{id}");
    }
}
