//! API-57 and API-58: what the OpenAPI body of a REST API asks of every request.

use serde_json::{Map, Value};

use crate::leaf::Leaf;
use crate::report::Severity::{High, Low};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Standard};
use crate::walk::intrinsic;
use crate::world::{Resource, World};

pub(crate) const AUTHORIZER: Rule = Rule {
    id: "API-57-authorizer",
    title: "Every method has an authorizer, unless it is on the list of public ones",
    why: "Anybody who knows the address calls the method, without a token.",
    remedy: "Give the operation a `security` scheme with an authorizer, or put the route on the list of public ones.",
    cost: None,
    from: Dev,
    severity: High,
    check: Check::With(authorizer),
};

pub(crate) const VALIDATION: Rule = Rule {
    id: "API-58-validation",
    title: "The API refuses malformed requests before they cost anything",
    why: "Every malformed request starts a function and tries its parser.",
    remedy: "Set `x-amazon-apigateway-request-validator` for the whole document, and define the validator.",
    cost: None,
    from: Standard,
    severity: Low,
    check: Check::With(validation),
};

const METHODS: [&str; 7] =
    ["get", "put", "post", "delete", "head", "patch", "x-amazon-apigateway-any-method"];

/// An OpenAPI body that a template holds; each branch of `Fn::If` is one.
struct Document<'a> {
    root: &'a Map<String, Value>,
}

struct Operation<'a> {
    path: &'a str,
    method: String,
    body: &'a Value,
}

impl<'a> Document<'a> {
    /// Every operation but `OPTIONS`, which browsers send without credentials. A path or an operation that cannot
    /// be seen (an intrinsic) counts as one without anything.
    fn operations(&self) -> Vec<Operation<'a>> {
        let mut found = Vec::new();
        let paths = self.root.get("paths").and_then(Value::as_object);
        for (path, item) in paths.into_iter().flatten() {
            for (name, body) in branches(item).into_iter().filter_map(Value::as_object).flatten() {
                let method = match name.as_str() {
                    "x-amazon-apigateway-any-method" => "ANY".to_owned(),
                    name if name == "Ref" || name.starts_with("Fn::") => "?".to_owned(),
                    name => name.to_ascii_uppercase(),
                };
                if METHODS.contains(&name.to_ascii_lowercase().as_str()) || method == "?" {
                    found.extend(branches(body).into_iter().map(|body| Operation {
                        path,
                        method: method.clone(),
                        body,
                    }));
                }
            }
        }
        found
    }

    /// Whether an operation's own `security`, or else the document's, lets nobody through without an authorizer.
    fn is_guarded(&self, operation: &Operation<'_>) -> bool {
        let security = operation.body.get("security").or_else(|| self.root.get("security"));
        let Some(Value::Array(alternatives)) = security else {
            return false;
        };
        // Each alternative is enough by itself, so each must have an authorizer.
        !alternatives.is_empty()
            && alternatives.iter().all(|schemes| {
                schemes.as_object().is_some_and(|schemes| schemes.keys().any(|name| self.is_authorizer(name)))
            })
    }

    fn is_authorizer(&self, name: &str) -> bool {
        let in_three = self.root.get("components").and_then(|components| components.get("securitySchemes"));
        let scheme =
            in_three.or_else(|| self.root.get("securityDefinitions")).and_then(|schemes| schemes.get(name));
        scheme.is_some_and(|scheme| {
            let by_type = scheme.get("x-amazon-apigateway-authtype").and_then(Value::as_str);
            by_type.is_some_and(|kind| kind.eq_ignore_ascii_case("awsSigv4"))
                || scheme
                    .get("x-amazon-apigateway-authorizer")
                    .is_some_and(|authorizer| !authorizer.is_null())
        })
    }
}

/// Both branches of `Fn::If`, without `AWS::NoValue`; the value itself otherwise.
fn branches(value: &Value) -> Vec<&Value> {
    match intrinsic(value) {
        Some(("Fn::If", Value::Array(parts))) => parts.iter().skip(1).flat_map(branches).collect(),
        Some(("Ref", Value::String(name))) if name == "AWS::NoValue" => Vec::new(),
        _ => vec![value],
    }
}

/// Visits the bodies of an API. One that is built of methods instead has none; one that lies elsewhere is a
/// finding, for nobody can see what it asks.
fn documents<'a>(
    world: &World<'a>,
    api: &Resource<'a>,
    findings: &mut Findings,
    mut visit: impl FnMut(Document<'a>, &mut Findings),
) {
    for leaf in api.leaves(world, "Body") {
        match leaf {
            Leaf::Literal(Value::Object(root)) => visit(Document { root }, findings),
            Leaf::Missing => {}
            _ => findings.add(api, "Body", "cannot be seen in the template"),
        }
    }
    if api.leaves(world, "BodyS3Location").iter().any(|leaf| leaf.is_present()) {
        findings.add(api, "BodyS3Location", "cannot be seen in the template");
    }
}

fn authorizer(world: &World<'_>, findings: &mut Findings) {
    for api in world.of("AWS::ApiGateway::RestApi") {
        documents(world, api, findings, |document, findings| {
            for operation in document.operations() {
                if !document.is_guarded(&operation) && !is_public(world, &operation.method, operation.path) {
                    let path = format!("Body.paths.{}", operation.path);
                    findings.add(
                        api,
                        path,
                        format!("lets everybody call `{} {}`", operation.method, operation.path),
                    );
                }
            }
        });
    }
    for (kind, method, auth) in [
        ("AWS::ApiGateway::Method", "HttpMethod", "AuthorizationType"),
        ("AWS::ApiGatewayV2::Route", "RouteKey", "AuthorizationType"),
        ("AWS::Lambda::Url", "InvokeMode", "AuthType"),
    ] {
        for resource in world.of(kind) {
            let verbs = resource.texts(world, method);
            let is_options = !verbs.is_empty() && verbs.iter().all(|verb| verb.starts_with("OPTIONS"));
            let is_listed = !verbs.is_empty()
                && verbs.iter().all(|verb| {
                    verb.split_once(' ').is_some_and(|(verb, path)| is_public(world, verb, path))
                });
            for leaf in resource.leaves(world, auth).into_iter().filter(|_| !is_options && !is_listed) {
                if !matches!(leaf.text(), Some("CUSTOM" | "AWS_IAM" | "COGNITO_USER_POOLS" | "JWT")) {
                    findings.add(resource, auth, format!("{}, must name an authorizer", leaf.describe()));
                }
            }
        }
    }
}

fn is_public(world: &World<'_>, method: &str, path: &str) -> bool {
    world
        .settings
        .public_routes
        .iter()
        .any(|route| route.method.eq_ignore_ascii_case(method) && route.path == path)
}

fn validation(world: &World<'_>, findings: &mut Findings) {
    const KEY: &str = "x-amazon-apigateway-request-validator";
    for api in world.of("AWS::ApiGateway::RestApi") {
        documents(world, api, findings, |document, findings| {
            let defined = document.root.get("x-amazon-apigateway-request-validators");
            let is_sound = |name: Option<&Value>| {
                let validator = name.and_then(Value::as_str).and_then(|name| defined?.get(name));
                validator.is_some_and(|validator| {
                    ["validateRequestBody", "validateRequestParameters"]
                        .into_iter()
                        .any(|key| validator.get(key).is_some_and(|flag| Leaf::Literal(flag).is_true()))
                })
            };
            for operation in document.operations() {
                let named = operation.body.get(KEY).or_else(|| document.root.get(KEY));
                if !is_sound(named) {
                    let path = format!("Body.paths.{}", operation.path);
                    findings.add(
                        api,
                        path,
                        format!("takes any request for `{} {}`", operation.method, operation.path),
                    );
                }
            }
        });
    }
    for method in world.of("AWS::ApiGateway::Method") {
        let is_options = method.texts(world, "HttpMethod") == ["OPTIONS"];
        for leaf in method
            .leaves(world, "RequestValidatorId")
            .into_iter()
            .filter(|leaf| !is_options && !leaf.is_present())
        {
            findings.add(method, "RequestValidatorId", format!("{}, must be set", leaf.describe()));
        }
    }
}
