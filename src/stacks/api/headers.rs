//! What API Gateway says by itself: answers to browsers' preflight requests, and the headers and texts of refusals.
//!
//! Callers show a token and never a cookie, so that `Access-Control-Allow-Credentials` is not sent: a page of another
//! origin can use no more than what it has been given.

use lisa_config::Config;
use serde_json::{Value as Json, json};

/// Headers that every answer carries, beside those about origins.
pub(super) const SECURITY: [(&str, &str); 3] = [
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
];

/// Headers that pages may send.
const ALLOWED_HEADERS: &str = "Authorization,Content-Type,Idempotency-Key,X-Amz-Date,X-Api-Key,X-Request-Id";

/// Methods that pages may use.
const ALLOWED_METHODS: &str = "DELETE,GET,OPTIONS,POST,PUT";

/// Seconds for which a browser may remember the answer; none remembers it for longer.
const MAX_AGE: &str = "7200";

/// A constant, as API Gateway quotes it.
pub(super) fn constant(text: &str) -> String {
    format!("'{text}'")
}

/// A path with its `OPTIONS` method alone, which API Gateway answers itself.
pub(super) fn preflight(config: &Config) -> Json {
    let names = [
        "Access-Control-Allow-Headers",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Origin",
        "Access-Control-Max-Age",
        "Vary",
    ];
    let values = [ALLOWED_HEADERS, ALLOWED_METHODS, first_origin(config), MAX_AGE, "Origin"];
    let declared: Json = names.iter().map(|name| ((*name).to_owned(), text_header())).collect();
    let mapped: Json =
        names.iter().zip(values).map(|(name, value)| (mapping(name), Json::from(constant(value)))).collect();
    json!({ "options": {
        "responses": { "204": { "description": "What pages may do", "headers": declared } },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": { "application/json": "{\"statusCode\": 204}" },
            "responses": { "default": {
                "statusCode": "204",
                "responseParameters": mapped,
                "responseTemplates": { "application/json": other_origins(config) },
            } },
        },
    } })
}

/// The mapping of a response header.
pub(super) fn mapping(header: &str) -> String {
    format!("method.response.header.{header}")
}

/// How a response declares a header.
pub(super) fn text_header() -> Json {
    json!({ "schema": { "type": "string" } })
}

/// The origin that is named unless the request comes from another one that is allowed.
fn first_origin(config: &Config) -> &str {
    config.cors_allowed_origins.first().map_or("*", String::as_str)
}

/// Names the request's own origin where it is one of several that are allowed: the header holds one at most.
fn other_origins(config: &Config) -> String {
    let others: Vec<String> =
        config.cors_allowed_origins.iter().skip(1).map(|origin| format!("$origin == \"{origin}\"")).collect();
    if others.is_empty() {
        return String::new();
    }
    let read = "#set($origin = $input.params().header.get(\"Origin\"))\n\
                #if(!$origin)#set($origin = $input.params().header.get(\"origin\"))#end\n";
    let answer = "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)";
    format!("{read}#if({}){answer}#end", others.join(" || "))
}

/// Refusals: in JSON, with the headers that let a page of an allowed origin read them.
///
/// They hold nothing that belongs to a caller, and a constant is all that a refusal can name. So with several origins
/// any may read them.
pub(super) fn gateway_responses(config: &Config) -> Json {
    let origin = match config.cors_allowed_origins.as_slice() {
        [one] => one.as_str(),
        _ => "*",
    };
    let security = SECURITY.iter().copied();
    let headers =
        [("Access-Control-Allow-Origin", origin), ("Cache-Control", "no-store")].into_iter().chain(security);
    let headers: Json = headers
        .map(|(name, value)| (format!("gatewayresponse.header.{name}"), Json::from(constant(value))))
        .collect();
    let refusal = |error: &str, message: &str| {
        json!({
            "responseParameters": headers,
            "responseTemplates": {
                "application/json": format!("{{\"error\": \"{error}\", \"message\": {message}}}"),
            },
        })
    };
    let mut unknown = refusal("NotFound", "\"there is no such route\"");
    unknown["statusCode"] = json!(404);
    json!({
        "DEFAULT_4XX": refusal("$context.error.responseType", "$context.error.messageString"),
        "DEFAULT_5XX": refusal("$context.error.responseType", "$context.error.messageString"),
        // API Gateway's own word for a route that it does not know is 403, `Missing Authentication Token`.
        "MISSING_AUTHENTICATION_TOKEN": unknown,
    })
}
