//! The description as a page for people: one file, nothing to fetch, nothing that runs.

use std::fmt::Write as _;

use serde_json::{Map, Value};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}\
    code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f4f4f6;overflow:auto;padding:1rem}\
    h2{border-top:1px solid #ccd;margin-top:2rem;padding-top:1rem}table{border-collapse:collapse}\
    td{border-bottom:1px solid #dde;padding:.25rem 1rem .25rem 0;vertical-align:top}\
    .method{font-weight:bold;text-transform:uppercase}";

/// The page of a description.
pub fn page(document: &Value) -> String {
    let info = &document["info"];
    let title = escaped(text(&info["title"]));
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title} {}</h1><p>{}</p><p><a href=\"openapi.json\">openapi.json</a></p>",
        escaped(text(&info["version"])),
        escaped(text(&info["description"])),
    );
    for (path, operations) in fields(&document["paths"]) {
        for (method, operation) in fields(operations) {
            write_operation(&mut page, path, method, operation);
        }
    }
    page.push_str("<h2>Types</h2>");
    for (name, schema) in fields(&document["components"]["schemas"]) {
        // Writing to a string cannot fail, here and below.
        let _ = write!(page, "<h3 id=\"{name}\">{name}</h3><pre>{}</pre>", escaped(&format!("{schema:#}")));
    }
    page + "</body></html>"
}

fn write_operation(page: &mut String, path: &str, method: &str, operation: &Value) {
    let _ = write!(
        page,
        "<h2>{}</h2><p><span class=\"method\">{method}</span> <code>{}</code></p><p>{}</p><table>",
        escaped(text(&operation["summary"])),
        escaped(path),
        escaped(text(&operation["description"])),
    );
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (name, place) = (escaped(text(&parameter["name"])), escaped(text(&parameter["in"])));
        let told = escaped(text(&parameter["description"]));
        let _ = write!(page, "<tr><td><code>{name}</code> ({place})</td><td>{told}</td></tr>");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        let _ = write!(page, "<tr><td>body</td><td>{}</td></tr>", named(body));
    }
    for (status, answer) in fields(&operation["responses"]) {
        let told = escaped(text(&answer["description"]));
        let schema = answer["content"].as_object().and_then(|content| content.values().next());
        let schema = schema.map(|content| named(&content["schema"])).unwrap_or_default();
        let _ = write!(page, "<tr><td>{status}</td><td>{told} {schema}</td></tr>");
    }
    page.push_str("</table>");
}

/// A type by its name, as a link to it.
fn named(schema: &Value) -> String {
    match schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        Some(name) => format!("<a href=\"#{name}\"><code>{name}</code></a>"),
        None => String::new(),
    }
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
