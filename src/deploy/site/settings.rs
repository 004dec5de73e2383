//! `env.js`: what the web page is told of its deployment, from the outputs of the `ui` stack.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The file's name.
pub const FILE: &str = "env.js";

/// Outputs that are no settings.
const NOT_TOLD: [&str; 1] = ["SiteBucket"];

/// The file's text. Each output is a setting, named by its words in capitals: `RestapiUri` is `RESTAPI_URI`. Names and
/// shapes are upstream's: `RAG_ENABLED` is a truth value, `CUSTOM_SCOPES` a list, `SYSTEM_BANNER` an object.
pub fn text(outputs: &BTreeMap<String, String>) -> String {
    let told = outputs.iter().filter(|(name, _)| !NOT_TOLD.contains(&name.as_str()));
    let mut settings: Map<String, Value> =
        told.map(|(name, text)| (setting(name), value(name, text))).collect();
    settings.entry("CUSTOM_SCOPES").or_insert_with(|| Vec::<Value>::new().into());
    script(&settings)
}

/// The file's text for settings that are known by their names already.
pub fn script(settings: &Map<String, Value>) -> String {
    format!("window.env = {:#};\n", Value::Object(settings.clone()))
}

fn setting(output: &str) -> String {
    let mut name = String::new();
    for letter in output.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

fn value(output: &str, text: &str) -> Value {
    match output {
        "RagEnabled" => (text == "true").into(),
        "CustomScopes" => text.split_whitespace().collect::<Vec<_>>().into(),
        "SystemBanner" => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn settings_have_upstreams_names_and_shapes() {
        let outputs = [
            ("SiteBucket", "prod-lisa-prod-site-123456789012-us-east-1"),
            ("Authority", "https://login.example.com"),
            ("ClientId", "lisa"),
            ("JwtGroupsProp", "groups"),
            ("CustomScopes", "groups offline_access"),
            ("RagEnabled", "false"),
            ("RestapiUri", "https://serve.example.com"),
            ("RestapiVersion", "v2"),
            ("ApiBaseUrl", "/prod/"),
            ("SystemBanner", r#"{"text":"</script>","fontColor":"white"}"#),
        ];
        let outputs = outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        insta::assert_snapshot!(text(&outputs), @r#"
        window.env = {
          "API_BASE_URL": "/prod/",
          "AUTHORITY": "https://login.example.com",
          "CLIENT_ID": "lisa",
          "CUSTOM_SCOPES": [
            "groups",
            "offline_access"
          ],
          "JWT_GROUPS_PROP": "groups",
          "RAG_ENABLED": false,
          "RESTAPI_URI": "https://serve.example.com",
          "RESTAPI_VERSION": "v2",
          "SYSTEM_BANNER": {
            "fontColor": "white",
            "text": "</script>"
          }
        };
        "#);
    }
}
