//! Routes of a REST API that answer without asking who is calling.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Reach, ReachDiff};
use crate::diff::template::Template;

const METHODS: [&str; 7] =
    ["delete", "get", "head", "patch", "post", "put", "x-amazon-apigateway-any-method"];

/// Routes that are open now and were not, and the other way round.
pub(super) fn compare(old: &Template, new: &Template) -> Vec<ReachDiff> {
    let (before, after) = (open_routes(old), open_routes(new));
    let told = |(id, route): &(String, String), reach, verb: &str| ReachDiff {
        reach,
        subject: id.clone(),
        text: format!("anyone who reaches `{id}` {verb} call {route} without signing in"),
    };
    let more = after.difference(&before).map(|route| told(route, Reach::Public, "can now"));
    let less = before.difference(&after).map(|route| told(route, Reach::Less, "can no longer"));
    more.chain(less).collect()
}

fn open_routes(template: &Template) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (id, resource) in template.resources() {
        if resource.kind() != "AWS::ApiGateway::RestApi" {
            continue;
        }
        let Some(body) = resource.property("Body") else { continue };
        let paths = body.get("paths").and_then(Value::as_object).into_iter().flatten();
        for (path, item) in paths {
            let open =
                METHODS.iter().filter(|method| item.get(**method).is_some_and(|route| is_open(route, body)));
            found.extend(open.map(|method| (id.to_owned(), format!("{} {path}", word(method)))));
        }
    }
    found
}

/// Whether a route names nothing that asks who is calling, and the whole API does not either.
fn is_open(route: &Value, body: &Value) -> bool {
    let security = route.get("security").or_else(|| body.get("security"));
    let asks = security.and_then(Value::as_array).is_some_and(|schemes| {
        !schemes.is_empty()
            && !schemes.iter().any(|scheme| scheme.as_object().is_some_and(serde_json::Map::is_empty))
    });
    !asks && route.get("x-amazon-apigateway-auth").is_none()
}

fn word(method: &str) -> String {
    if method.starts_with("x-") { "ANY".to_owned() } else { method.to_ascii_uppercase() }
}
