//! The web page's files, which API Gateway reads from their bucket: the only routes beside the documentation that
//! need no token, since the page is what signs people in.

use lisa_cfn::{Arn, Value, aws::iam};
use serde_json::{Map, Value as Json, json};

use super::headers::{SECURITY, constant, mapping, text_header};
use crate::naming::Naming;

/// Request headers that are passed to S3.
const ASKED: [&str; 4] = ["Accept", "Content-Disposition", "Content-Type", "If-None-Match"];

/// Response headers that are passed from S3.
const ANSWERED: [&str; 5] =
    ["Cache-Control", "Content-Disposition", "Content-Length", "Content-Type", "ETag"];

/// The bucket of the web page.
pub(crate) fn bucket(naming: &Naming) -> String {
    naming.bucket("site")
}

/// `GET /` is the page, `GET /{proxy+}` any file of it. Routes that are named go before these.
pub(super) fn paths(bucket: &str, role: &Value<Arn<iam::Role>>) -> Map<String, Json> {
    let page = read(&format!("{bucket}/index.html"), role, false);
    let file = read(&format!("{bucket}/{{proxy}}"), role, true);
    [("/", page), ("/{proxy+}", file)]
        .map(|(path, get)| (path.to_owned(), json!({ "get": get })))
        .into_iter()
        .collect()
}

fn read(object: &str, role: &Value<Arn<iam::Role>>, by_path: bool) -> Json {
    let uri =
        Value::<String>::sub(format!("arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:s3:path/{object}"));
    let mut parameters: Vec<Json> = ASKED.iter().map(|name| parameter(name, "header", false)).collect();
    let mut request: Map<String, Json> = ASKED
        .iter()
        .map(|name| {
            (format!("integration.request.header.{name}"), format!("method.request.header.{name}").into())
        })
        .collect();
    if by_path {
        parameters.push(parameter("proxy", "path", true));
        request.insert("integration.request.path.proxy".into(), "method.request.path.proxy".into());
    }
    json!({
        "parameters": parameters,
        "responses": {
            "200": response("The file", ANSWERED.into_iter()),
            "304": response("The file that the caller has", ["ETag"].into_iter()),
            "404": response("No such file", std::iter::empty()),
        },
        "x-amazon-apigateway-integration": {
            "type": "aws",
            "httpMethod": "GET",
            "uri": uri.as_json(),
            "credentials": role.as_json(),
            "passthroughBehavior": "when_no_match",
            "requestParameters": request,
            "responses": {
                "200": mapped("200", ANSWERED.into_iter()),
                "304": mapped("304", ["ETag"].into_iter()),
                // S3 says 403 for a file that is not there to a reader that may not list the bucket.
                "default": missing(),
            },
        },
    })
}

fn parameter(name: &str, place: &str, required: bool) -> Json {
    json!({ "name": name, "in": place, "required": required, "schema": { "type": "string" } })
}

fn response(description: &str, passed: impl Iterator<Item = &'static str>) -> Json {
    let names = passed.chain(SECURITY.iter().map(|(name, _)| *name));
    let headers: Json = names.map(|name| (name.to_owned(), text_header())).collect();
    json!({ "description": description, "headers": headers })
}

fn mapped(status: &str, passed: impl Iterator<Item = &'static str>) -> Json {
    let passed =
        passed.map(|name| (mapping(name), Json::from(format!("integration.response.header.{name}"))));
    let own = SECURITY.iter().map(|(name, value)| (mapping(name), Json::from(constant(value))));
    let headers: Json = passed.chain(own).collect();
    json!({ "statusCode": status, "responseParameters": headers })
}

/// S3's own words name the bucket, so they are not passed on.
fn missing() -> Json {
    let mut response = mapped("404", std::iter::empty());
    response["responseTemplates"] = json!({
        "application/json": "{\"error\": \"NotFound\", \"message\": \"there is no such file\"}",
    });
    response
}
